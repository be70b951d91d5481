using Npgsql;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Registry;

/// <summary>Thirty versions: copies of version 1 with different values of the filtered columns.</summary>
public sealed class VersionListTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Workflow.Execute(
            """
            insert into model_versions (name, version, algorithm, hyperparameters, evaluations, signature, input_example, artifact, artifact_sha256, training_dataset_id,
                                        run_id, code_version, description, tags, created_at, gate)
            select name, n, case when n % 2 = 0 then 'boosted trees (FastTree)' else algorithm end, hyperparameters, evaluations, signature, input_example, artifact, artifact_sha256,
                   training_dataset_id, run_id, 'code ' || n % 3, 'Version of 100%_' || n || ' \ Ärger', jsonb_build_object('group', (n % 5)::text), created_at,
                   jsonb_set(gate, '{verdict}', case when n % 4 = 0 then '"HOLD"' else '"PROMOTE"' end::jsonb)
            from model_versions, generate_series(2, 30) n where version = 1
            """);
    }

    [Fact]
    public async Task Pages_contain_each_version_once()
    {
        var all = new List<int>();
        for (int? before = null; ;)
        {
            var page = await Read(new VersionFilter(), before, 7);
            all.AddRange(page);
            if (page.Count < 7)
                break;
            before = page[^1];
        }

        Assert.Equal(Enumerable.Range(1, 30).Reverse(), all);
    }

    [Fact]
    public async Task A_list_entry_has_the_metrics_of_its_version()
    {
        var listed = (await Workflow.InScope<VersionList, IReadOnlyList<ListedVersion>>(list => list.Read(new VersionFilter(), 2, 1, Cancellation))).Single();
        var version = (await Workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(1, Cancellation)))!;

        Assert.Equal(Accuracy("1x5 cross-validation"), listed.CrossValidatedAccuracy);
        Assert.Equal(Accuracy("leave-one-out"), listed.LeaveOneOutAccuracy);
        Assert.Equal((Verdict.Promote, version.Gate.Reason, 1309, version.Artifact.Length), (listed.Verdict, listed.GateReason, listed.Rows, listed.ArtifactSize));
        Assert.Equal((version.Description, version.CodeVersion, version.RunId, version.ArtifactSha256), (listed.Description, listed.CodeVersion, listed.RunId, listed.ArtifactSha256));
        Assert.Equal(["champion"], listed.Aliases);

        MetricValue Accuracy(string method) => version.Evaluations.Single(e => e.Subject == "knn" && e.Method == method).Metrics["accuracy"];
    }

    [Fact]
    public async Task Returns_the_versions_that_match_all_filters()
    {
        (VersionFilter Filter, int[] Expected)[] cases =
        [
            (new(Search: "100%_17"), [17]),
            (new(Search: "100x_17"), []), // an underscore is no wildcard
            (new(Search: @"17 \ ä"), [17]), // not case-sensitive
            (new(Search: "fasttree", Verdict: "hold", Tag: "group=4"), [24, 4]),
            (new(Verdict: "Hold"), [28, 24, 20, 16, 12, 8, 4]),
            (new(Alias: "champion"), [1]),
            (new(Alias: "challenger"), []),
            (new(Algorithm: "FastTree", CodeVersion: "code 2"), [26, 20, 14, 8, 2]),
            (new(Tag: "group=0"), [30, 25, 20, 15, 10, 5]),
            (new(Tag: "group", Search: "_3"), [30, 3]),
            (new(Tag: "team"), []),
            (new(Search: " ", Verdict: "", Tag: "group = 1"), [26, 21, 16, 11, 6]), // blank values, as a form sends them
        ];
        foreach (var (filter, expected) in cases)
            Assert.Equal(expected, await Read(filter, null, 100));
        Assert.Equal(await Read(new(Algorithm: "K-NN"), null, 100), await Read(new(Search: "k-nn"), null, 100)); // the displayed name
    }

    [Theory]
    [InlineData("verdict", "MAYBE", "There is no verdict \"MAYBE\"; there are PROMOTE, HOLD, REJECT.")]
    [InlineData("alias", "latest", "There is no alias \"latest\"; there are champion, challenger, previous.")]
    [InlineData("algorithm", "oracle", "There is no algorithm \"oracle\"; there are K-NN, Logistic regression, FastTree, LightGBM.")]
    [InlineData("search", "a\0", "The search is \"a\\u0000\"; it must be plain text without control characters.")]
    public void Reports_invalid_filters(string field, string value, string problem)
    {
        var filter = field switch
        {
            "verdict" => new VersionFilter(Verdict: value),
            "alias" => new VersionFilter(Alias: value),
            "algorithm" => new VersionFilter(Algorithm: value),
            _ => new VersionFilter(Search: value),
        };

        Assert.Equal(problem, filter.Problems()[field]);
    }

    [Fact]
    public async Task Reads_neither_artifacts_nor_evaluations()
    {
        // The plan names all columns that are read. PostgreSQL reads the length of the artifact without its bytes.
        await using var explain = Database.DataSource.CreateCommand($"explain (verbose) {VersionList.Sql("")}");
        explain.Parameters.Add(new NpgsqlParameter("name", ModelRegistry.ModelName));
        explain.Parameters.Add(new NpgsqlParameter("limit", 10));
        var plan = new List<string>();
        await using (var line = await explain.ExecuteReaderAsync(Cancellation))
        {
            while (await line.ReadAsync(Cancellation))
                plan.Add(line.GetString(0));
        }

        var output = plan[1];
        Assert.Contains("octet_length(v.artifact)", output, StringComparison.Ordinal);
        Assert.DoesNotContain("v.artifact,", output, StringComparison.Ordinal);
        Assert.DoesNotContain("v.evaluations", output, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<int>> Read(VersionFilter filter, int? before, int limit)
    {
        Assert.Empty(filter.Problems());
        return [.. (await Workflow.InScope<VersionList, IReadOnlyList<ListedVersion>>(list => list.Read(filter, before, limit, Cancellation))).Select(version => version.Version)];
    }
}
