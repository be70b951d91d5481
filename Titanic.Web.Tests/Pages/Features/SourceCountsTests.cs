using Titanic.Web.FeatureStore;
using Titanic.Web.Pages.Features;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Pages.Features;

public sealed class SourceCountsTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Two passengers come, one of them labelled; it is corrected in value and outcome; it is deleted.</summary>
    [Fact]
    public async Task Counts_are_those_of_the_commit_that_is_asked_for()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Ingest(PassengerSources.Api, TestWorkflow.FirstDay, new Passenger("1", null, 1, Sex.Male, 20, 20, true), new Passenger("2", null, 1, Sex.Male, 20, 20, null));
        await workflow.Ingest(PassengerSources.Api, TestWorkflow.FirstDay, new Passenger("1", null, 1, Sex.Male, 30, 20, false));
        await workflow.In<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Api, ["1"], "a test", new Provenance(null, "test"), Cancellation));

        SourceCounts[] expected = [new("api", 2, 0, 1), new("api", 2, 1, 1), new("api", 1, 2, 0)];
        for (var commit = 1; commit <= 3; commit++)
            Assert.Equal([expected[commit - 1]], await workflow.Ask(db => SourceCounts.Read(db, commit, Cancellation)));
    }

    [Fact]
    public async Task An_outcome_counts_with_its_passenger_whoever_told_it()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Ingest(PassengerSources.Synthetic, TestWorkflow.FirstDay, new Passenger("1", null, 1, Sex.Male, 20, 20, null));
        var told = new OutcomeBatch(
            PassengerSources.Api, "a test", workflow.Now,
            new OutcomeRow[] { new AcceptedOutcome(1, PassengerSources.Synthetic, "1", true, null) }.ToAsyncEnumerable(), () => []);
        await workflow.In<Ingestion, IngestionResult>(ingestion => ingestion.IngestOutcomes(told, new Provenance(null, "test"), Cancellation));

        Assert.Equal([new("synthetic", 1, 0, 1)], await workflow.Ask(db => SourceCounts.Read(db, 2, Cancellation)));
    }
}
