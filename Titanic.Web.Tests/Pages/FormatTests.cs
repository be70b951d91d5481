using Titanic.Web.Pages;

namespace Titanic.Web.Tests.Pages;

public sealed class FormatTests
{
    [Fact]
    public void Writes_figures_the_same_way_everywhere()
    {
        Assert.Equal("79.8\u00a0%", Format.Percent(0.7976));
        Assert.Equal("0.450", Format.Number(0.45));
        Assert.Equal("1,309", Format.Count(1309));
        Assert.Equal("718.6", Format.Count(718.6));
        Assert.Equal(("0 rows", "1 row", "1,309 rows"), (Format.Counted(0, "row"), Format.Counted(1, "row"), Format.Counted(1309, "row")));
        Assert.Equal("0.1667", Format.Years(0.1667));
        Assert.Equal("£100", Format.Pounds(100));
        Assert.Equal("£59.20", Format.Pounds(59.2));
        Assert.Equal("2026-11-23", Format.Day(new DateOnly(2026, 11, 23)));
        Assert.Equal("2026-11-23 13:05 UTC", Format.Moment(new DateTimeOffset(2026, 11, 23, 14, 5, 59, TimeSpan.FromHours(1))));
    }

    [Theory]
    [InlineData(420, "420\u00a0ms")]
    [InlineData(3_210, "3.2\u00a0s")]
    [InlineData(125_000, "2\u00a0min 5\u00a0s")]
    public void Writes_a_duration_in_the_unit_that_suits_it(int milliseconds, string text) =>
        Assert.Equal(text, Format.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData("00:00:59", "just now")]
    [InlineData("00:59:59", "59\u00a0min ago")]
    [InlineData("03:00:00", "3\u00a0h ago")]
    [InlineData("1.23:00:00", "1\u00a0day ago")]
    [InlineData("40.00:00:00", "40\u00a0days ago")]
    public void Says_how_long_ago_in_the_largest_unit_that_fits(string past, string text) =>
        Assert.Equal(text, Format.Ago(TimeSpan.Parse(past, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Writes_a_dash_for_what_is_not_known() =>
        Assert.All([Format.Percent(null), Format.Pounds(null), Format.Day(null), Format.Moment(null), Format.Duration(null)], text => Assert.Equal("–", text));
}
