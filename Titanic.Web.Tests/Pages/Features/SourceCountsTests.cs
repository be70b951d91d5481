using Titanic.Web.FeatureStore;
using Titanic.Web.Pages.Features;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Pages.Features;

public sealed class SourceCountsTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Two passengers are inserted, one with an outcome; its age and outcome are corrected; it is deleted.</summary>
    [Fact]
    public async Task Returns_the_counts_as_of_a_commit()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Ingest(PassengerSources.Api, TestWorkflow.FirstDay, new Passenger("1", null, 1, Sex.Male, 20, 20, true), new Passenger("2", null, 1, Sex.Male, 20, 20, null));
        await workflow.Ingest(PassengerSources.Api, TestWorkflow.FirstDay, new Passenger("1", null, 1, Sex.Male, 30, 20, false));
        await workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Api, ["1"], "a test", new Provenance(null, "test"), Cancellation));

        SourceCounts[] expected = [new("api", 2, 0, 1), new("api", 2, 1, 1), new("api", 1, 2, 0)];
        for (var commit = 1; commit <= 3; commit++)
            Assert.Equal([expected[commit - 1]], await workflow.Query(db => SourceCounts.Read(db, commit, Cancellation)));
    }

    [Fact]
    public async Task Counts_an_outcome_under_the_source_of_its_passenger()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Ingest(PassengerSources.Synthetic, TestWorkflow.FirstDay, new Passenger("1", null, 1, Sex.Male, 20, 20, null));
        var outcomes = new OutcomeBatch(
            PassengerSources.Api, "a test", workflow.Now,
            new OutcomeRow[] { new AcceptedOutcome(1, PassengerSources.Synthetic, "1", true, null) }.ToAsyncEnumerable(), () => []);
        await workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.IngestOutcomes(outcomes, new Provenance(null, "test"), Cancellation));

        Assert.Equal([new("synthetic", 1, 0, 1)], await workflow.Query(db => SourceCounts.Read(db, 2, Cancellation)));
    }
}
