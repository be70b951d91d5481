using Titanic.Web.FeatureStore;
using Titanic.Web.Pages.Features;

namespace Titanic.Web.Tests.Pages.Features;

public sealed class FeatureCardTests
{
    [Fact]
    public void Shares_are_of_all_rows_and_trailing_bins_without_rows_are_left_out()
    {
        var card = new FeatureCard(FeatureGroup.Age, Ages(count: 10, missing: 2, (3, 6), (22, 2)), Ages(count: 4, missing: 0, (7, 4)));

        Assert.Equal(["0–5", "5–10", "10–15", "15–20", "20–25", "missing"], card.Bins.Select(bin => bin.Name));
        Assert.Equal([0.6, 0, 0, 0, 0.2, 0.2], card.Bins.Select(bin => bin.ReferenceShare!.Value));
        Assert.Equal([0, 1, 0, 0, 0, 0.0], card.Bins.Select(bin => bin.CurrentShare!.Value));
    }

    [Fact]
    public void A_scope_that_has_not_come_has_no_shares_and_no_figures()
    {
        var card = new FeatureCard(FeatureGroup.Age, null, Ages(count: 1, missing: 0, (3, 1)));

        Assert.All(card.Bins, bin => Assert.Null(bin.ReferenceShare));
        Assert.All(card.Figures, figure => Assert.Equal(["–"], figure.Reference));
        Assert.Equal("1", card.Figures[0].Current[0]);
    }

    [Fact]
    public void Steps_say_what_became_of_a_figure_and_only_what_stayed_once()
    {
        var before = Fares(count: 10, mean: 9.5, least: 3);
        var after = Fares(count: 11, mean: 9.25, least: 2.5);

        Assert.Equal(["10 → 11", "0.0%", "9.50 → 9.25", "£3 → £2.50", "£14"], new FeatureCard(FeatureGroup.Fare, before, after).Steps);
        Assert.Equal(["11", "0.0%", "9.25", "£2.50", "£14"], new FeatureCard(FeatureGroup.Fare, null, after).Steps);
    }

    /// <summary>All rows were deleted: nothing is divided by nothing.</summary>
    [Fact]
    public void A_scope_without_rows_is_shown_without_figures()
    {
        var card = new FeatureCard(FeatureGroup.Age, Ages(count: 0, missing: 0), null);

        Assert.Empty(card.Bins);
        Assert.Equal(["0", "– (0)", "–", "–", "–", "0", "–", "–"], card.Figures.Select(figure => figure.Reference[0]));
    }

    private static FeatureStatistics Fares(long count, double mean, double least) => new()
    {
        Scope = "all",
        Feature = "fare",
        Count = count,
        Mean = mean,
        Min = least,
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
