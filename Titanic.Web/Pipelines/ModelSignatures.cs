using Titanic.Web.Registry;

namespace Titanic.Web.Pipelines;

/// <summary>What goes into models and comes out.</summary>
internal static class ModelSignatures
{
    private static readonly SignatureField[] _inputs =
    [
        new("pclass", "integer", false, "1, 2 or 3"),
        new("sex", "string", false, "male or female"),
        new("age", "number", true, "0 to 120 years; absent means unknown"),
        new("fare", "number", true, "0 to 10000 pounds; absent means unknown"),
    ];

    private static readonly SignatureField _probability = new("probability", "number", false, "0 to 1");

    public static ModelSignature OfKnn(string encoderId) => new(encoderId, _inputs,
    [
        new("survived", "boolean", false, "true when more than half of the neighbours survived"),
        _probability,
        new("survivors", "integer", false, "0 to neighbors"),
        new("neighbors", "integer", false, "at least k"),
    ]);

    public static ModelSignature OfChallenger(string encoderId) => new(encoderId, _inputs,
    [
        new("survived", "boolean", false, "true when the probability is more than one half"),
        _probability,
    ]);
}
