using Titanic.Web.FeatureStore;
using Titanic.Web.Pages.Features;

namespace Titanic.Web.Tests.Pages.Features;

public sealed class FeatureBinsTests
{
    public static TheoryData<string> Features => [.. FeatureGroup.Features.Select(feature => feature.Name)];

    /// <summary>A missing or repeated bin would give shares that do not add up to 1.</summary>
    [Theory]
    [MemberData(nameof(Features))]
    public void Contain_every_bin_of_the_statistics_once(string name)
    {
        var feature = FeatureGroup.Features.Single(feature => feature.Name == name);

        var merged = FeatureBins.Of(feature).Bins.SelectMany(bin => Enumerable.Range(bin.Start, bin.End - bin.Start));

        Assert.Equal(Enumerable.Range(0, feature.Bins), merged);
    }

    [Theory]
    [InlineData("pclass", "1st class|2nd class|3rd class")]
    [InlineData("sex", "male|female")]
    [InlineData("survived", "died|survived")]
    [InlineData("age", "0–5|5–10|10–15|15–20|20–25|25–30|30–35|35–40|40–45|45–50|50–55|55–60|60–65|65–70|70–75|75–80|80+")]
    [InlineData("fare", "0–5|5–10|10–15|15–20|20–25|25–30|30–40|40–50|50–75|75–100|100–150|150–200|200–250|250–300|300–600|600+")]
    public void Have_readable_labels(string name, string labels) =>
        Assert.Equal(labels, string.Join('|', FeatureBins.Of(FeatureGroup.Features.Single(feature => feature.Name == name)).Bins.Select(bin => bin.Name)));

    /// <summary>Ages of 4 and 5 years are in adjacent bins; an age of 119 is in the last bin.</summary>
    [Fact]
    public void Count_rows_by_the_lower_edge()
    {
        var histogram = new long[FeatureGroup.Age.Bins];
        (histogram[0], histogram[4], histogram[5], histogram[119]) = (1, 2, 4, 8);
        var statistics = new FeatureStatistics { Scope = "all", Feature = "age", Histogram = histogram, TopValues = [], Sums = new FeatureSums(0, 0, 0, 0, 0, 0, 0) };

        var bins = FeatureBins.Of(FeatureGroup.Age).Bins;

        Assert.Equal((3L, 4L, 8L), (bins[0].CountRows(statistics), bins[1].CountRows(statistics), bins[^1].CountRows(statistics)));
        Assert.Null(bins[0].CountRows(null));
    }
}
