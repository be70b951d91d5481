namespace Titanic.Web.Tests;

public sealed class FormatTests
{
    [Fact]
    public void Formats_numbers_with_thousands_separators_and_fixed_decimals()
    {
        Assert.Equal("79.8%", Format.Percent(0.7976));
        Assert.Equal("0.450", Format.ThreeDecimals(0.45));
        Assert.Equal("0.5", Format.Points(0.0047));
        Assert.Equal("1,309", Format.Count(1309));
        Assert.Equal("718.6", Format.Count(718.6));
        Assert.Equal(("0 rows", "1 row", "1,309 rows"), (Quantity.Of(0, "row"), Quantity.Of(1, "row"), Quantity.Of(1309, "row")));
    }

    [Theory]
    [InlineData(536_870_912, "512 MiB")]
    [InlineData(4_194_305, "4,194,305 bytes")]
    [InlineData(1, "1 byte")]
    public void Formats_sizes_in_whole_mebibytes_or_bytes(long bytes, string text) => Assert.Equal(text, Format.Size(bytes));

    [Fact]
    public void Formats_money_with_two_decimals_or_none() =>
        Assert.Equal(
            ("£100", "£59.20", "£1,000", "£39"), (Format.Pounds(100), Format.Pounds(59.2), Format.Pounds(1000), Format.Pounds(38.996)));

    [Fact]
    public void Formats_the_inputs_of_a_prediction()
    {
        Assert.Equal("1st class, female, 29 years, fare £211.34", Format.Inputs(1, "female", 29, 211.3375));
        Assert.Equal("3rd class, male, age unknown, fare unknown", Format.Inputs(3, "male", null, null));
        Assert.Equal("2nd", Format.Class(2));
    }

    [Theory]
    [InlineData(-0.0312, "−0.031", "−3.1")]
    [InlineData(0.0012, "+0.001", "+0.1")]
    [InlineData(-0.00001, "0.000", "0.0")]
    public void Formats_differences_with_their_sign(double value, string number, string points) =>
        Assert.Equal((number, points), (Format.Difference(value), Format.PointDifference(value)));

    [Fact]
    public void Uses_a_true_minus_sign_and_none_for_values_that_round_to_zero() =>
        Assert.Equal(("−1.50", "−2.0%", "0.0%"), (Format.TwoDecimals(-1.5), Format.Percent(-0.02), Format.Percent(-0.0001)));

    [Theory]
    [InlineData(0.0187, "p = 0.0187", "0.0187")]
    [InlineData(0.0001, "p = 0.0001", "0.0001")]
    [InlineData(0.00009, "p < 0.0001", "< 0.0001")]
    [InlineData(0.0, "p < 0.0001", "< 0.0001")]
    public void Never_writes_a_p_value_of_zero(double value, string text, string cell) =>
        Assert.Equal((text, cell), (Format.PValue(value), Format.PValueCell(value)));

    [Theory]
    [InlineData(29.0, "29 years")]
    [InlineData(1.0, "1 year")]
    [InlineData(1.5, "1.5 years")]
    [InlineData(0.1667, "2 months")]
    [InlineData(0.0833, "1 month")]
    [InlineData(0.99, "11 months")]
    [InlineData(0.01, "under 1 month")]
    [InlineData(0.0, "0 months")]
    public void Formats_ages_below_one_year_in_months(double years, string text) => Assert.Equal(text, Format.Age(years));

    [Fact]
    public void Formats_dates_and_times_in_UTC()
    {
        var time = new DateTimeOffset(2026, 11, 23, 14, 5, 59, TimeSpan.FromHours(1));

        Assert.Equal("2026-11-23", Format.Date(new DateOnly(2026, 11, 23)));
        Assert.Equal("2026-11-23 13:05 UTC", Format.UtcTime(time));
        Assert.Equal("2026-11-23 13:05:59 UTC", Format.UtcTime(time, seconds: true));
    }

    [Theory]
    [InlineData(420, "420\u00a0ms")]
    [InlineData(3_210, "3.2\u00a0s")]
    [InlineData(125_000, "2\u00a0min 5\u00a0s")]
    public void Formats_durations_in_the_largest_unit_that_fits(int milliseconds, string text) =>
        Assert.Equal(text, Format.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void Formats_unknown_values_as_a_dash() => Assert.All(
        [
            Format.Percent(null), Format.Pounds(null), Format.Age(null), Format.PValue(null), Format.PValueCell(null), Format.Date(null), Format.UtcTime(null),
            Format.Duration(null),
        ],
        text => Assert.Equal("–", text));
}
