using Titanic.Web.Database;
using Titanic.Web.Training;

namespace Titanic.Web.Tests.Training;

public sealed class ModelSignatureTests
{
    /// <summary>As stored by the first release.</summary>
    private const string InPlainWords = """{"name":"age","type":"number","optional":true,"allowed":"0 to 120 years; absent means unknown"}""";

    [Fact]
    public void Omits_missing_members_from_JSON()
    {
        var read = JsonColumn.Deserialize<SignatureField>(InPlainWords);

        Assert.Equal(new SignatureField("age", "number", true, "0 to 120 years; absent means unknown"), read);
        Assert.Equal(InPlainWords, JsonColumn.Serialize(read));
    }

    [Fact]
    public void Shows_texts_of_earlier_releases_in_current_words()
    {
        var knn = ModelSignature.OfKnn("titanic_binned/1");
        var earlier = knn with
        {
            Inputs = [.. knn.Inputs.Select(input => input.Name == "fare" ? input with { Label = "Ticket price" } : input)],
            Outputs = [.. knn.Outputs.Select(output => output with { Allowed = output.Allowed.Replace("of the neighbors", "of the neighbours", StringComparison.Ordinal) })],
        };

        Assert.NotEqual(JsonColumn.Serialize(knn), JsonColumn.Serialize(earlier));
        Assert.Equal(JsonColumn.Serialize(knn), JsonColumn.Serialize(earlier.WithCurrentTexts));
    }

    [Fact]
    public void JSON_of_a_field_has_form_details_and_can_omit_them()
    {
        var age = ModelSignature.PassengerInputs.Single(field => field.Name == "age");
        var sex = ModelSignature.PassengerInputs.Single(field => field.Name == "sex");

        Assert.Equal(
            """{"name":"age","type":"number","optional":true,"allowed":"0 to 120 years; absent means unknown","label":"Age","unit":"years","minimum":0,"maximum":120,"example":"29"}""",
            JsonColumn.Serialize(age));
        Assert.Equal(InPlainWords, JsonColumn.Serialize(age.WithoutFormDetails));
        Assert.Contains(""","choices":[{"value":"female","name":"Female"},{"value":"male","name":"Male"}]}""", JsonColumn.Serialize(sex), StringComparison.Ordinal);
    }
}
