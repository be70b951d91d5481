using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle;

/// <summary>What goes into models and comes out. The values that forms open with are those of the most frequent kind of passenger.</summary>
internal static class ModelSignatures
{
    /// <summary>What every model is asked.</summary>
    public static IReadOnlyList<SignatureField> Inputs { get; } =
    [
        new("pclass", "integer", false, PassengerLimits.AllowedPclass, "Class", Example: "3", Choices: [new("1", "1st class (upper)"), new("2", "2nd class (middle)"), new("3", "3rd class (lower)")]),
        new("sex", "string", false, PassengerLimits.AllowedSex, "Sex", Example: "male", Choices: [new("female", "Female"), new("male", "Male")]),
        Number("age", "Age", "years", PassengerLimits.MaximumAgeInYears, "29"),
        Number("fare", "Ticket price", "pounds", PassengerLimits.MaximumFareInPounds, "8"),
    ];

    private static readonly SignatureField _probability = new("probability", "number", false, "0 to 1");

    public static ModelSignature OfKnn(string encoderId) => new(encoderId, Inputs,
    [
        new("survived", "boolean", false, "true when more than half of the neighbours survived"),
        _probability,
        new("survivors", "integer", false, "0 to neighbors"),
        new("neighbors", "integer", false, "at least k"),
    ]);

    public static ModelSignature OfChallenger(string encoderId) => new(encoderId, Inputs,
    [
        new("survived", "boolean", false, "true when the probability is more than one half"),
        _probability,
    ]);

    /// <summary>A field that a version tells in plain words only is today's in full where today's plain words are the same; any other stays as it is.</summary>
    public static SignatureField InFull(SignatureField told) => Inputs.FirstOrDefault(today => today.InPlainWords == told) ?? told;

    /// <summary>Absent means unknown.</summary>
    private static SignatureField Number(string name, string label, string unit, double maximum, string example) =>
        new(name, "number", true, FormattableString.Invariant($"0 to {maximum} {unit}; absent means unknown"), label, unit, 0, maximum, example);
}
