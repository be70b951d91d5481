using Titanic.Web.Training;

namespace Titanic.Web.Pages;

/// <summary>A control of the Predict page's form, made from an input of the model's signature.</summary>
/// <param name="Value">As typed, so that wrong input stays where it was written.</param>
/// <param name="Problem">What is wrong with it, and what is allowed; null for nothing.</param>
public sealed record QuestionField(SignatureField Told, string? Value, string? Problem)
{
    /// <summary>Whether this field is the first that has to be put right.</summary>
    public bool IsFirstWrong { get; init; }

    public string Name => Told.Name;

    /// <summary>"Ticket price in pounds".</summary>
    public string Label => Told.Unit is null ? Told.Label ?? Name : $"{Told.Label} in {Told.Unit}";

    /// <summary>Empty where there is a text to type.</summary>
    public IReadOnlyList<SignatureChoice> Choices => Told.Choices ?? [];

    /// <summary>The id of what a link to the field, or the focus, goes to.</summary>
    public string FirstControl => Choices.Count > 0 ? IdOf(Choices[0]) : Name;

    public bool IsNumber => Told.Type is "number" or "integer";

    /// <summary>What may be typed; null where there is a choice, which says it.</summary>
    public string? Hint => Told switch
    {
        { Choices: not null } => null,
        { Minimum: { } minimum, Maximum: { } maximum } => FormattableString.Invariant(
            $"{minimum} to {maximum}, such as {Told.Example} or {Told.Example}.5.{(Told.Optional ? " Leave it empty if unknown." : "")}"),
        _ => $"{Told.Allowed}{(Told.Optional ? "; may be left empty" : "")}",
    };

    public string IdOf(SignatureChoice choice) => $"{Name}-{choice.Value}";

    public bool IsChosen(SignatureChoice choice) => choice.Value.Equals(Value?.Trim(), StringComparison.OrdinalIgnoreCase);
}
