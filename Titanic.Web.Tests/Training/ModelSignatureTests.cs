using Titanic.Web.Database;
using Titanic.Web.Training;

namespace Titanic.Web.Tests.Training;

public sealed class ModelSignatureTests
{
    /// <summary>As the first release stored it.</summary>
    private const string InPlainWords = """{"name":"age","type":"number","optional":true,"allowed":"0 to 120 years; absent means unknown"}""";

    [Fact]
    public void What_a_field_does_not_tell_is_not_in_its_json()
    {
        var read = JsonColumn.Read<SignatureField>(InPlainWords);

        Assert.Equal(new SignatureField("age", "number", true, "0 to 120 years; absent means unknown"), read);
        Assert.Equal(InPlainWords, JsonColumn.Write(read));
    }

    [Fact]
    public void A_field_in_full_tells_label_unit_limits_and_an_example_and_still_its_plain_words()
    {
        var age = ModelSignature.PassengerInputs.Single(field => field.Name == "age");
        var sex = ModelSignature.PassengerInputs.Single(field => field.Name == "sex");

        Assert.Equal(
            """{"name":"age","type":"number","optional":true,"allowed":"0 to 120 years; absent means unknown","label":"Age","unit":"years","minimum":0,"maximum":120,"example":"29"}""",
            JsonColumn.Write(age));
        Assert.Equal(InPlainWords, JsonColumn.Write(age.InPlainWords));
        Assert.Contains(""","choices":[{"value":"female","name":"Female"},{"value":"male","name":"Male"}]}""", JsonColumn.Write(sex), StringComparison.Ordinal);
    }
}
