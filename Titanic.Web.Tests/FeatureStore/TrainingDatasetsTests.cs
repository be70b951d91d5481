using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using static Titanic.Web.Tests.FeatureStore.TrainingDatasetHelpers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class TrainingDatasetsTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    private static readonly Passenger[] Three =
    [
        new("9", "Cora", 2, Sex.Female, 5, 30, true),
        new("10", "Bert", 3, Sex.Male, null, null, false),
        new("2", "Anna", 1, Sex.Female, 30, 80, true),
    ];

    public static TheoryData<string> Views => [.. TrainingViews.All.Select(view => view.Schema.Name)];

    /// <summary>
    /// Expected digests from a Python script: for the keys 10, 2, 9 (sorted by bytes) source, NUL, key, NUL, point, label as one byte, and in a dataset by
    /// person the first 8 bytes of the SHA-256 of "name", NUL, name in upper case. Binned points are
    /// the codes of (3, male, unknown, 10..25), (1, female, 18..35, 75..100), (2, female, ..12, 25..50) as little-endian int16; numeric points are
    /// pack("&lt;4d").
    /// </summary>
    [Theory]
    [InlineData("titanic_binned", false, "98611e8b7ee2604252f1bf2af8e4a590728efee658410a922a18d9883098c528")]
    [InlineData("titanic_binned", true, "a61d3e1781f4139faa1cd967128a5fbe627e2ec765dbdf47012bfae880139beb")]
    [InlineData("titanic_numeric", false, "5d2a4e31c08feaa6a903bf4bf401d0b0259d61e159b17f4f73fb1cb7bf7c897c")]
    [InlineData("titanic_numeric", true, "cee0c4aa452ba0e2cd9ab22636eeaa40d59f49d29182b4c5323edba386d16432")]
    public async Task The_digest_equals_that_of_a_Python_script(string view, bool isByPerson, string digest)
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three);

        Assert.Equal(
            digest, (await Workflow.Describe(Definition(1, view: TrainingViews.Get(view, 1)) with { IsByPerson = isByPerson })).Sha256);
    }

    [Fact]
    public async Task The_digest_does_not_depend_on_the_database_or_the_order_of_ingestion()
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three);
        await using var database = await Postgres.CreateDatabase();
        await using var other = new TestWorkflow(database);
        await other.Ingest(PassengerSources.Upload, Day, new Passenger("x", null, 3, Sex.Male, 1, 1, true));
        foreach (var passenger in Three.Reverse())
            await other.Ingest(PassengerSources.Titanic3, Day, passenger);
        var otherDefinition = Definition(4, sources: [PassengerSources.Titanic3]);

        Assert.Equal((await Workflow.Describe(Definition(1))).Sha256, (await other.Describe(otherDefinition)).Sha256);
        Assert.NotEqual((await Workflow.Rows(Definition(1))).Select(row => row.PassengerId), (await other.Rows(otherDefinition)).Select(row => row.PassengerId));
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Weighted_points_equal_the_grouped_rows(string view)
    {
        await Workflow.ImportAndTrain();
        var definition = Definition(1, view: TrainingViews.Get(view, 1));

        var points = await Workflow.Points(definition);

        Assert.Equal(Weighted(await Workflow.Rows(definition)), Weighted(points));
        Assert.Equal(
            (1309, 500), (points.Points.Sum(point => point.Rows), points.Points.Where(point => point.Survived).Sum(point => point.Rows)));
        Assert.Equal([view], points.Views.Select(each => each.Name));
    }

    [Fact]
    public async Task Describe_returns_the_definition_and_the_counts()
    {
        await Workflow.ImportAndTrain();

        var dataset = await Workflow.Describe(Definition(1, sources: [PassengerSources.Titanic3], view: TrainingViews.Numeric));

        Assert.Equal(("titanic_numeric", 1, 1L, FeatureReader.StartOf(Day.AddDays(1))), (dataset.ViewName, dataset.ViewVersion, dataset.AsOfCommitId, dataset.KnownBefore));
        Assert.Equal(["titanic3"], dataset.Sources);
        Assert.Equal(("titanic split 1", 0.2), (dataset.SplitSalt, dataset.TestShare));
        Assert.Equal((1309, 500, 241), (dataset.Rows, dataset.Survivors, dataset.HeldOutRows)); // 241: see PersonSplitTests
        Assert.Equal(Workflow.Now, dataset.CreatedAt);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task A_stored_dataset_does_not_change_after_later_commits(string view)
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three);
        var definition = Definition(1, view: TrainingViews.Get(view, 1));
        var before = await Workflow.Points(definition);
        var dataset = await Workflow.Create(definition);
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three[0] with { Survived = false, Pclass = 3 }, new Passenger("11", null, 1, Sex.Male, 40, 40, true));

        Assert.Equal(Weighted(before), Weighted(await Workflow.ReadVerified(dataset)));
        Assert.Equal((3, 2), (dataset.Rows, dataset.Survivors));
        Assert.Equal(4, (await Workflow.Rows(Definition(2))).Count);
    }

    [Theory]
    [InlineData("update passengers set titanic_binned_v1 = titanic_binned_v1 + 1 where source_key = '2'")]
    [InlineData("update outcomes set survived = not survived where passenger_id = (select min(passenger_id) from passengers)")]
    [InlineData("delete from outcomes where passenger_id = (select min(passenger_id) from passengers)")]
    [InlineData("update passengers set source_key = '02' where source_key = '2'")]
    public async Task Throws_if_rows_were_changed_without_a_commit(string tampering)
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three);
        var dataset = await Workflow.Create(Definition(1));
        await Workflow.Execute(tampering);

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => Workflow.ReadVerified(dataset));

        Assert.Contains($"Training dataset {dataset.TrainingDatasetId} reads as SHA-256", exception.Message);
        Assert.Contains(dataset.Sha256, exception.Message);
    }

    [Fact]
    public async Task Create_stores_an_immutable_dataset()
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three);
        var asOf = await Workflow.Query(db => AsOf.Resolve(db, "1", Cancellation));

        var dataset = await Workflow.Create(TrainingDatasetDefinition.At(asOf, TrainingViews.Binned));

        var stored = await Workflow.Query(db => db.TrainingDatasets.SingleAsync(Cancellation));
        Assert.Equal((dataset.TrainingDatasetId, dataset.Sha256, 3), (stored.TrainingDatasetId, stored.Sha256, stored.Rows));
        foreach (var change in (string[])["update training_datasets set test_share = 0.5", "delete from training_datasets"])
            Assert.Contains(
                "never changed or deleted", (await Assert.ThrowsAsync<PostgresException>(() => Workflow.Execute(change))).MessageText);
    }

    [Fact]
    public async Task Excludes_later_commits()
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three[0]);
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three[0] with { Survived = false });
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three[1]);

        Assert.Equal([("9", true)], (await Workflow.Rows(Definition(1))).Select(row => (row.SourceKey, row.Survived)));
        Assert.Equal([("9", false)], (await Workflow.Rows(Definition(2))).Select(row => (row.SourceKey, row.Survived)));
        Assert.Equal([("10", false), ("9", false)], (await Workflow.Rows(Definition(3))).Select(row => (row.SourceKey, row.Survived)));
    }

    [Fact]
    public async Task Throws_if_no_labeled_row_is_selected()
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, Three[0] with { Survived = null });

        var described = await Assert.ThrowsAsync<EmptyTrainingDatasetException>(() => Workflow.Describe(Definition(1)));
        var read = await Assert.ThrowsAsync<EmptyTrainingDatasetException>(() => Workflow.Points(Definition(1)));

        Assert.Equal(
            "No labeled passenger from titanic3, upload, synthetic, api is known before 2026-03-02 as of commit 1. Backfill the passenger list first: run feature --backfill.",
            described.Message);
        Assert.Equal(described.Message, read.Message);
    }

    [Fact]
    public async Task Rejects_an_invalid_definition_with_the_allowed_values()
    {
        (TrainingDatasetDefinition Definition, string Expected)[] invalid =
        [
            (Definition(1, sources: ["kaggle"]), "There is no source \"kaggle\"; there are titanic3, upload, synthetic, api."),
            (Definition(1, sources: []), "The source is missing; it must be one or more of titanic3, upload, synthetic, api."),
            (Definition(1, share: 1), "The hold-out share is 1; it must be at least 0 and less than 1."),
        ];
        foreach (var (definition, expected) in invalid)
            Assert.Contains(expected, (await Assert.ThrowsAsync<ArgumentException>(() => Workflow.Create(definition))).Message);
        Assert.Equal(
            "There is no feature view \"titanic_deep v1\"; there are titanic_binned v1, titanic_numeric v1.",
            Assert.Throws<ArgumentException>(() => TrainingViews.Get("titanic_deep", 1)).Message);
    }
}
