using System.Text.Json.Serialization;

namespace Titanic.Web.Registry;

/// <summary>What goes in and comes out, by name and type.</summary>
public sealed record ModelSignature(string EncoderId, IReadOnlyList<SignatureField> Inputs, IReadOnlyList<SignatureField> Outputs)
{
    /// <inheritdoc cref="SignatureField.InPlainWords"/>
    [JsonIgnore]
    public ModelSignature InPlainWords => this with { Inputs = [.. Inputs.Select(input => input.InPlainWords)], Outputs = [.. Outputs.Select(output => output.InPlainWords)] };
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
}

/// <param name="Value">What is sent: "1".</param>
/// <param name="Name">What people read: "1st class (upper)".</param>
public sealed record SignatureChoice(string Value, string Name);
