using Titanic.Web.Lifecycle;
using Titanic.Web.Pages.Models;

namespace Titanic.Web.Tests.Pages.Models;

public sealed class HeatMapCellTests
{
    [Theory]
    [InlineData(false, 0.4, true, 0.52, "▲+12", "died, then survived; probability 40.0%, then 52.0%", "heat-to-survived")]
    [InlineData(true, 0.52, false, 0.5, "▼−2", "survived, then died; probability 52.0%, then 50.0%", "heat-to-died")]
    [InlineData(false, 0.1, false, 0.13, "+3", "died in both; probability 10.0%, then 13.0%", "heat-up-1")]
    [InlineData(true, 0.9, true, 0.7, "−20", "survived in both; probability 90.0%, then 70.0%", "heat-down-2")]
    [InlineData(true, 0.9, true, 0.902, "·", "survived in both; probability 90.0%, then 90.2%", null)]
    [InlineData(true, 0.9, true, 0.9, "", "survived in both; probability 90.0%", null)]
    public void Describes_the_change_in_text_and_color(bool first, double firstProbability, bool second, double secondProbability, string text, string description, string? style)
    {
        var cell = HeatMapCell.Of(new ComparedPrediction("1st class", "male", "Child", "up to £10", new(first, firstProbability), new(second, secondProbability)));

        Assert.Equal((text, description, style), (cell.Text, cell.Description, cell.Style));
    }

    [Theory]
    [InlineData("up to £10", "≤£10")]
    [InlineData("over £10 to £25", "≤£25")]
    [InlineData("over £300", ">£300")]
    [InlineData("£7.5", "£7.5")]
    [InlineData("unknown", "unknown")]
    public void Shortens_the_fare_of_a_column_heading(string fare, string heading) => Assert.Equal(heading, HeatMapCell.ShortFareLabel(fare));
}
