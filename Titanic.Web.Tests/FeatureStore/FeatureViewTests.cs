using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using static Titanic.Web.Tests.FeatureStore.TrainingDatasetHelpers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class FeatureViewTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    public static TheoryData<string> Views => [.. TrainingViews.All.Select(view => view.Schema.Name)];

    /// <summary>SHA-256 of the texts below, computed with sha256sum. If an encoder must change, add a new version of the view.</summary>
    [Theory]
    [InlineData("titanic_binned", "ae133ac5d661e77892d3317944152d8eae7f4e7387512777755a323e8f191428")]
    [InlineData("titanic_numeric", "2108ea02733a7a64b8d2cdd4a144e9f9a7811d39b8baed93c849c354362d340e")]
    public void The_schema_digest_of_a_view_is_fixed(string view, string sha256) => Assert.Equal(sha256, TrainingViews.Get(view, 1).Schema.Sha256);

    [Fact]
    public void The_canonical_schema_lists_features_codes_and_edges()
    {
        Assert.Equal(
            """
            view titanic_binned v1
            feature group titanic_passengers v1
            feature pclass integer
            feature sex integer
            feature age_group integer
            feature fare_band integer
            label survived boolean
            encoder titanic_binned/1
            sex: male = 0, female = 1
            age_group: unknown = 0, upper edges in years = 12, 18, 35, 60, 120
            fare_band: upper edges in pounds = 10, 25, 50, 75, 100, 125, 150, 200, 250, 300, open
            fare_band: unknown counts as 14.4542 pounds

            """, BinnedEncoder.Schema.Canonical, ignoreLineEndingDifferences: true);
        Assert.Equal(
            """
            view titanic_numeric v1
            feature group titanic_passengers v1
            feature pclass integer
            feature sex integer
            feature age double
            feature log_fare double
            label survived boolean
            encoder titanic_numeric/1
            sex: male = 0, female = 1
            age: unknown counts as 28 years
            log_fare: ln(1 + pounds), 9 decimals; unknown counts as 14.4542 pounds

            """, NumericEncoder.Schema.Canonical, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task The_database_has_the_views_of_the_code()
    {
        var stored = await Workflow.Query(db => db.FeatureViews.OrderBy(view => view.Name).ToListAsync(Cancellation));

        Assert.Equal(
            TrainingViews.All.Select(view => (view.Schema.Name, view.Schema.Version, view.Schema.EncoderId, view.Schema.Sha256)),
            stored.Select(view => (view.Name, view.Version, view.EncoderId, view.SchemaSha256)));
        Assert.All(stored, view => Assert.Equal(TrainingViews.Get(view.Name, view.Version).Schema.FeatureNames, view.Features));
    }

    [Theory]
    [InlineData("update feature_views set features = '{pclass}'")]
    [InlineData("delete from feature_views where name = 'titanic_numeric'")]
    public async Task The_database_rejects_changes_of_a_view(string change)
    {
        var exception = await Assert.ThrowsAsync<PostgresException>(() => Workflow.Execute(change));

        Assert.Equal("rows of feature_views are never changed or deleted", exception.MessageText);
    }

    /// <summary>The stored digest is changed, as if the encoder had been changed without a new version.</summary>
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Rejects_reads_if_the_encoder_has_changed(string name)
    {
        var definition = Definition(1, view: TrainingViews.Get(name, 1));
        await Workflow.Ingest(PassengerSources.Titanic3, TestWorkflow.FirstDay, new Passenger("1", "Anna", 1, Sex.Female, 30, 80, true));
        var dataset = await Workflow.Create(definition);
        var other = new string('0', 64);
        await Workflow.Execute($"alter table feature_views disable trigger feature_views_stay; update feature_views set schema_sha256 = '{other}' where name = '{name}'");

        var exception = await Assert.ThrowsAsync<ChangedFeatureViewException>(() => Workflow.Describe(definition));

        Assert.Equal(
            $"The feature view {name} v1 was stored with the schema SHA-256 {other}, but this code's encoder has {definition.View.Schema.Sha256}. "
            + $"A stored view is immutable: restore the encoder {name}/1, or give the changed encoder a new version.", exception.Message);
        await Assert.ThrowsAsync<ChangedFeatureViewException>(() => Workflow.Points(definition));
        await Assert.ThrowsAsync<ChangedFeatureViewException>(() => Workflow.ReadVerified(dataset));
    }
}
