using System.Text.Json.Serialization;
using Titanic.Web.Passengers;

namespace Titanic.Web.Training;

/// <summary>Inputs and outputs of a model by name and type, as the registry stores them.</summary>
/// <param name="EncoderId">The encoder of the inputs, for example "titanic_binned/1".</param>
/// <param name="Inputs">Inputs of a prediction request.</param>
/// <param name="Outputs">Outputs of a prediction.</param>
public sealed record ModelSignature(string EncoderId, IReadOnlyList<SignatureField> Inputs, IReadOnlyList<SignatureField> Outputs)
{
    private static readonly SignatureField _probability = new("probability", "number", false, "0 to 1");

    /// <summary>The inputs of every model. Examples, which prefill forms, are those of the most frequent kind of passenger.</summary>
    public static IReadOnlyList<SignatureField> PassengerInputs { get; } =
    [
        new("pclass", "integer", false, PassengerLimits.AllowedPclass, "Class", Example: "3", Choices: [new("1", "1st class (upper)"), new("2", "2nd class (middle)"), new("3", "3rd class (lower)")]),
        new("sex", "string", false, PassengerLimits.AllowedSex, "Sex", Example: "male", Choices: [new("female", "Female"), new("male", "Male")]),
        Number("age", "Age", "years", PassengerLimits.MaximumAgeInYears, "29"),
        Number("fare", "Fare", "pounds", PassengerLimits.MaximumFareInPounds, "8"),
    ];

    /// <summary>Signature of a K-NN model.</summary>
    public static ModelSignature OfKnn(string encoderId) => new(encoderId, PassengerInputs,
    [
        new("survived", "boolean", false, "true when more than half of the neighbors survived"),
        _probability,
        new("survivors", "integer", false, "0 to neighbors"),
        new("neighbors", "integer", false, "at least k"),
    ]);

    /// <summary>Signature of a model of an alternative learner.</summary>
    public static ModelSignature OfAlternative(string encoderId) => new(encoderId, PassengerInputs,
    [
        new("survived", "boolean", false, "true when the probability is more than one half"),
        _probability,
    ]);

    /// <inheritdoc cref="SignatureField.WithoutFormDetails"/>
    [JsonIgnore]
    public ModelSignature WithoutFormDetails => this with { Inputs = [.. Inputs.Select(input => input.WithoutFormDetails)], Outputs = [.. Outputs.Select(output => output.WithoutFormDetails)] };

    /// <summary>The signature with the texts of this release; stored signatures of earlier releases have others.</summary>
    [JsonIgnore]
    public ModelSignature WithCurrentTexts => this with { Inputs = [.. Inputs.Select(input => input.WithCurrentTexts)], Outputs = [.. Outputs.Select(output => output.WithCurrentTexts)] };

    /// <summary>An optional number; a missing value means unknown.</summary>
    private static SignatureField Number(string name, string label, string unit, double maximum, string example) =>
        new(name, "number", true, FormattableString.Invariant($"0 to {maximum} {unit}; absent means unknown"), label, unit, 0, maximum, example);
}

/// <summary>
/// An input or output. Members after <paramref name="Allowed"/> describe form fields; members without a value are omitted from the JSON.
/// </summary>
/// <param name="Name">Name in requests and responses.</param>
/// <param name="Type">JSON type.</param>
/// <param name="Optional">Whether the value may be missing.</param>
/// <param name="Allowed">Description of the allowed values.</param>
/// <param name="Label">Label of the form field, for example "Fare".</param>
/// <param name="Unit">For example "pounds".</param>
/// <param name="Minimum">Smallest allowed number, in the unit.</param>
/// <param name="Maximum">Largest allowed number, in the unit.</param>
/// <param name="Example">Valid value as entered; prefills the form field.</param>
/// <param name="Choices">All allowed values, if they are few.</param>
public sealed record SignatureField(
    string Name,
    string Type,
    bool Optional,
    string Allowed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Label = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Unit = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Minimum = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Maximum = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Example = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SignatureChoice>? Choices = null)
{
    /// <inheritdoc cref="ModelSignature.WithCurrentTexts"/>
    [JsonIgnore]
    public SignatureField WithCurrentTexts => this with
    {
        Label = Label == "Ticket price" ? "Fare" : Label,
        Allowed = Allowed.Replace("neighbours", "neighbors", StringComparison.Ordinal),
    };

    /// <summary>The field without form details, as stored by versions that were registered before signatures described forms.</summary>
    [JsonIgnore]
    public SignatureField WithoutFormDetails => new(Name, Type, Optional, Allowed);

    /// <summary>
    /// The current field with form details, if it equals this field of an older version without them; else this field.
    /// </summary>
    [JsonIgnore]
    public SignatureField WithFormDetails => ModelSignature.PassengerInputs.FirstOrDefault(current => current.WithoutFormDetails == this) ?? WithCurrentTexts;
}

/// <summary>One allowed value of an input.</summary>
/// <param name="Value">Value in requests: "1".</param>
/// <param name="Name">Displayed text: "1st class (upper)".</param>
public sealed record SignatureChoice(string Value, string Name);
