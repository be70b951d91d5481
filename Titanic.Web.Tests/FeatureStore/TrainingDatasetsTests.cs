using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class TrainingDatasetsTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    private static readonly Passenger[] Three =
    [
        new("9", "Cora", 2, Sex.Female, 5, 30, true),
        new("10", "Bert", 3, Sex.Male, null, null, false),
        new("2", "Anna", 1, Sex.Female, 30, 80, true),
    ];

    private TestDatabase _database = null!;
    private TestWorkflow _workflow = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabase();
        _workflow = new TestWorkflow(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _workflow.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task The_digest_is_the_one_that_a_few_lines_of_Python_compute()
    {
        // sha256 of, for the keys 10, 2, 9 in the order of their bytes: source, NUL, key, code as little-endian int16, label as one byte,
        // with the codes (3, male, unknown, 10..25), (1, female, 18..35, 75..100) and (2, female, ..12, 25..50).
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three);

        Assert.Equal("98611e8b7ee2604252f1bf2af8e4a590728efee658410a922a18d9883098c528", TrainingRow.DigestOf(await Read(1)));
    }

    [Fact]
    public async Task The_digest_does_not_depend_on_the_database_or_on_the_order_of_arrival()
    {
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three);
        await using var database = await postgres.CreateDatabase();
        await using var elsewhere = new TestWorkflow(database);
        await elsewhere.Ingest(PassengerSources.Upload, Day, new Passenger("x", null, 3, Sex.Male, 1, 1, true));
        foreach (var passenger in Three.Reverse())
            await elsewhere.Ingest(PassengerSources.Titanic3, Day, passenger);

        var (here, there) = (await Read(1), await Read(4, workflow: elsewhere, sources: [PassengerSources.Titanic3]));

        Assert.Equal(TrainingRow.DigestOf(here), TrainingRow.DigestOf(there));
        Assert.NotEqual(here.Select(row => row.PassengerId), there.Select(row => row.PassengerId));
    }

    [Fact]
    public async Task A_stored_dataset_reads_the_same_after_later_commits()
    {
        var dataset = await StoreThree();
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three[0] with { Survived = false, Pclass = 3 }, new Passenger("11", null, 1, Sex.Male, 40, 40, true));

        var again = await ReadAgain(dataset);

        Assert.Equal((3, 2, dataset.Sha256), (dataset.Rows, dataset.Survivors, TrainingRow.DigestOf(again)));
        Assert.Equal(4, (await Read(2)).Count);
    }

    [Theory]
    [InlineData("update passengers set titanic_binned_v1 = titanic_binned_v1 + 1 where source_key = '2'")]
    [InlineData("update outcomes set survived = not survived where passenger_id = (select min(passenger_id) from passengers)")]
    [InlineData("delete from outcomes where passenger_id = (select min(passenger_id) from passengers)")]
    [InlineData("update passengers set source_key = '02' where source_key = '2'")]
    public async Task Rows_that_somebody_changed_behind_our_back_are_noticed(string tampering)
    {
        var dataset = await StoreThree();
        await _workflow.Execute(tampering);

        var noticed = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAgain(dataset));

        Assert.Contains($"Training dataset {dataset.TrainingDatasetId} reads as SHA-256", noticed.Message);
        Assert.Contains(dataset.Sha256, noticed.Message);
    }

    [Fact]
    public async Task Outcomes_that_became_known_later_are_not_seen()
    {
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three);
        await _workflow.Ingest(PassengerSources.Synthetic, Day, Day.AddDays(2), new Passenger("s", null, 1, Sex.Male, 40, 40, true));

        Assert.Equal(3, (await Read(2, knownBefore: Day.AddDays(2))).Count);
        Assert.Equal(4, (await Read(2, knownBefore: Day.AddDays(3))).Count);
        await Assert.ThrowsAsync<EmptyTrainingDatasetException>(() => Read(2, knownBefore: Day));
    }

    [Fact]
    public async Task Later_commits_are_not_seen()
    {
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three[0]);
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three[0] with { Survived = false });
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three[1]);

        Assert.Equal([("9", true)], (await Read(1)).Select(row => (row.SourceKey, row.Survived)));
        Assert.Equal([("9", false)], (await Read(2)).Select(row => (row.SourceKey, row.Survived)));
        Assert.Equal([("10", false), ("9", false)], (await Read(3)).Select(row => (row.SourceKey, row.Survived)));
    }

    [Fact]
    public async Task Nothing_to_learn_from_is_said_in_a_sentence()
    {
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three[0] with { Survived = null });

        var refused = await Assert.ThrowsAsync<EmptyTrainingDatasetException>(() => Read(1));

        Assert.Equal(
            "No labelled passenger from titanic3, upload, synthetic, api is known before 2026-03-02 as of commit 1. Backfill the passenger list first: run feature --backfill.",
            refused.Message);
    }

    private async Task<TrainingDataset> StoreThree()
    {
        await _workflow.Ingest(PassengerSources.Titanic3, Day, Three);
        var rows = await Read(1);
        var dataset = await _workflow.In<TrainingDatasets, TrainingDataset>(datasets => Task.FromResult(datasets.Describe(Definition(1), rows, null)));
        return await _workflow.Ask(async db =>
        {
            db.TrainingDatasets.Add(dataset);
            await db.SaveChangesAsync(Cancellation);
            return dataset;
        });
    }

    private Task<IReadOnlyList<TrainingRow>> ReadAgain(TrainingDataset dataset) =>
        _workflow.In<TrainingDatasets, IReadOnlyList<TrainingRow>>(datasets => datasets.ReadAgain(dataset.TrainingDatasetId, Cancellation));

    private Task<IReadOnlyList<TrainingRow>> Read(long asOf, DateOnly? knownBefore = null, TestWorkflow? workflow = null, IReadOnlyList<string>? sources = null) =>
        (workflow ?? _workflow).In<TrainingDatasets, IReadOnlyList<TrainingRow>>(datasets => datasets.Read(Definition(asOf, knownBefore, sources), Cancellation));

    private static TrainingDatasetDefinition Definition(long asOf, DateOnly? knownBefore = null, IReadOnlyList<string>? sources = null) =>
        new(asOf, FeatureReader.StartOf(knownBefore ?? Day.AddDays(1)), sources ?? PassengerSources.All, "titanic split 1", 0.2);
}
