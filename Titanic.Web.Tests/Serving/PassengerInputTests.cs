using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Serving;

public sealed class PassengerInputTests
{
    /// <summary>S11: in the original whatever was not exactly "male" became a woman.</summary>
    [Theory]
    [InlineData("male", Sex.Male)]
    [InlineData(" MALE ", Sex.Male)]
    [InlineData("Female", Sex.Female)]
    [InlineData("man", null)]
    [InlineData("mal", null)]
    [InlineData("f", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Only_the_words_male_and_female_name_a_sex(string? text, Sex? sex)
    {
        var input = new PassengerInput(1, text);

        Assert.Equal(sex, input.ParsedSex);
        Assert.Equal(sex is null, input.Problems().ContainsKey("sex"));
    }

    [Theory]
    [InlineData(1, 0.0, 0.0)]
    [InlineData(3, 120.0, 10_000.0)]
    [InlineData(2, null, null)]
    public void The_limits_themselves_are_allowed(int pclass, double? age, double? fare) =>
        Assert.Empty(new PassengerInput(pclass, "male", age, fare).Problems());

    [Fact]
    public void Every_wrong_field_is_named_with_what_was_seen_and_what_is_allowed()
    {
        var problems = new PassengerInput(4, "a very long word that is no sex", -1, double.NaN).Problems();

        Assert.Equal(["The class is 4; it must be 1, 2 or 3."], problems["pclass"]);
        Assert.Equal(["The sex is \"a very long word tha…\"; it must be male or female."], problems["sex"]);
        Assert.Equal(["The age is -1; it must be 0 to 120 years, or left out if unknown."], problems["age"]);
        Assert.Equal(["The ticket price is NaN; it must be 0 to 10000 pounds, or left out if unknown."], problems["fare"]);
    }

    [Fact]
    public void What_is_missing_is_said_to_be_missing()
    {
        var problems = new PassengerInput(null, null).Problems();

        Assert.Equal(["The class is missing; it must be 1, 2 or 3."], problems["pclass"]);
        Assert.Equal(["The sex is missing; it must be male or female."], problems["sex"]);
        Assert.Equal(2, problems.Count);
    }
}
