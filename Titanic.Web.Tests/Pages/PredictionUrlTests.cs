using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pages;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages;

public sealed class PredictionUrlTests
{
    [Theory]
    [InlineData(1, Sex.Female, 29.0, 100.0, "/?pclass=1&sex=female&age=29&fare=100")]
    [InlineData(3, Sex.Male, 0.1667, 7.225, "/?pclass=3&sex=male&age=0.1667&fare=7.225")]
    [InlineData(2, Sex.Female, null, null, "/?pclass=2&sex=female&age=&fare=")]
    [InlineData(2, Sex.Female, 0.00001, 512.3292, "/?pclass=2&sex=female&age=0.00001&fare=512.3292")]
    public void The_form_reads_the_inputs_back_from_their_URL(int pclass, Sex sex, double? age, double? fare, string path)
    {
        var input = new PredictionInput(pclass, sex, age, fare);

        Assert.Equal(path, PredictionUrl.Of(input));
        var read = PredictionForm.Read(null, new QueryCollection(QueryHelpers.ParseQuery(path[1..])));
        Assert.Empty(read.InvalidFields);
        Assert.Equal(input, read.Input);
    }

    [Fact]
    public void Contains_the_passenger_and_a_chart_other_than_the_first() => Assert.Equal(
        "/?pclass=1&sex=male&age=47&fare=227.525&passenger=titanic3/a%26b&vary=fare",
        PredictionUrl.Of(new PredictionInput(1, Sex.Male, 47, 227.525), new PassengerKey(PassengerSources.Titanic3, "a&b"), "fare"));
}
