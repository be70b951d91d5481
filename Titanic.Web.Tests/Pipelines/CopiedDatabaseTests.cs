using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;
using static Titanic.Web.Tests.FeatureStore.DatasetReading;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>
/// A model can be made again where its database was restored: here the rows are copied as <c>pg_dump</c> and <c>pg_restore</c> would copy
/// them, but in another physical order.
/// </summary>
public sealed class CopiedDatabaseTests(TestPostgres postgres)
{
    /// <summary>What a training dataset is made of, each table behind those it refers to.</summary>
    private static readonly string[] _tables = ["runs", "validation_reports", "commits", "passengers", "outcomes", "feature_views", "training_datasets"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Datasets_digests_and_model_bytes_are_the_same_in_a_copy_of_the_database()
    {
        await using var original = await postgres.CreateTrainedDatabase();
        await using var restored = await postgres.CreateDatabase();
        await using var there = new TestWorkflow(original);
        await there.LiveThrough(TestWorkflow.FirstDay);
        await there.LiveThrough(TestWorkflow.FirstDay.AddDays(1));
        foreach (var table in _tables)
            await Copy(original.DataSource, restored.DataSource, table);
        await using var here = new TestWorkflow(restored);

        var versions = await there.Ask(db => db.ModelVersions.OrderBy(version => version.Version).ToListAsync(Cancellation));
        Assert.Equal(3, versions.Count);
        foreach (var version in versions)
        {
            var dataset = await here.Ask(db => db.TrainingDatasets.SingleAsync(dataset => dataset.TrainingDatasetId == version.TrainingDatasetId, Cancellation));
            var described = await here.Describe(TrainingDatasetDefinition.Of(dataset));
            var learned = KnnModel.Load(version.Artifact);
            var again = new KnnTrainer(learned.Options, learned.EncoderId).Fit(TrainingSplit.Of(await here.ReadAgain(dataset)).All);

            Assert.Equal((dataset.Sha256, dataset.Rows), (described.Sha256, learned.Training.Rows));
            Assert.Equal(version.Artifact, again.Save());
        }
        Assert.NotEqual(await FirstKey(there), await FirstKey(here));
    }

    /// <summary>The physical order: the first row that PostgreSQL meets.</summary>
    private static Task<string> FirstKey(TestWorkflow workflow) => workflow.Scalar<string>("select source_key from passengers limit 1");

    private static async Task Copy(NpgsqlDataSource from, NpgsqlDataSource to, string table)
    {
        await using var source = await from.OpenConnectionAsync(Cancellation);
        await using var target = await to.OpenConnectionAsync(Cancellation);
        await using (var empty = new NpgsqlCommand($"truncate {table} cascade", target))
            await empty.ExecuteNonQueryAsync(Cancellation);
        await using var read = await source.BeginRawBinaryCopyAsync($"copy (select * from {table} order by ctid desc) to stdout (format binary)", Cancellation);
        await using var write = await target.BeginRawBinaryCopyAsync($"copy {table} from stdin (format binary)", Cancellation);
        await read.CopyToAsync(write, Cancellation);
    }
}
