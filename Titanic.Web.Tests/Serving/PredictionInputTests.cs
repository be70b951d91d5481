using System.Text.Json;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Serving;

public sealed class PredictionInputTests
{
    /// <summary>Defect S11 of the original: it read every text except "male" as "female".</summary>
    [Theory]
    [InlineData("male", Sex.Male)]
    [InlineData(" MALE ", Sex.Male)]
    [InlineData("Female", Sex.Female)]
    [InlineData("man", null)]
    [InlineData("mal", null)]
    [InlineData("f", null)]
    [InlineData("", null)]
    public void Accepts_only_male_and_female_as_the_sex(string text, Sex? sex)
    {
        var builder = new PredictionInputBuilder();
        builder.SetNumber(PredictionField.Pclass, 1);
        builder.SetText(PredictionField.Sex, text);

        Assert.Equal(sex, builder.Build()?.Sex);
        Assert.Equal(sex is null, builder.Problems().Any(problem => problem.Field == PredictionField.Sex));
    }

    [Theory]
    [InlineData(1, 0.0, 0.0)]
    [InlineData(3, 120.0, 10_000.0)]
    [InlineData(2, null, null)]
    public void Accepts_the_limits(int pclass, double? age, double? fare)
    {
        var builder = Builder(pclass, Sex.Male, age, fare);

        Assert.Empty(builder.Problems());
        Assert.Equal(new PredictionInput(pclass, Sex.Male, age, fare), builder.Build());
    }

    [Fact]
    public void Reports_each_invalid_field_with_the_value_seen_and_the_values_allowed()
    {
        var builder = Builder(4, null, -1, double.NaN);
        builder.SetText(PredictionField.Sex, "a very long text that is no sex");

        Assert.Null(builder.Build());
        Assert.Equal(
            [
                (PredictionField.Pclass, "The class is 4; it must be 1, 2 or 3."),
                (PredictionField.Sex, "The sex is \"a very long text that is…\"; it must be male or female."),
                (PredictionField.Age, "The age is -1; it must be a plain number between 0 and 120 years, such as 29 or 0.75, or omitted if unknown."),
                (PredictionField.Fare, "The fare is NaN; it must be a plain number between 0 and 10,000 pounds, such as 29 or 0.75, or omitted if unknown."),
            ],
            builder.Problems());
    }

    [Fact]
    public void Reports_missing_fields() => Assert.Equal(
        ["The class is missing; it must be 1, 2 or 3.", "The sex is missing; it must be male or female."],
        new PredictionInputBuilder().Problems().Select(problem => problem.Sentence));

    [Theory]
    [InlineData("29", 29.0)]
    [InlineData("0.5", 0.5)]
    [InlineData("7,25", null)]
    [InlineData("1e1", null)]
    [InlineData("-1", null)]
    public void Accepts_only_numbers_with_plain_digits_as_text(string text, double? years)
    {
        var builder = Builder(1, Sex.Male, null, null);
        builder.SetText(PredictionField.Age, text);

        Assert.Equal(years, builder.Build()?.Age);
        if (years is null)
        {
            Assert.Equal(
                $"The age is \"{text}\"; it must be a plain number between 0 and 120 years, such as 29 or 0.75, or omitted if unknown.",
                Assert.Single(builder.Problems()).Sentence);
        }
    }

    [Theory]
    [InlineData(0, 0, 30.0, 10.0)]
    [InlineData(4, 0, 30.0, 10.0)]
    [InlineData(1, 2, 30.0, 10.0)]
    [InlineData(1, 0, 120.1, 10.0)]
    [InlineData(1, 0, double.NaN, 10.0)]
    [InlineData(1, 0, 30.0, 10_000.1)]
    [InlineData(1, 0, 30.0, double.PositiveInfinity)]
    public void Constructor_throws_outside_the_limits(int pclass, int sex, double age, double fare) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PredictionInput(pclass, (Sex)sex, age, fare));

    [Fact]
    public void Serializes_with_the_member_names_of_the_API()
    {
        var input = new PredictionInput(1, Sex.Female, 29.5);

        var json = JsonSerializer.Serialize(input, JsonSerializerOptions.Web);

        Assert.Equal("""{"pclass":1,"sex":"female","age":29.5,"fare":null}""", json);
        Assert.Equal(input, JsonSerializer.Deserialize<PredictionInput>(json, JsonSerializerOptions.Web));
    }

    private static PredictionInputBuilder Builder(int pclass, Sex? sex, double? age, double? fare)
    {
        var builder = new PredictionInputBuilder();
        builder.SetNumber(PredictionField.Pclass, pclass);
        if (sex is { } known)
            builder.SetSex(known);
        if (age is { } years)
            builder.SetNumber(PredictionField.Age, years);
        if (fare is { } pounds)
            builder.SetNumber(PredictionField.Fare, pounds);
        return builder;
    }
}
