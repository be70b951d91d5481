using System.Text.Json.Serialization;
using Titanic.Web.Passengers;

namespace Titanic.Web.Training;

/// <summary>A model's inputs and outputs by name and type, as the registry stores them.</summary>
/// <param name="EncoderId">What encodes the inputs: "titanic_binned/1".</param>
public sealed record ModelSignature(string EncoderId, IReadOnlyList<SignatureField> Inputs, IReadOnlyList<SignatureField> Outputs)
{
    private static readonly SignatureField _probability = new("probability", "number", false, "0 to 1");

    /// <summary>The inputs of every model. The values that forms open with are those of the most frequent kind of passenger.</summary>
    public static IReadOnlyList<SignatureField> PassengerInputs { get; } =
    [
        new("pclass", "integer", false, PassengerLimits.AllowedPclass, "Class", Example: "3", Choices: [new("1", "1st class (upper)"), new("2", "2nd class (middle)"), new("3", "3rd class (lower)")]),
        new("sex", "string", false, PassengerLimits.AllowedSex, "Sex", Example: "male", Choices: [new("female", "Female"), new("male", "Male")]),
        Number("age", "Age", "years", PassengerLimits.MaximumAgeInYears, "29"),
        Number("fare", "Ticket price", "pounds", PassengerLimits.MaximumFareInPounds, "8"),
    ];

    public static ModelSignature OfKnn(string encoderId) => new(encoderId, PassengerInputs,
    [
        new("survived", "boolean", false, "true when more than half of the neighbours survived"),
        _probability,
        new("survivors", "integer", false, "0 to neighbors"),
        new("neighbors", "integer", false, "at least k"),
    ]);

    public static ModelSignature OfAlternative(string encoderId) => new(encoderId, PassengerInputs,
    [
        new("survived", "boolean", false, "true when the probability is more than one half"),
        _probability,
    ]);

    /// <inheritdoc cref="SignatureField.InPlainWords"/>
    [JsonIgnore]
    public ModelSignature InPlainWords => this with { Inputs = [.. Inputs.Select(input => input.InPlainWords)], Outputs = [.. Outputs.Select(output => output.InPlainWords)] };

    /// <summary>Absent means unknown.</summary>
    private static SignatureField Number(string name, string label, string unit, double maximum, string example) =>
        new(name, "number", true, FormattableString.Invariant($"0 to {maximum} {unit}; absent means unknown"), label, unit, 0, maximum, example);
}

/// <summary>One value. Forms are made from what follows <paramref name="Allowed"/>; where it is not told, it is not in the JSON either.</summary>
/// <param name="Allowed">In words.</param>
/// <param name="Label">As people call it: "Ticket price".</param>
/// <param name="Unit">"pounds".</param>
/// <param name="Minimum">The smallest number that may be given, in the unit.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Example">A value as it may be written; forms open with it.</param>
/// <param name="Choices">All values that may be given, where they are few.</param>
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
    /// <summary>As versions have it that were registered before forms were made from signatures.</summary>
    [JsonIgnore]
    public SignatureField InPlainWords => new(Name, Type, Optional, Allowed);

    /// <summary>A field of a version from before forms were made from signatures is today's in full where its words are today's; any other stays as it is.</summary>
    [JsonIgnore]
    public SignatureField InFull => ModelSignature.PassengerInputs.FirstOrDefault(today => today.InPlainWords == this) ?? this;
}

/// <param name="Value">What is sent: "1".</param>
/// <param name="Name">What people read: "1st class (upper)".</param>
public sealed record SignatureChoice(string Value, string Name);
