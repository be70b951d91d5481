using Titanic.Web.FeatureStore;
using Titanic.Web.Pages.Features;

namespace Titanic.Web.Tests.Pages.Features;

public sealed class FeatureCardTests
{
    [Fact]
    public void Computes_shares_of_all_rows_and_omits_trailing_empty_bins()
    {
        var card = new FeatureCard(FeatureGroup.Age, Ages(count: 10, missing: 2, (3, 6), (22, 2)), Ages(count: 4, missing: 0, (7, 4)));

        Assert.Equal(["0–5", "5–10", "10–15", "15–20", "20–25", "missing"], card.Bins.Select(bin => bin.Name));
        Assert.Equal([0.6, 0, 0, 0, 0.2, 0.2], card.Bins.Select(bin => bin.ReferenceShare!.Value));
        Assert.Equal([0, 1, 0, 0, 0, 0.0], card.Bins.Select(bin => bin.CurrentShare!.Value));
    }

    [Fact]
    public void Shows_no_shares_and_metrics_for_a_scope_without_statistics()
    {
        var card = new FeatureCard(FeatureGroup.Age, null, Ages(count: 1, missing: 0, (3, 1)));

        Assert.All(card.Bins, bin => Assert.Null(bin.ReferenceShare));
        Assert.All(card.Metrics, metric => Assert.Equal(["–"], metric.Reference));
        Assert.Equal("1", card.Metrics[0].Current[0]);
    }

    [Fact]
    public void Shows_both_values_of_a_changed_metric_and_one_of_an_unchanged_metric()
    {
        var before = Fares(count: 10, mean: 9.5, minimum: 3);
        var after = Fares(count: 11, mean: 9.25, minimum: 2.5);

        Assert.Equal(["10 → 11", "0.0%", "9.50 → 9.25", "£3 → £2.50", "£14"], new FeatureCard(FeatureGroup.Fare, before, after).Changes);
        Assert.Equal(["11", "0.0%", "9.25", "£2.50", "£14"], new FeatureCard(FeatureGroup.Fare, null, after).Changes);
    }

    /// <summary>After all rows are deleted the count is 0: no share divides by zero.</summary>
    [Fact]
    public void Shows_no_metrics_for_a_scope_whose_rows_were_deleted()
    {
        var card = new FeatureCard(FeatureGroup.Age, Ages(count: 0, missing: 0), null);

        Assert.Empty(card.Bins);
        Assert.Equal(["0", "– (0)", "–", "–", "–", "0", "–", "–"], card.Metrics.Select(metric => metric.Reference[0]));
    }

    private static FeatureStatistics Fares(long count, double mean, double minimum) => new()
    {
        Scope = "all",
        Feature = "fare",
        Count = count,
        Mean = mean,
        Min = minimum,
        Max = 14,
        Histogram = new long[FeatureGroup.Fare.Bins],
        TopValues = [],
        Sums = new FeatureSums(0, 0, 0, 0, 0, 0, 0),
    };

    private static FeatureStatistics Ages(long count, long missing, params (int Years, long Rows)[] rows)
    {
        var histogram = new long[FeatureGroup.Age.Bins];
        foreach (var (years, n) in rows)
            histogram[years] = n;
        return new FeatureStatistics
        {
            Scope = "all",
            Feature = "age",
            Count = count,
            NumNullValues = missing,
            Histogram = histogram,
            TopValues = [],
            Sums = new FeatureSums(0, 0, 0, 0, 0, 0, 0),
        };
    }
}
