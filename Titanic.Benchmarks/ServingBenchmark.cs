using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Titanic.Benchmarks;

/// <summary>
/// Throughput and latency of <c>POST /api/predictions</c> for each setting of <c>Serving:Log</c>, compared with a bare endpoint with the
/// same response and with FastAPI and scikit-learn. All processes run on the same cores as the load and are measured in turn, in several
/// rounds.
/// </summary>
internal static class ServingBenchmark
{
    private const int InputsPerArray = 10_000;

    public static async Task Measure(bool isQuick)
    {
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        await using (await BenchmarkProduct.Start(database))
        {
            // imports the bundled list and trains a champion; serving needs no further step of the first start
        }
        await database.Execute("insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at, finished_at) values (1, 'Set up', 0, 0, now(), now())");
        using var durable = await StartProduct(database, "durable");
        await MeasureTailLatency(durable, isQuick ? 5 : 30);
        using (var bare = await BareEndpoint.Start())
        using (var off = await StartProduct(database, "off"))
        using (var fastApi = await FastApiPeer.Start())
        {
            await RequireSameMembers(bare, off);
            (string, ListeningProcess)[] ours = [("bare", bare), ("off", off), ("durable", durable)];
            await MeasureThroughput(new ServingRounds(database, fastApi is null ? ours : [.. ours, ("fastapi", fastApi)]), isQuick);
            await MeasureIdle(database, processes: 3, isQuick ? 5 : 20);
            await MeasureArrays(off, isQuick ? 3 : 10);
            await MeasureUnavailableTable(database, durable);
        }
        foreach (var log in (string[])["off", "durable"])
            await AllocationBenchmark.Print(database, log, isQuick ? 3 : 8);
    }

    private static Task<ListeningProcess> StartProduct(BenchmarkDatabase database, string log) => ProductSite.Start(
        database,
        ("ConnectionStrings__Titanic", $"{database.ConnectionString};Application Name={ServingRounds.ApplicationName(log)}"), ("Serving__Log", log),
        // Each request passes the rate limiter, with a limit that the single client of the benchmark does not reach.
        ("Access__RateLimits__PredictingPerSecond", "1000000"), ("Access__RateLimits__PredictingBurst", "1000000"));

    /// <summary>Requires that both return the same members; otherwise the comparison is not valid.</summary>
    private static async Task RequireSameMembers(ListeningProcess bare, ListeningProcess product)
    {
        var (ofBare, ofProduct) = (await ResponseMembers(bare), await ResponseMembers(product));
        if (ofBare != ofProduct)
            throw new InvalidOperationException($"The bare endpoint returns the members {ofBare}; the product returns {ofProduct}.");
    }

    private static async Task<string> ResponseMembers(ListeningProcess site)
    {
        using var response = await site.Client.PostAsJsonAsync("/api/predictions", new { Pclass = 1, Sex = "female", Age = 29, Fare = 100 });
        var members = JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!.AsObject();
        return string.Join(", ", members.Select(member => member.Value is JsonArray values ? $"{member.Key}[{values.Count}]" : member.Key));
    }

    private static async Task MeasureThroughput(ServingRounds rounds, bool isQuick)
    {
        await rounds.Run(isQuick ? 1 : 5, isQuick ? 3 : 10);
        BenchmarkResult.AtLeast("serving-off-of-bare", rounds.RequestsPerSecond("off") / rounds.RequestsPerSecond("bare"), "times", 0.75);
        BenchmarkResult.AtLeast("serving-durable-of-bare", rounds.RequestsPerSecond("durable") / rounds.RequestsPerSecond("bare"), "times", 0.4);
        if (rounds.Contains("fastapi"))
            BenchmarkResult.AtLeast("serving-durable-of-fastapi", rounds.RequestsPerSecond("durable") / rounds.RequestsPerSecond("fastapi"), "times", 10);
        BenchmarkResult.AtMost("serving-errors", rounds.Errors, "requests", 0);
        BenchmarkResult.AtMost("serving-connections", rounds.MostConnections, "connections", 30);
    }

    /// <summary>Transactions of the product in PostgreSQL while it receives no requests.</summary>
    private static async Task MeasureIdle(BenchmarkDatabase database, int processes, int seconds)
    {
        const string Transactions = "select xact_commit from pg_stat_database where datname = current_database()";
        var before = await database.Scalar<long>(Transactions);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var transactions = await database.Scalar<long>(Transactions) - before - 1; // the first query is a transaction, too
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# idle: {(double)transactions / seconds / processes:0.0} transactions/s per product process with all roles"));
    }

    /// <summary>
    /// Latency at 1,000 requests per second. Measured before the throughput, because a checkpoint or vacuum of a million predictions would
    /// distort it.
    /// </summary>
    private static async Task MeasureTailLatency(ListeningProcess durable, int seconds)
    {
        const int RequestsPerSecond = 1000;
        await OpenLoopLoad.Run(durable.Address, RequestsPerSecond, seconds); // warm-up
        var latencies = await OpenLoopLoad.Run(durable.Address, RequestsPerSecond, seconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# open loop, {RequestsPerSecond}/s for {seconds} s, durable: p50 {latencies.Percentile(0.5):0.00} ms, p90 {latencies.Percentile(0.9):0.00} ms, p99.9 {latencies.Percentile(0.999):0.00} ms, maximum {latencies.Percentile(1):0.00} ms"));
        BenchmarkResult.AtMost("serving-open-p99", latencies.Percentile(0.99), "ms", 15);
        BenchmarkResult.AtMost("serving-open-errors", latencies.Errors, "requests", 0);
    }

    /// <summary>
    /// Latency of the 503 responses while predictions cannot be stored: the database is available, but the table is locked.
    /// </summary>
    private static async Task MeasureUnavailableTable(BenchmarkDatabase database, ListeningProcess durable)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("lock table predictions in exclusive mode", connection))
            await hold.ExecuteNonQueryAsync();
        var responses = await OpenLoopLoad.Run(durable.Address, 30, 5); // few enough that each request has its own connection
        BenchmarkResult.AtMost("serving-away-answered", responses.Milliseconds.Count - responses.Errors, "requests", 0);
        BenchmarkResult.AtMost("serving-away-longest", responses.Percentile(1) / 1000, "s", 2);
    }

    private static async Task MeasureArrays(ListeningProcess off, int seconds)
    {
        const int Connections = 4;
        if (await ClosedLoopLoad.RunWrk(off.Address, Connections, seconds, $"{InputsPerArray}") is null) // warm-up
            return;
        var load = (await ClosedLoopLoad.RunWrk(off.Address, Connections, seconds, $"{InputsPerArray}"))!;
        BenchmarkResult.AtLeast("serving-array-10000", load.RequestsPerSecond * InputsPerArray, "predictions/s", 1_000_000);
        BenchmarkResult.AtMost("serving-array-errors", load.Errors, "requests", 0);
    }
}
