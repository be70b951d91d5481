using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Monitoring;

public sealed class StreamHistoryTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly _monday = new(2026, 11, 16), _tuesday = new(2026, 11, 17);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_empty_before_the_first_passenger()
    {
        await using var db = Database.NewContext();
        var history = new StreamHistory(db);

        Assert.Null(await history.Newest(asOf: null, Cancelled));
        Assert.Empty(await history.NewestPredicted(5, asOf: null, Cancelled));
    }

    /// <summary>The original read the last row of an unordered table as the newest passenger (S7).</summary>
    [Fact]
    public async Task The_newest_passenger_is_of_the_newest_day_not_of_the_last_insert()
    {
        await Ingest(PassengerSources.Synthetic, _tuesday, ("tuesday-1", false), ("tuesday-2", true));
        await Ingest(PassengerSources.Synthetic, _monday, ("monday-late", true));
        await Ingest(PassengerSources.Titanic3, new DateOnly(2026, 11, 18), ("history", true));
        await using var db = Database.NewContext();

        var newest = await new StreamHistory(db).Newest(asOf: null, Cancelled);

        Assert.Equal(("tuesday-2", _tuesday, true), (newest!.Passenger.SourceKey, newest.Day, newest.Survived));
        Assert.Null(newest.Prediction);
        Assert.Null(newest.IsCorrect);
    }

    [Fact]
    public async Task The_outcome_is_null_until_it_is_recorded()
    {
        await Ingest(PassengerSources.Synthetic, _tuesday, ("tuesday-1", null));
        await using var db = Database.NewContext();

        Assert.Null((await new StreamHistory(db).Newest(asOf: null, Cancelled))!.Survived);
    }

    private async Task Ingest(string source, DateOnly day, params (string Key, bool? Survived)[] passengers) =>
        await new Ingestion(Database.DataSource, TimeProvider.System).Ingest(
            PassengerBatch.FromPassengers(
                source, "a test", FeatureReader.StartOf(day), FeatureReader.StartOf(day),
                [.. passengers.Select(passenger => new Passenger(passenger.Key, null, 3, Sex.Male, 20, 7, passenger.Survived))]),
            new Provenance(null, "test"), Cancelled);
}
