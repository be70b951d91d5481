using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Titanic.Benchmarks;

/// <summary>
/// <c>POST /api/predictions</c> by the product's own process under each setting of <c>Serving:Log</c>, beside a bare endpoint with the same answer and
/// beside FastAPI with scikit-learn: all on the same cores as the load, asked in turn, round after round.
/// </summary>
internal static class ServingFigures
{
    private const int QuestionsInAnArray = 10_000;

    public static async Task Measure(bool isQuick)
    {
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        await using (await BenchmarkProduct.Start(database))
        {
            // the shipped list and the champion that learned it; who serves needs no more of a first start
        }
        await database.Execute("insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at, finished_at) values (1, 'Set up', 0, 0, now(), now())");
        using var durable = await Product(database, "durable");
        await Tail(durable, isQuick ? 5 : 30);
        using (var bare = await BareEndpoint.Start())
        using (var off = await Product(database, "off"))
        using (var fastApi = await FastApiPeer.Start())
        {
            await RequireSameMembers(bare, off);
            (string, ListeningProcess)[] ours = [("bare", bare), ("off", off), ("durable", durable)];
            await Ratios(new ServingRounds(database, fastApi is null ? ours : [.. ours, ("fastapi", fastApi)]), isQuick);
            await Idle(database, processes: 3, isQuick ? 5 : 20);
            await Arrays(off, isQuick ? 3 : 10);
            await Away(database, durable);
        }
        foreach (var log in (string[])["off", "durable"])
            await ServingAllocation.Tell(database, log, isQuick ? 3 : 8);
    }

    private static Task<ListeningProcess> Product(BenchmarkDatabase database, string log) => ProductSite.Start(
        database,
        ("ConnectionStrings__Titanic", $"{database.ConnectionString};Application Name={ServingRounds.ApplicationName(log)}"), ("Serving__Log", log),
        // The limiter stays in the way of each request, but lets the one client pass whom it sees here.
        ("Access__RateLimits__PredictingPerSecond", "1000000"), ("Access__RateLimits__PredictingBurst", "1000000"));

    /// <summary>A comparison with an endpoint that says less, or more, would be none.</summary>
    private static async Task RequireSameMembers(ListeningProcess bare, ListeningProcess product)
    {
        var (ofBare, ofProduct) = (await MembersOfAnswer(bare), await MembersOfAnswer(product));
        if (ofBare != ofProduct)
            throw new InvalidOperationException($"The bare endpoint answers with {ofBare}, the product with {ofProduct}.");
    }

    private static async Task<string> MembersOfAnswer(ListeningProcess site)
    {
        using var answer = await site.Client.PostAsJsonAsync("/api/predictions", new { Pclass = 1, Sex = "female", Age = 29, Fare = 100 });
        var members = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!.AsObject();
        return string.Join(", ", members.Select(member => member.Value is JsonArray values ? $"{member.Key}[{values.Count}]" : member.Key));
    }

    private static async Task Ratios(ServingRounds rounds, bool isQuick)
    {
        await rounds.Run(isQuick ? 1 : 5, isQuick ? 3 : 10);
        Figure.AtLeast("serving-off-of-bare", rounds.RequestsPerSecond("off") / rounds.RequestsPerSecond("bare"), "times", 0.75);
        Figure.AtLeast("serving-durable-of-bare", rounds.RequestsPerSecond("durable") / rounds.RequestsPerSecond("bare"), "times", 0.4);
        if (rounds.Has("fastapi"))
            Figure.AtLeast("serving-durable-of-fastapi", rounds.RequestsPerSecond("durable") / rounds.RequestsPerSecond("fastapi"), "times", 10);
        Figure.AtMost("serving-errors", rounds.Errors, "requests", 0);
        Figure.AtMost("serving-connections", rounds.MostConnections, "connections", 30);
    }

    /// <summary>What the product asks of PostgreSQL while nobody asks the product.</summary>
    private static async Task Idle(BenchmarkDatabase database, int processes, int seconds)
    {
        const string Transactions = "select xact_commit from pg_stat_database where datname = current_database()";
        var before = await database.Scalar<long>(Transactions);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var made = await database.Scalar<long>(Transactions) - before - 1; // the first question is one as well
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# idle: {(double)made / seconds / processes:0.0} transactions/s by a process of the product with all roles"));
    }

    /// <summary>Before anything else is there and before the flood: a checkpoint or a vacuum of a million answers is not what a thousand a second cause.</summary>
    private static async Task Tail(ListeningProcess durable, int seconds)
    {
        const int RequestsPerSecond = 1000;
        await OpenLoop.Run(durable.Address, RequestsPerSecond, seconds); // warms up
        var waits = await OpenLoop.Run(durable.Address, RequestsPerSecond, seconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# open loop, {RequestsPerSecond}/s for {seconds} s, durable: p50 {waits.Percentile(0.5):0.00} ms, p90 {waits.Percentile(0.9):0.00} ms, p99.9 {waits.Percentile(0.999):0.00} ms, longest {waits.Percentile(1):0.00} ms"));
        Figure.AtMost("serving-open-p99", waits.Percentile(0.99), "ms", 15);
        Figure.AtMost("serving-open-errors", waits.Errors, "requests", 0);
    }

    /// <summary>How long people wait to be told that their answers cannot be stored: nobody can write into the table, though the database is there.</summary>
    private static async Task Away(BenchmarkDatabase database, ListeningProcess durable)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("lock table predictions in exclusive mode", connection))
            await hold.ExecuteNonQueryAsync();
        var refusals = await OpenLoop.Run(durable.Address, 30, 5); // so few that each has a connection
        Figure.AtMost("serving-away-answered", refusals.Milliseconds.Count - refusals.Errors, "requests", 0);
        Figure.AtMost("serving-away-longest", refusals.Percentile(1) / 1000, "s", 2);
    }

    private static async Task Arrays(ListeningProcess off, int seconds)
    {
        const int Connections = 4;
        if (await ClosedLoop.Wrk(off.Address, Connections, seconds, $"{QuestionsInAnArray}") is null) // warms up
            return;
        var load = (await ClosedLoop.Wrk(off.Address, Connections, seconds, $"{QuestionsInAnArray}"))!;
        Figure.AtLeast("serving-array-10000", load.RequestsPerSecond * QuestionsInAnArray, "answers/s", 1_000_000);
        Figure.AtMost("serving-array-errors", load.Errors, "requests", 0);
    }
}
