using Titanic.Web.Lifecycle;
using Titanic.Web.Pages.Models;

namespace Titanic.Web.Tests.Pages.Models;

public sealed class HeatCellTests
{
    [Theory]
    [InlineData(false, 0.4, true, 0.52, "▲+12", "dies, then survives; chance 40.0%, then 52.0%", "heat-to-survived")]
    [InlineData(true, 0.52, false, 0.5, "▼−2", "survives, then dies; chance 52.0%, then 50.0%", "heat-to-died")]
    [InlineData(false, 0.1, false, 0.13, "+3", "dies in both; chance 10.0%, then 13.0%", "heat-up-1")]
    [InlineData(true, 0.9, true, 0.7, "−20", "survives in both; chance 90.0%, then 70.0%", "heat-down-2")]
    [InlineData(true, 0.9, true, 0.902, "·", "survives in both; chance 90.0%, then 90.2%", null)]
    [InlineData(true, 0.9, true, 0.9, "", "survives in both; chance 90.0%", null)]
    public void A_cell_says_in_words_what_its_colour_shows(bool first, double firstChance, bool second, double secondChance, string text, string words, string? style)
    {
        var cell = HeatCell.Of(new ComparedAnswer("1st class", "male", "Child", "up to £10", new(first, firstChance), new(second, secondChance)));

        Assert.Equal((text, words, style), (cell.Text, cell.Words, cell.Style));
    }

    [Theory]
    [InlineData("up to £10", "≤£10")]
    [InlineData("over £10 to £25", "≤£25")]
    [InlineData("over £300", ">£300")]
    [InlineData("£7.5", "£7.5")]
    [InlineData("unknown", "unknown")]
    public void A_heading_is_as_narrow_as_its_column(string fare, string heading) => Assert.Equal(heading, HeatCell.Narrow(fare));
}
