using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Ingestion of outcomes of stored passengers.</summary>
public sealed class OutcomeIngestionTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly DateTimeOffset _monday = new(2026, 11, 23, 18, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _tuesday = _monday.AddDays(1);
    private static readonly Provenance _provenance = new(null, "test");
    private TestDatabase _database = null!;
    private Ingestion _ingestion = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabase();
        _ingestion = new Ingestion(_database.DataSource, TimeProvider.System);
        Passenger[] passengers = [new("a", "Anna", 1, Sex.Female, 30, 80, null), new("b", "Bert", 3, Sex.Male, null, null, false)];
        await _ingestion.Ingest(PassengerBatch.FromPassengers(PassengerSources.Api, "two passengers", _monday, _monday, passengers), _provenance, Cancellation);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Uses_the_known_at_of_the_row_or_of_the_batch()
    {
        var result = await Ingest(new AcceptedOutcome(2, PassengerSources.Api, "a", true, _monday.AddHours(1)), new AcceptedOutcome(3, PassengerSources.Api, "b", true, null));

        Assert.Equal((2L, 0, 1, 1, 0, 2), (result.CommitId, result.Inserted, result.Updated, result.Unchanged, result.Rejected, result.OutcomesRecorded));
        Assert.Equal(
            [("a", true, 2L, null, _monday.AddHours(1)), ("b", false, 1, 2L, _monday), ("b", true, 2, null, _tuesday)],
            await Outcomes());
        await using var db = _database.NewContext();
        Assert.Equal(2, await db.Passengers.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Creates_no_commit_for_an_unchanged_outcome()
    {
        var result = await Ingest(new AcceptedOutcome(2, PassengerSources.Api, "b", false, null));

        Assert.Equal((null, null, 0, 1, 0), (result.CommitId, result.ValidationId, result.Updated, result.Unchanged, result.OutcomesRecorded));
        Assert.Equal([("b", false, 1L, null, _monday)], await Outcomes());
    }

    [Theory]
    [InlineData(IngestionPolicy.Always)]
    [InlineData(IngestionPolicy.Strict)]
    public async Task Rejects_outcomes_of_unknown_and_deleted_passengers(IngestionPolicy policy)
    {
        await _ingestion.Delete(PassengerSources.Api, ["b"], "a deletion", _provenance, Cancellation);
        OutcomeRow[] rows =
        [
            new AcceptedOutcome(2, PassengerSources.Api, "a", true, null), new AcceptedOutcome(3, PassengerSources.Upload, "a", true, null),
            new AcceptedOutcome(4, PassengerSources.Api, "b", true, null), new RejectedOutcome(5, [new(PassengerRules.SurvivedInSet, "The outcome is \"2\"; it must be 0 or 1.")], "a,2"),
        ];

        var validation = policy == IngestionPolicy.Always
            ? await IngestAndCount(rows)
            : (await Assert.ThrowsAsync<IngestionRejectedException>(() => Ingest(policy, rows))).ValidationId;

        Assert.Equal(policy == IngestionPolicy.Always, (await Outcomes()).Contains(("a", true, 3, null, _tuesday)));
        await using var db = _database.NewContext();
        var rejected = await db.RejectedRows.Where(row => row.ValidationId == validation).OrderBy(row => row.Line).ToListAsync(Cancellation);
        Assert.Equal(
            [
                (3, "passenger_is_known", "There is no passenger \"upload/a\"; the page /features/passengers and GET /api/passengers list the passengers.", "upload,a,t"),
                (4, "passenger_is_known", "There is no passenger \"api/b\"; the page /features/passengers and GET /api/passengers list the passengers.", "api,b,t"),
                (5, "survived_in_set", "The outcome is \"2\"; it must be 0 or 1.", "a,2"),
            ],
            rejected.Select(row => (row.Line, row.Rules.Single(), row.Reasons.Single(), row.Excerpt)));
        var report = await db.ValidationReports.SingleAsync(report => report.ValidationId == validation, Cancellation);
        Assert.Equal((4, 3, false, policy), (report.RowsRead, report.RowsRejected, report.Success, report.Policy));
        Assert.Equal(Expectations.ForOutcomes.Select(rule => rule.Name), report.Expectations.Select(expectation => expectation.Expectation));
    }

    private async Task<long> IngestAndCount(OutcomeRow[] rows)
    {
        var result = await Ingest(IngestionPolicy.Always, rows);
        Assert.Equal((1, 3), (result.OutcomesRecorded, result.Rejected));
        return result.ValidationId!.Value;
    }

    private Task<IngestionResult> Ingest(params OutcomeRow[] rows) => Ingest(IngestionPolicy.Always, rows);

    private Task<IngestionResult> Ingest(IngestionPolicy policy, OutcomeRow[] rows) => _ingestion.IngestOutcomes(
        new(PassengerSources.Api, "outcomes", _tuesday, rows.ToAsyncEnumerable(), () => [], policy), _provenance, Cancellation);

    /// <summary>All versions, sorted by passenger and commit.</summary>
    private async Task<List<(string Key, bool Survived, long Commit, long? SupersededBy, DateTimeOffset KnownAt)>> Outcomes()
    {
        await using var db = _database.NewContext();
        var all = await db.Outcomes
            .Join(db.Passengers, outcome => outcome.PassengerId, passenger => passenger.PassengerId, (outcome, passenger) => new { passenger.SourceKey, Outcome = outcome })
            .OrderBy(row => row.SourceKey).ThenBy(row => row.Outcome.CommitId).ToListAsync(Cancellation);
        return [.. all.Select(row => (row.SourceKey, row.Outcome.Survived, row.Outcome.CommitId, row.Outcome.SupersededBy, row.Outcome.KnownAt))];
    }
}
