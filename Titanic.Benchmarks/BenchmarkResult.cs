using System.Diagnostics;
using System.Globalization;

namespace Titanic.Benchmarks;

/// <summary>Prints one line for each measured value: <c>figure NAME VALUE UNIT goal OP NUMBER pass|fail</c>.</summary>
internal static class BenchmarkResult
{
    public static void AtMost(string name, double value, string unit, double goal) => Print(name, value, unit, "<=", goal, value <= goal);

    public static void AtLeast(string name, double value, string unit, double goal) => Print(name, value, unit, ">=", goal, value >= goal);

    public static void Between(string name, double value, string unit, double low, double high)
    {
        Print(name, value, unit, ">=", low, value >= low);
        Print(name, value, unit, "<=", high, value <= high);
    }

    /// <summary>The median time of several runs in milliseconds, after one warm-up run.</summary>
    public static double MedianMilliseconds(int runs, Action action)
    {
        action();
        var times = new double[runs];
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            times[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        return Median(times);
    }

    /// <summary>The median; for an even number of values, the upper of the two middle values.</summary>
    public static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Print(string name, double value, string unit, string comparison, double goal, bool isMet) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"figure {name} {value:0.####} {unit} goal {comparison} {goal:0.####} {(isMet ? "pass" : "fail")}"));
}
