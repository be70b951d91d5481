using System.Diagnostics;
using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Benchmarks;

/// <summary>Compares feature store operations with what PostgreSQL itself needs for the same rows, in the same run.</summary>
internal static class FeatureStoreBenchmark
{
    private static readonly DateTimeOffset _sailed = FeatureReader.StartOf(new DateOnly(1912, 4, 15));
    private static readonly Provenance _provenance = new(null, "benchmark");

    public static async Task Measure(bool isQuick)
    {
        var rows = isQuick ? 100_000 : 1_000_000;
        var list = Path.Combine(Path.GetTempPath(), $"titanic-list-{Environment.ProcessId}.csv");
        GeneratedPassengers.WriteCsv(list, rows);
        await using var server = await BenchmarkServer.Start();
        try
        {
            await Backfill(server, list, rows, runs: isQuick ? 1 : 3);
            await PeakMemoryAndReading(server, list, isQuick);
            await DailyCommit(server, isQuick ? 1_000 : 10_000, isQuick ? 200_000 : 10_000_000);
        }
        finally
        {
            File.Delete(list);
        }
    }

    /// <summary>
    /// Backfills the list into an empty feature group and again without changes, and copies the stored passengers and outcomes with a bare
    /// COPY.
    /// </summary>
    private static async Task Backfill(BenchmarkServer server, string list, int rows, int runs)
    {
        var (first, again, bare, barePassengers) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var run = 0; run < runs; run++)
        {
            await using var database = await server.CreateDatabase();
            await database.Checkpoint();
            first.Add(await Seconds(() => Import(database, list, expectInserted: rows)));
            await database.Checkpoint();
            again.Add(await Seconds(() => Import(database, list, expectInserted: 0)));
            var passengers = await BareCopy(database, "passengers");
            barePassengers.Add(passengers);
            bare.Add(passengers + await BareCopy(database, "outcomes"));
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# {rows} rows: backfill {BenchmarkResult.Median(first):0.0} s, again {BenchmarkResult.Median(again):0.0} s, bare COPY {BenchmarkResult.Median(bare):0.0} s, of which passengers without outcomes {BenchmarkResult.Median(barePassengers):0.0} s (medians of {runs})"));
        BenchmarkResult.AtLeast("store-backfill-rows-per-second-against-bare-copy", BenchmarkResult.Median(bare) / BenchmarkResult.Median(first), "ratio", 0.4);
        BenchmarkResult.AtMost("store-unchanged-backfill-against-first", BenchmarkResult.Median(again) / BenchmarkResult.Median(first), "ratio", 1);
    }

    /// <summary>
    /// Peak memory of the product's process during a backfill from its command line; then the stored rows are read as a training dataset.
    /// </summary>
    private static async Task PeakMemoryAndReading(BenchmarkServer server, string list, bool isQuick)
    {
        await using var database = await server.CreateDatabase();
        var product = typeof(Ingestion).Assembly.Location;
        using var import = Process.Start(new ProcessStartInfo("dotnet", [product, "run", "feature", "--backfill", list])
        {
            Environment = { ["ConnectionStrings__Titanic"] = database.ConnectionString },
        })!;
        var peak = 0.0;
        while (!import.WaitForExit(TimeSpan.FromMilliseconds(50)))
            peak = Math.Max(peak, PeakMegabytes(import.Id));
        if (import.ExitCode != 0)
            throw new InvalidOperationException($"The backfill ended with exit code {import.ExitCode}.");
        BenchmarkResult.AtMost("store-backfill-peak-memory", peak, "MB", 400);
        await TrainingDatasetBenchmark.Measure(database.DataSource, isQuick);
    }

    /// <summary>Time of a commit of one row in a small and in a large feature group.</summary>
    private static async Task DailyCommit(BenchmarkServer server, int small, int large)
    {
        const int chunk = 1_000_000;
        await using var database = await server.CreateDatabase();
        await Store(database, 1, small);
        await database.Execute("vacuum analyze");
        var before = await MedianCommit(database, "small");
        for (var stored = small; stored < large; stored += chunk)
            await Store(database, stored + 1, Math.Min(chunk, large - stored));
        await database.Execute("vacuum analyze");
        await database.Checkpoint();
        var after = await MedianCommit(database, "large");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# commit of one row: {before:0.0} ms at {small} rows, {after:0.0} ms at {large} rows"));
        BenchmarkResult.AtMost("store-daily-commit-large-against-small", after / before, "ratio", 1.5);
    }

    private static async Task<double> MedianCommit(BenchmarkDatabase database, string prefix)
    {
        var times = new List<double>();
        var person = new BundledDataset().Passengers[0] with { Name = null };
        for (var number = 0; number < 100; number++)
        {
            var one = person with { SourceKey = $"{prefix}-{number}" };
            var time = await Seconds(() => database.Ingestion.Ingest(
                PassengerBatch.FromPassengers(PassengerSources.Synthetic, "a day of one", _sailed, _sailed, [one]), _provenance, CancellationToken.None));
            if (number >= 20) // the first 20 are the warm-up
                times.Add(time * 1000);
        }
        return BenchmarkResult.Median(times);
    }

    private static Task<IngestionResult> Store(BenchmarkDatabase database, int firstId, int rows)
    {
        var incoming = GeneratedPassengers.Generate(firstId, rows).Select((person, i) => (PassengerRow)new AcceptedRow(i + 1, person)).ToAsyncEnumerable();
        return database.Ingestion.Ingest(
            new PassengerBatch(PassengerSources.Upload, "generated", _sailed, _sailed, incoming, () => []), _provenance, CancellationToken.None);
    }

    private static async Task Import(BenchmarkDatabase database, string list, int expectInserted)
    {
        await using var file = File.OpenRead(list);
        var csv = await PassengerCsv.OpenAsync(file, new PassengersOptions(), CancellationToken.None);
        var result = await database.Ingestion.Ingest(
            new PassengerBatch(PassengerSources.Upload, "generated", _sailed, _sailed, csv.RowsAsync(), () => []), _provenance, CancellationToken.None);
        if (result.Inserted != expectInserted)
            throw new InvalidOperationException($"The import returned \"{result}\"; expected were {expectInserted} inserted rows.");
    }

    /// <summary>Seconds for a COPY of a table's rows into a table with the same columns, checks and indexes.</summary>
    private static async Task<double> BareCopy(BenchmarkDatabase database, string table)
    {
        var path = Path.Combine(Path.GetTempPath(), $"titanic-rows-{Environment.ProcessId}.bin");
        await database.Execute($"create table bare_{table} (like {table} including all)");
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using (var rows = await connection.BeginRawBinaryCopyAsync($"copy (select * from {table} order by passenger_id) to stdout (format binary)"))
        {
            await using var written = File.Create(path);
            await rows.CopyToAsync(written);
        }
        await database.Checkpoint();
        var seconds = await Seconds(async () =>
        {
            await using var file = File.OpenRead(path);
            await using var rows = await connection.BeginRawBinaryCopyAsync($"copy bare_{table} from stdin (format binary)");
            await file.CopyToAsync(rows, bufferSize: 1 << 20);
        });
        File.Delete(path);
        return seconds;
    }

    private static async Task<double> Seconds(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double PeakMegabytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            return 0; // the process has ended
        }
    }
}
