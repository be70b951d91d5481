using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class BinnedEncoderTests
{
    /// <summary>The bins of the original, written by hand: a value is in the first bin whose upper edge is not less than the value.</summary>
    private static readonly (int Code, double UpToYears)[] Ages = [(1, 12), (2, 18), (3, 35), (4, 60), (5, 120)];

    private static readonly (int Code, double UpToPounds)[] Fares =
        [(0, 10), (1, 25), (2, 50), (3, 75), (4, 100), (5, 125), (6, 150), (7, 200), (8, 250), (9, 300), (10, double.PositiveInfinity)];

    public static TheoryData<int, double> AgeEdges => [.. Ages.Select(age => (age.Code, age.UpToYears))];

    public static TheoryData<int, double> FareEdges => [.. Fares.SkipLast(1).Select(fare => (fare.Code, fare.UpToPounds))];

    [Theory]
    [MemberData(nameof(AgeEdges))]
    public void An_age_group_includes_its_upper_edge_only(int group, double edge)
    {
        Assert.Equal(group, AgeGroupOf(edge));
        Assert.Equal(group, AgeGroupOf(Math.BitDecrement(edge)));
        if (edge < 120)
            Assert.Equal(group + 1, AgeGroupOf(Math.BitIncrement(edge)));
    }

    [Theory]
    [MemberData(nameof(FareEdges))]
    public void A_fare_band_includes_its_upper_edge_only(int band, double edge)
    {
        Assert.Equal(band, FareBandOf(edge));
        Assert.Equal(band, FareBandOf(Math.BitDecrement(edge)));
        Assert.Equal(band + 1, FareBandOf(Math.BitIncrement(edge)));
    }

    [Fact]
    public void The_displayed_bins_are_those_of_the_encoder()
    {
        Assert.Equal(
            ["Unknown", "Child", "Teenager", "Young adult", "Adult", "Senior"], BinnedEncoder.AgeGroups.Select(group => group.Name));
        Assert.Equal([null, 12, 18, 35, 60, 120], BinnedEncoder.AgeGroups.Select(group => group.UpperEdge));
        Assert.Equal([10, 25, 50, 75, 100, 125, 150, 200, 250, 300, null], BinnedEncoder.FareBands.Select(band => band.UpperEdge));
        Assert.Equal(("up to £10", "over £10 to £25", "over £300"), (BinnedEncoder.FareBands[0].Name, BinnedEncoder.FareBands[1].Name, BinnedEncoder.FareBands[10].Name));
        Assert.All(BinnedEncoder.FareBands.Zip(BinnedEncoder.FareBands.Skip(1)), pair => Assert.Equal(pair.First.UpperEdge, pair.Second.LowerEdge));
        Assert.All(BinnedEncoder.AgeGroups.Skip(1).Zip(BinnedEncoder.AgeGroups.Skip(2)), pair => Assert.Equal(pair.First.UpperEdge, pair.Second.LowerEdge));
    }

    [Fact]
    public void Encodes_a_missing_age_as_Unknown_and_age_0_as_Child()
    {
        Assert.Equal(0, AgeGroupOf(null));
        Assert.Equal(1, AgeGroupOf(0));
    }

    /// <summary>S10: the original failed for a missing fare.</summary>
    [Fact]
    public void Replaces_a_missing_fare_by_the_median()
    {
        Assert.Equal(FareBandOf(14.4542), FareBandOf(null));
        Assert.Equal(1, FareBandOf(null));
    }

    /// <summary>Defects of the original: its page could not select the lowest fare band (S2) and encoded the upper class as 3 (S1).</summary>
    [Fact]
    public void Encodes_fare_0_in_the_lowest_band_and_the_upper_class_as_1()
    {
        Assert.Equal([1.0, 1.0, 3.0, 0.0], BinnedEncoder.Encode(1, Sex.Female, 29, 0).Features);
        Assert.Equal([3.0, 0.0, 0.0, 10.0], BinnedEncoder.Encode(3, Sex.Male, null, 10_000).Features);
    }

    [Fact]
    public void Codes_are_unique_and_round_trip_for_all_396_points()
    {
        var points =
            (from pclass in Enumerable.Range(1, 3)
             from sex in (Sex[])[Sex.Male, Sex.Female]
             from age in Enumerable.Range(0, 6)
             from fare in Enumerable.Range(0, 11)
             select new BinnedPoint(pclass, sex, age, fare)).ToList();

        Assert.Equal(396, points.Count);
        Assert.Equal(Enumerable.Range(0, 396), points.Select(point => (int)point.Code));
        Assert.All(points, point => Assert.Equal(point, BinnedPoint.FromCode(point.Code)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(396)]
    public void Rejects_a_code_outside_of_0_to_395(int code) =>
        Assert.Contains("between 0 and 395", Assert.Throws<ArgumentOutOfRangeException>(() => BinnedPoint.FromCode(code)).Message);

    [Theory]
    [InlineData(0, 0, 30.0, 10.0)]
    [InlineData(4, 0, 30.0, 10.0)]
    [InlineData(1, 2, 30.0, 10.0)]
    [InlineData(1, 0, -0.1, 10.0)]
    [InlineData(1, 0, 120.1, 10.0)]
    [InlineData(1, 0, double.NaN, 10.0)]
    [InlineData(1, 0, 30.0, -0.1)]
    [InlineData(1, 0, 30.0, double.NaN)]
    [InlineData(1, 0, 30.0, double.PositiveInfinity)]
    public void Rejects_values_out_of_range(int pclass, int sex, double age, double fare) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BinnedEncoder.Encode(pclass, (Sex)sex, age, fare));

    private static int AgeGroupOf(double? years) => BinnedEncoder.Encode(3, Sex.Male, years, 7).AgeGroup;

    private static int FareBandOf(double? pounds) => BinnedEncoder.Encode(3, Sex.Male, 30, pounds).FareBand;
}
