using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Titanic.Web.Pages;
using Titanic.Web.Training;

namespace Titanic.Web.Tests.Pages;

public sealed class PredictionFormTests
{
    [Fact]
    public void A_full_signature_defines_labels_units_limits_and_choices()
    {
        var form = PredictionForm.Initial(ModelSignature.PassengerInputs);

        Assert.Equal(["Class", "Sex", "Age in years", "Fare in pounds"], form.Fields.Select(field => field.Label));
        Assert.Equal(["3", "male", "29", "8"], form.Fields.Select(field => field.Value));
        Assert.Equal([3, 2, 0, 0], form.Fields.Select(field => field.Choices.Count));
        Assert.Equal(
            [null, null, "0 to 120, for example 29 or 29.5. Leave empty if unknown.", "0 to 10,000, for example 8 or 8.5. Leave empty if unknown."],
            form.Fields.Select(field => field.Hint));
        Assert.Equal("pclass-1", form.Fields[0].FirstControlId);
    }

    [Fact]
    public void A_signature_of_an_earlier_release_gets_the_current_form_details()
    {
        var form = PredictionForm.Initial([.. ModelSignature.PassengerInputs.Select(field => field.WithoutFormDetails)]);

        Assert.Equal(ModelSignature.PassengerInputs, form.Fields.Select(field => field.Signature));
    }

    [Fact]
    public void A_field_without_form_details_is_a_text_field_with_the_allowed_values_as_hint()
    {
        var form = PredictionForm.Read([new SignatureField("pclass", "integer", false, "1 or 2")], Query("?pclass=2"));

        var field = Assert.Single(form.Fields);
        Assert.Equal(("pclass", "1 or 2", "2", "pclass"), (field.Label, field.Hint, field.Value, field.FirstControlId));
        Assert.Empty(field.Choices);
        Assert.Null(form.Input); // no sex
    }

    [Fact]
    public void The_first_invalid_field_follows_the_order_of_the_form()
    {
        var form = PredictionForm.Read(ModelSignature.PassengerInputs, Query("?fare=x&age=x&sex=male&pclass=1"));

        Assert.Equal(["age", "fare"], form.InvalidFields.Select(field => field.Name));
        Assert.Equal("age", Assert.Single(form.Fields, field => field.IsFirstInvalid).Name);
    }

    [Theory]
    [InlineData("1", 1.0)]
    [InlineData(" 0.5 ", 0.5)]
    [InlineData("", null)]
    [InlineData("7,25", 7.25)]
    [InlineData(" 0,167 ", 0.167)]
    [InlineData("29,5", 29.5)]
    public void Reads_plain_digits_with_a_decimal_point_or_comma(string text, double? years)
    {
        var form = PredictionForm.Read(ModelSignature.PassengerInputs, Query($"?pclass=1&sex=male&age={Uri.EscapeDataString(text)}"));

        Assert.Empty(form.InvalidFields);
        Assert.Equal(years, form.Input?.Age);
    }

    private static QueryCollection Query(string query) => new(QueryHelpers.ParseQuery(query));
}
