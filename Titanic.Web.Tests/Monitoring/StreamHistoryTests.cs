using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Monitoring;

public sealed class StreamHistoryTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly _monday = new(2026, 11, 16), _tuesday = new(2026, 11, 17);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Has_nobody_before_the_first_passenger()
    {
        await using var db = Database.NewContext();
        var history = new StreamHistory(db);

        Assert.Null(await history.Newest(Cancelled));
        Assert.Empty(await history.NewestPredicted(5, Cancelled));
    }

    /// <summary>The original took the last row of an unordered table for the newest (S7).</summary>
    [Fact]
    public async Task Takes_the_newest_day_and_not_the_row_that_was_written_last()
    {
        await Arrive(PassengerSources.Synthetic, _tuesday, ("tuesday-1", false), ("tuesday-2", true));
        await Arrive(PassengerSources.Synthetic, _monday, ("monday-late", true));
        await Arrive(PassengerSources.Titanic3, new DateOnly(2026, 11, 18), ("history", true));
        await using var db = Database.NewContext();

        var newest = await new StreamHistory(db).Newest(Cancelled);

        Assert.Equal(("tuesday-2", _tuesday, true), (newest!.Passenger.SourceKey, newest.Day, newest.Survived));
        Assert.Null(newest.Prediction);
        Assert.Null(newest.IsRight);
    }

    [Fact]
    public async Task Knows_no_outcome_that_has_not_arrived()
    {
        await Arrive(PassengerSources.Synthetic, _tuesday, ("tuesday-1", null));
        await using var db = Database.NewContext();

        Assert.Null((await new StreamHistory(db).Newest(Cancelled))!.Survived);
    }

    private async Task Arrive(string source, DateOnly day, params (string Key, bool? Survived)[] people) =>
        await new Ingestion(Database.DataSource, TimeProvider.System).Ingest(
            PassengerBatch.Of(
                source, "a test", FeatureReader.StartOf(day), FeatureReader.StartOf(day),
                [.. people.Select(person => new Passenger(person.Key, null, 3, Sex.Male, 20, 7, person.Survived))]),
            new Provenance(null, "test"), Cancelled);
}
