using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class NumericEncoderTests
{
    /// <summary>Expected values: <c>round(math.log(1 + fare), 9)</c> in Python.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(7.25, 2.1102132)]
    [InlineData(14.4542, 2.737880811)]
    [InlineData(80, 4.394449155)]
    [InlineData(512.3292, 6.240917355)]
    [InlineData(10_000, 9.210440367)]
    public void Encodes_the_fare_as_ln_of_1_plus_pounds(double pounds, double logarithm) =>
        Assert.Equal([1, 1, 29, logarithm], NumericEncoder.Encode(1, Sex.Female, 29, pounds).Features);

    [Fact]
    public void Replaces_a_missing_age_and_fare_by_their_medians()
    {
        double[] ages = [.. new BundledDataset().Passengers.Select(passenger => passenger.AgeInYears).OfType<double>().Order()];
        double[] fares = [.. new BundledDataset().Passengers.Select(passenger => passenger.FareInPounds).OfType<double>().Order()];

        Assert.Equal((1046, ages[522], ages[523]), (ages.Length, 28, 28));
        Assert.Equal((1308, fares[653], fares[654]), (fares.Length, 14.4542, 14.4542));
        Assert.Equal(NumericEncoder.Encode(3, Sex.Male, 28, 14.4542), NumericEncoder.Encode(3, Sex.Male, null, null));
    }

    [Fact]
    public void Returns_the_values_in_the_order_of_the_features()
    {
        Assert.Equal(["pclass", "sex", "age", "log_fare"], NumericEncoder.Schema.FeatureNames);
        Assert.Equal([2, 0, 0.75, 0], NumericEncoder.Encode(2, Sex.Male, 0.75, 0).Features);
    }

    [Theory]
    [InlineData(0, 0, 30.0, 10.0)]
    [InlineData(1, 2, 30.0, 10.0)]
    [InlineData(1, 0, 120.1, 10.0)]
    [InlineData(1, 0, double.NaN, 10.0)]
    [InlineData(1, 0, 30.0, -0.1)]
    [InlineData(1, 0, 30.0, double.PositiveInfinity)]
    public void Rejects_values_out_of_range(int pclass, int sex, double age, double fare) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NumericEncoder.Encode(pclass, (Sex)sex, age, fare));
}
