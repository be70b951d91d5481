using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pages;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages;

public sealed class QuestionAddressTests
{
    [Theory]
    [InlineData(1, Sex.Female, 29.0, 100.0, "/?pclass=1&sex=female&age=29&fare=100")]
    [InlineData(3, Sex.Male, 0.1667, 7.225, "/?pclass=3&sex=male&age=0.1667&fare=7.225")]
    [InlineData(2, Sex.Female, null, null, "/?pclass=2&sex=female&age=&fare=")]
    [InlineData(2, Sex.Female, 0.00001, 512.3292, "/?pclass=2&sex=female&age=0.00001&fare=512.3292")]
    public void An_address_is_read_as_the_question_that_it_was_made_of(int pclass, Sex sex, double? age, double? fare, string address)
    {
        var question = new PredictionInput(pclass, sex, age, fare);

        Assert.Equal(address, QuestionAddress.Of(question));
        var read = QuestionForm.Read(null, new QueryCollection(QueryHelpers.ParseQuery(address[1..])));
        Assert.Empty(read.Wrong);
        Assert.Equal(question, read.Input);
    }

    [Fact]
    public void It_names_the_passenger_and_the_chart_where_that_is_not_the_first() => Assert.Equal(
        "/?pclass=1&sex=male&age=47&fare=227.525&passenger=titanic3/a%26b&vary=fare",
        QuestionAddress.Of(new PredictionInput(1, Sex.Male, 47, 227.525), new PassengerKey(PassengerSources.Titanic3, "a&b"), "fare"));
}
