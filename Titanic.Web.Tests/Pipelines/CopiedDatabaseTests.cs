using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Lifecycle;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>
/// Feature store and registry copied to another database: every training dataset and every model version is reproduced there.
/// </summary>
public sealed class CopiedDatabaseTests(TestPostgres postgres)
{
    private static readonly DateOnly _day = TestWorkflow.FirstDay;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reproduces_every_version_after_its_rows_were_copied_in_another_order()
    {
        await using var original = await CreateDatabaseWithHistory();
        await using var restored = await postgres.CreateDatabase();
        await using var originalWorkflow = new TestWorkflow(original);

        await DatabaseCopy.RowByRow(original, restored);

        await using var restoredWorkflow = new TestWorkflow(restored);
        await AssertReproduced(originalWorkflow, restoredWorkflow);
        Assert.NotEqual(await FirstKey(originalWorkflow), await FirstKey(restoredWorkflow));
    }

    [Fact]
    public async Task Reproduces_every_version_after_dump_and_restore()
    {
        await using var original = await CreateDatabaseWithHistory();
        await using var restored = DatabaseCopy.ClientFolder is null ? await postgres.CreateDatabase() : await postgres.CreateEmptyDatabase();
        await using var originalWorkflow = new TestWorkflow(original);

        await (DatabaseCopy.ClientFolder is { } client ? DatabaseCopy.DumpAndRestore(original, restored, client) : DatabaseCopy.RowByRow(original, restored));

        await using var restoredWorkflow = new TestWorkflow(restored);
        await AssertReproduced(originalWorkflow, restoredWorkflow);
        // The restored database is usable: identity sequences continue after the copied rows.
        var runs = await restoredWorkflow.SimulateDay(_day.AddDays(2));
        Assert.All(runs, run => Assert.Equal(RunStatus.Succeeded, run.Status));
        Assert.Equal(ReproductionVerdict.Reproduced, (await restoredWorkflow.Reproduce(5)).Verdict);
    }

    /// <summary>Two days, an alternative learner, a correction, a deletion and an audit.</summary>
    private Task<TestDatabase> CreateDatabaseWithHistory() => postgres.CreateSeededDatabase("two days, a challenger, a correction, a deletion and an audit", async database =>
    {
        await using var workflow = new TestWorkflow(database);
        await workflow.ImportAndTrain();
        await workflow.SimulateDay(_day);
        await workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Titanic3, ["3"], "a deletion", new Provenance(null, "test"), Cancellation));
        await workflow.SimulateDay(_day.AddDays(1));
        await workflow.Run(PipelineNames.Training, _day.AddDays(1), alternative: "fast-tree");
        await workflow.Run(PipelineNames.Audit, _day.AddDays(1));
    });

    private static async Task AssertReproduced(TestWorkflow original, TestWorkflow restored)
    {
        var (before, after) = (await Digests(original), await Digests(restored));
        Assert.Equal(4, before.Count);
        Assert.Equal(before, after);
        foreach (var (version, _, _) in before)
        {
            var result = await restored.Reproduce(version);
            Assert.True(result.Verdict == ReproductionVerdict.Reproduced, string.Join(' ', [result.Summary, .. result.Differences]));
        }
        foreach (var dataset in await restored.Query(db => db.TrainingDatasets.ToListAsync(Cancellation)))
            Assert.True((await restored.InScope<TrainingDatasets, TrainingDatasetComparison>(datasets => datasets.Recompute(dataset, Cancellation))).IsEqual);
        Assert.Equal(await original.Count("reproductions") + before.Count, await restored.Count("reproductions"));
        Assert.Equal(await original.Champion(), await restored.Champion());
    }

    private static Task<List<(int Version, string Dataset, string Model)>> Digests(TestWorkflow workflow) => workflow.Query(async db =>
        (await db.ModelVersions.Join(db.TrainingDatasets, v => v.TrainingDatasetId, d => d.TrainingDatasetId, (v, d) => new { v.Version, d.Sha256, v.ArtifactSha256 })
            .OrderBy(v => v.Version).ToListAsync(Cancellation)).ConvertAll(v => (v.Version, v.Sha256, v.ArtifactSha256)));

    /// <summary>The key of the first row in physical order.</summary>
    private static Task<string> FirstKey(TestWorkflow workflow) => workflow.Scalar<string>("select source_key from passengers limit 1");
}
