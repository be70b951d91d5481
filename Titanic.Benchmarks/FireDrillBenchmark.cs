using System.Diagnostics;
using Titanic.Web.Hosting.FireDrills;
using Titanic.Web.Pipelines.FireDrills;

namespace Titanic.Benchmarks;

/// <summary>
/// Injects ten known faults, each into a copy of a database with a week without faults, and prints which alerts are opened on which day of
/// the fault (day 0 is its first). A fault passes if the expected alert is opened on or before the promised day, and no alerts other than
/// the consequences of the fault.
/// </summary>
internal static class FireDrillBenchmark
{
    public static async Task Measure(bool isQuick)
    {
        var started = Stopwatch.GetTimestamp();
        await using var server = await BenchmarkServer.Start();
        await using var healthy = await server.CreateDatabase();
        await using (var drill = new FireDrill(healthy, DrillFault.All[0]))
            await drill.RunHealthyWeek(CancellationToken.None);
        foreach (var fault in DrillFault.All)
        {
            await using var database = await server.Copy(healthy);
            await using var drill = new FireDrill(database, fault);
            var report = new DrillReport(fault, default, []);
            await foreach (var day in drill.RunFault(isQuick && fault.Expected is null ? 3 : fault.LastDay, CancellationToken.None))
                report = report with { Days = report.Days.Add(day) };
            Print(report);
        }
        BenchmarkResult.AtMost("fire-drill-seconds", Stopwatch.GetElapsedTime(started).TotalSeconds, "s", 60);
    }

    private static void Print(DrillReport report)
    {
        var fault = report.Fault;
        var opened = string.Join(", ", report.Days.SelectMany(day => day.Opened.Select(alert => $"{alert.Name} on day {day.Number}")));
        Console.WriteLine($"# {fault.Name}: {(opened.Length == 0 ? "no alert" : opened)}");
        if (fault.Expected is not null)
            BenchmarkResult.AtMost($"fire-drill-{fault.Name}-day", report.OpenedOn ?? int.MaxValue, "day", fault.WithinDays);
        BenchmarkResult.AtMost($"fire-drill-{fault.Name}-other-alerts", report.Unexpected.Count, "alerts", 0);
        if (fault.RepairedOnDay is not null)
            BenchmarkResult.AtMost($"fire-drill-{fault.Name}-unresolved", report.Days[^1].Unresolved, "alerts", 0);
    }
}
