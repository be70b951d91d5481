using System.Globalization;

namespace Titanic.Benchmarks;

/// <summary>
/// Compares list requests to a registry with 10,000 versions with the same requests to one with 10: two processes of the product, requested
/// alternately over HTTP, with the same number of rows in the responses. Then it kills registrations.
/// </summary>
internal static class RegistryBenchmark
{
    private const int Few = 10;
    private const int Many = 10_000;

    /// <summary>The requests to both processes. The responses of both have the same number of rows.</summary>
    private static readonly (string Name, string OfFew, string OfMany)[] _requests =
    [
        ("list", "/api/models?limit=10", "/api/models?limit=10"),
        ("list-page", "/models", "/models"),
        ("search", "/api/models?limit=10&search=trained", "/api/models?limit=10&search=trained"),
        ("search-rare", "/api/models?limit=1&search=needle", "/api/models?limit=1&search=needle"),
        ("search-nothing", "/api/models?limit=10&search=haystack", "/api/models?limit=10&search=haystack"),
        ("filter-verdict", "/api/models?limit=2&verdict=reject", "/api/models?limit=2&verdict=reject"),
        ("filter-tag", "/api/models?limit=2&tag=group=3", "/api/models?limit=2&tag=group=3"),
        ("filter-code-version", "/api/models?limit=2&codeVersion=old", "/api/models?limit=2&codeVersion=old"),
        ("middle-page", "/api/models?limit=10&before=11", $"/api/models?limit=10&before={Many / 2}"),
        ("alias-history", "/api/models/aliases/champion/history?limit=10", "/api/models/aliases/champion/history?limit=10"),
    ];

    public static async Task Measure(bool isQuick)
    {
        await using var server = await BenchmarkServer.Start();
        await using (var few = await CreateDatabaseWithVersions(server, Few))
        await using (var many = await CreateDatabaseWithVersions(server, Many))
            await MeasureLists(few, many, isQuick ? 50 : 400);
        await KilledRegistrationBenchmark.Measure(server, isQuick ? 3 : 20);
    }

    private static async Task MeasureLists(BenchmarkDatabase few, BenchmarkDatabase many, int times)
    {
        using var first = await ProductSite.Start(few, ("Titanic__Roles", "web"));
        using var second = await ProductSite.Start(many, ("Titanic__Roles", "web"));
        foreach (var (name, ofFew, ofMany) in _requests)
        {
            var (fewTimes, manyTimes) = (new List<double>(), new List<double>());
            for (var i = -20; i < times; i++) // the first 20 are the warm-up
            {
                var (small, large) = (await first.MeasureMilliseconds(ofFew), await second.MeasureMilliseconds(ofMany));
                if (i < 0)
                    continue;
                fewTimes.Add(small);
                manyTimes.Add(large);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# {name}: {BenchmarkResult.Median(fewTimes):0.00} ms with {Few} versions, {BenchmarkResult.Median(manyTimes):0.00} ms with {Many}"));
            BenchmarkResult.AtMost($"registry-{name}-{Many}-against-{Few}", BenchmarkResult.Median(manyTimes) / BenchmarkResult.Median(fewTimes), "times", 1.5);
        }
    }

    /// <summary>A database with copies of a trained version, each with its own training dataset and one hour as champion.</summary>
    private static async Task<BenchmarkDatabase> CreateDatabaseWithVersions(BenchmarkServer server, int count)
    {
        var database = await server.CreateDatabase();
        await using (await BenchmarkProduct.Start(database))
        {
            // trains version 1, of which the others are copies
        }
        await database.Execute(
            $$"""
            insert into training_datasets overriding system value
            select (d).* from (select jsonb_populate_record(t, jsonb_build_object('training_dataset_id', n, 'sha256', encode(sha256(n::text::bytea), 'hex'))) d from training_datasets t, generate_series(2, {{count}}) n where t.training_dataset_id = 1) copies;
            insert into model_versions (name, version, algorithm, hyperparameters, evaluations, signature, input_example, artifact, artifact_sha256, training_dataset_id, run_id, code_version,
                                        description, tags, created_at, gate, selection, comparison, revision)
            select name, n, algorithm, hyperparameters, evaluations, signature, input_example, artifact, artifact_sha256, n, run_id, case when n % 5 = 0 then 'old' else code_version end,
                   description || ' Copy ' || n || case when n % 1000 = 7 then ' needle' else '' end, jsonb_build_object('group', (n % 7)::text), created_at + n * interval '1 hour',
                   jsonb_set(gate, '{verdict}', case when n % 4 = 1 then '"REJECT"' else '"PROMOTE"' end::jsonb), selection, comparison, 0
            from model_versions, generate_series(2, {{count}}) n where version = 1;
            update alias_assignments set ended_at = assigned_at + interval '1 hour';
            insert into alias_assignments (model_name, alias, version, assigned_at, ended_at, assigned_by, reason, is_forced, evidence)
            select a.model_name, a.alias, n, a.assigned_at + n * interval '1 hour', case when n < {{count}} then a.assigned_at + (n + 1) * interval '1 hour' end, 'a benchmark', 'an hour', false, a.evidence
            from alias_assignments a, generate_series(2, {{count}}) n where a.version = 1;
            insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at, finished_at) values (1, 'Set up', 0, 0, now(), now());
            """);
        await database.Execute("vacuum analyze");
        await database.Checkpoint();
        return database;
    }
}
