using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class StatisticsReaderTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Ingest(PassengerSources.Upload, new("1", null, 1, Sex.Female, 30, 80, true)); // commit 1
        await Ingest(PassengerSources.Api, new("1", null, 3, Sex.Male, 20, null, false)); // commit 2
        await Ingest(PassengerSources.Upload, new("1", null, 1, Sex.Female, 40, 80, true)); // commit 3: corrects the age
    }

    [Theory]
    [InlineData("upload", 1, 1, 30.0, 1)]
    [InlineData("upload", 2, 1, 30.0, 1)] // a commit of another source does not change it
    [InlineData("upload", 3, 1, 40.0, 3)]
    [InlineData("api", 3, 1, 20.0, 2)]
    [InlineData("all", 1, 1, 30.0, 1)]
    [InlineData("all", 2, 2, 25.0, 2)]
    [InlineData("all", 3, 2, 30.0, 3)]
    [InlineData("all", 9_000_000_000, 2, 30.0, 3)]
    public async Task Reads_the_newest_statistics_of_a_scope_as_of_a_commit(string scope, long asOf, long count, double meanAge, long commit)
    {
        var statistics = await Read(scope, asOf);

        Assert.Equal(["pclass", "sex", "age", "fare", "survived"], statistics.Select(feature => feature.Feature));
        Assert.All(statistics, feature => Assert.Equal((scope, count, commit), (feature.Scope, feature.Count, feature.CommitId)));
        Assert.Equal(meanAge, statistics[2].Mean);
    }

    [Theory]
    [InlineData("upload", 0)]
    [InlineData("api", 1)]
    [InlineData("titanic3", 3)]
    public async Task Returns_no_statistics_for_a_scope_without_rows(string scope, long asOf) => Assert.Empty(await Read(scope, asOf));

    [Fact]
    public async Task Returns_statistics_of_zero_rows_after_deletion()
    {
        await Workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Api, ["1"], "a test", new Provenance(null, "test"), Cancellation));

        var age = (await Read("api", 4))[2];

        Assert.Equal((0L, 0L, null, null, null), (age.Count, age.NumNonNullValues, age.Completeness, age.Mean, age.Percentiles));
    }

    [Theory]
    [InlineData("kaggle", "There is no scope \"kaggle\"; there are titanic3, upload, synthetic, api, all.")]
    [InlineData("ALL", "There is no scope \"ALL\"; there are titanic3, upload, synthetic, api, all.")]
    [InlineData("all", null)]
    [InlineData("api", null)]
    public void Lists_the_scopes_for_an_unknown_scope(string scope, string? problem) =>
        Assert.Equal(problem, StatisticsReader.ScopeError(scope));

    private Task Ingest(string source, Passenger passenger) => Workflow.Ingest(source, Day, passenger);

    private Task<IReadOnlyList<FeatureStatistics>> Read(string scope, long asOf) =>
        Workflow.InScope<StatisticsReader, IReadOnlyList<FeatureStatistics>>(reader => reader.Read(scope, asOf, Cancellation));
}
