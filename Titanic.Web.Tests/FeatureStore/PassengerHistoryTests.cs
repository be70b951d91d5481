using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class PassengerHistoryTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly DateTimeOffset _time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Provenance _provenance = new(null, "test");
    private TestDatabase _database = null!;
    private TitanicDb _db = null!;
    private Ingestion _ingestion = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabase();
        _db = _database.NewContext();
        _ingestion = new Ingestion(_database.DataSource, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>
    /// Applies 80 random changes: new passengers, corrections, late and corrected outcomes, deletions, passengers ingested again. A dictionary is copied
    /// after every commit; reading as of the commit, page by page, must return each copy.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Reads_the_passengers_as_of_every_commit(int seed)
    {
        var random = new Random(seed);
        var current = new SortedDictionary<string, Passenger>(StringComparer.Ordinal);
        var expectedByCommit = new Dictionary<long, List<Passenger>>();
        for (var change = 0; change < 80; change++)
        {
            if (await ApplyRandomChange(random, current) is { } commit)
                expectedByCommit.Add(commit, [.. current.Values]);
        }

        var history = new PassengerHistory(_db);
        foreach (var (commit, expected) in expectedByCommit)
        {
            var asOf = await AsOf.Resolve(_db, commit.ToString(System.Globalization.CultureInfo.InvariantCulture), Cancellation);
            Assert.Equal(expected, await ReadAll(history, asOf, rowsPerPage: random.Next(1, 9)));
        }
        Assert.True(expectedByCommit.Count > 50);
    }

    [Fact]
    public async Task Returns_the_changes_of_a_commit_per_passenger()
    {
        var anna = Person("a", age: 30, survived: null);
        var bert = Person("b", age: 40, survived: false);
        var first = await Ingest(anna, bert, Person("d", age: 50, survived: true));
        var second = await Ingest(anna with { AgeInYears = 31 }, bert with { Survived = true }, Person("c", age: 1, survived: null));
        var third = await _ingestion.Delete(PassengerSources.Upload, ["d"], "a deletion", _provenance, Cancellation);
        var changes = new CommitChanges(_db);

        Assert.Equal(["upload/a inserted", "upload/b inserted", "upload/d inserted"], await Changes(first.CommitId!.Value));
        Assert.Equal(["upload/a updated", "upload/b outcome", "upload/c inserted"], await Changes(second.CommitId!.Value));
        Assert.Equal(["upload/d deleted"], await Changes(third.CommitId!.Value));

        var corrected = await changes.Read(second.CommitId!.Value, 0, 2, Cancellation);
        Assert.Equal((30, 31), (corrected[0].Before!.AgeInYears, corrected[0].After!.AgeInYears));
        Assert.Equal((false, true), (corrected[1].OutcomeBefore!.Survived, corrected[1].OutcomeAfter!.Survived));
        var rest = Assert.Single(await changes.Read(second.CommitId!.Value, corrected[1].PassengerId, 2, Cancellation));
        Assert.Equal("upload/c", rest.Key.ToString());
        var deleted = Assert.Single(await changes.Read(third.CommitId!.Value, 0, 2, Cancellation));
        Assert.Equal((true, null), (deleted.OutcomeBefore!.Survived, deleted.OutcomeAfter));

        async Task<IEnumerable<string>> Changes(long commit) =>
            (await changes.Read(commit, 0, 10, Cancellation)).Select(change => $"{change.Key} {change.Kind}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Returns_one_history_for_a_passenger_that_was_deleted_and_ingested_again()
    {
        await Ingest(Person("a", age: 30, survived: true));
        await _ingestion.Delete(PassengerSources.Upload, ["a"], "a deletion", _provenance, Cancellation);
        await Ingest(Person("a", age: 31, survived: false));

        var history = new PassengerHistory(_db);
        var versions = await history.Versions(new(PassengerSources.Upload, "a"), Cancellation);
        var outcomes = await history.Outcomes(versions, Cancellation);

        Assert.Equal(
            [(3, null, 31), (1, 2L, 30)], versions.Select(version => (version.CommitId, version.SupersededBy, (int)version.AgeInYears!)));
        Assert.Equal(
            [(3, null, false), (1, 2L, true)], outcomes.Select(outcome => (outcome.CommitId, outcome.SupersededBy, outcome.Survived)));
        Assert.Null(await history.Find(await AsOf.Resolve(_db, "2", Cancellation), new(PassengerSources.Upload, "a"), Cancellation));
    }

    /// <returns>The commit, or null if nothing changed.</returns>
    private async Task<long?> ApplyRandomChange(Random random, SortedDictionary<string, Passenger> current)
    {
        string Key() => $"k{random.Next(12)}";
        switch (random.Next(4))
        {
            case 0 when current.Count > 0:
                var deletedKey = current.Keys.ElementAt(random.Next(current.Count));
                current.Remove(deletedKey);
                return (await _ingestion.Delete(PassengerSources.Upload, [deletedKey], "a deletion", _provenance, Cancellation)).CommitId;
            case 1 when current.Count > 0:
                var key = current.Keys.ElementAt(random.Next(current.Count));
                var survived = random.Next(2) == 0;
                current[key] = current[key] with { Survived = survived };
                var outcomes = new[] { (OutcomeRow)new AcceptedOutcome(1, PassengerSources.Upload, key, survived, null) }.ToAsyncEnumerable();
                return (await _ingestion.IngestOutcomes(new(PassengerSources.Upload, "an outcome", _time, outcomes, () => []), _provenance, Cancellation)).CommitId;
            default:
                var passengers = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Key()).Distinct()
                    .Select(id => Person(id, age: random.Next(60), survived: random.Next(3) switch { 0 => null, 1 => true, _ => false })).ToArray();
                foreach (var person in passengers)
                    current[person.SourceKey] = person with { Survived = person.Survived ?? current.GetValueOrDefault(person.SourceKey)?.Survived };
                return (await Ingest(passengers)).CommitId;
        }
    }

    private async Task<List<Passenger>> ReadAll(PassengerHistory history, AsOf asOf, int rowsPerPage)
    {
        var all = new List<Passenger>();
        PassengerKey? after = null;
        while (await history.Read(asOf, PassengerSources.Upload, after, rowsPerPage, Cancellation) is { Count: > 0 } page)
        {
            all.AddRange(page.Select(p => new Passenger(
                p.Row.SourceKey, p.Row.Name, p.Row.Pclass, p.Row.Sex, p.Row.AgeInYears, p.Row.FareInPounds, p.Outcome?.Survived)));
            after = page[^1].Key;
        }
        return all;
    }

    private Task<IngestionResult> Ingest(params Passenger[] passengers) =>
        _ingestion.Ingest(PassengerBatch.FromPassengers(PassengerSources.Upload, "a test", _time, _time, passengers), _provenance, Cancellation);

    private static Passenger Person(string key, int age, bool? survived) => new(key, $"Person {key}", 3, Sex.Male, age, 8, survived);
}
