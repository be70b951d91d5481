using System.Diagnostics;
using System.Globalization;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// Kills the product's process with SIGKILL at random times during an import: no partial import may be visible then or later, no locks and
/// temporary tables may remain, and the next import must store all rows.
/// </summary>
internal static class KilledImportBenchmark
{
    private const int Seed = 1912;

    public static async Task Measure(bool isQuick)
    {
        var (rows, kills) = isQuick ? (100_000, 3) : (1_000_000, 20);
        var list = Path.Combine(Path.GetTempPath(), $"titanic-faults-{Environment.ProcessId}.csv");
        GeneratedPassengers.WriteCsv(list, rows);
        await using var server = await BenchmarkServer.Start();
        try
        {
            var seconds = await UndisturbedSeconds(server, list, rows);
            var random = new Random(Seed);
            var clean = 0;
            for (var kill = 0; kill < kills; kill++)
                clean += await Kill(server, list, rows, seconds * random.NextDouble()) ? 1 : 0;
            BenchmarkResult.AtLeast("store-killed-imports-without-trace", clean, $"of-{kills}", kills);
        }
        finally
        {
            File.Delete(list);
        }
    }

    private static async Task<double> UndisturbedSeconds(BenchmarkServer server, string list, int rows)
    {
        await using var database = await server.CreateDatabase();
        var start = Stopwatch.GetTimestamp();
        using var import = Import(database, list);
        await import.WaitForExitAsync();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (await Stored(database) != new Contents(1, rows, rows, 1))
            throw new InvalidOperationException($"An import that was not killed stored {await Stored(database)}; expected were {rows} passengers and outcomes.");
        return seconds;
    }

    private static async Task<bool> Kill(BenchmarkServer server, string list, int rows, double afterSeconds)
    {
        await using var database = await server.CreateDatabase();
        var problems = new List<string>();
        using (var import = Import(database, list))
        {
            var killed = Stopwatch.StartNew();
            while (killed.Elapsed.TotalSeconds < afterSeconds && !import.HasExited)
            {
                Require(await Stored(database), "during the import");
                await Task.Delay(50);
            }
            import.Kill(); // SIGKILL on Unix
            await import.WaitForExitAsync();
        }
        Require(await Stored(database), "after the kill");
        await UntilNothingIsLeft(database); // the server ends the connection of the killed process when the current statement ends
        Require(await Stored(database), "after the connection had ended");
        using (var again = Import(database, list))
            await again.WaitForExitAsync();
        var end = await Stored(database);
        if (end != new Contents(1, rows, rows, 1))
            problems.Add($"the next import stored {end}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# killed after {afterSeconds:0.0} s: {(problems.Count == 0 ? "nothing stored, next import complete" : string.Join("; ", problems))}"));
        return problems.Count == 0;

        void Require(Contents seen, string when)
        {
            if (seen != default && seen != new Contents(1, rows, rows, 1))
                problems.Add($"{seen} was visible {when}");
        }
    }

    private static Process Import(BenchmarkDatabase database, string list) => Process.Start(new ProcessStartInfo(
        "dotnet", [typeof(Ingestion).Assembly.Location, "run", "feature", "--backfill", list])
    {
        Environment = { ["ConnectionStrings__Titanic"] = database.ConnectionString, ["Logging__LogLevel__Default"] = "None" },
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>The row counts, read by one statement and so from one snapshot.</summary>
    private static async Task<Contents> Stored(BenchmarkDatabase database)
    {
        var counts = await database.Scalar<long[]>(
            "select array[(select count(*) from commits), (select count(*) from passengers), (select count(*) from outcomes), (select count(*) from validation_reports)]");
        return new Contents(counts[0], counts[1], counts[2], counts[3]);
    }

    private static async Task UntilNothingIsLeft(BenchmarkDatabase database)
    {
        const string left =
            """
            select (select count(*) from pg_class where relpersistence = 't' and relkind = 'r')
                 + (select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()))
            """;
        var start = Stopwatch.GetTimestamp();
        while (await database.Scalar<long>(left) > 0)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(1))
                throw new TimeoutException("Temporary tables or advisory locks remained for one minute.");
            await Task.Delay(50);
        }
    }

    private readonly record struct Contents(long Commits, long Passengers, long Outcomes, long Reports);
}
