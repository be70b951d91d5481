using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Training;

namespace Titanic.Web.Pages;

/// <summary>The form of the Predict page: one field per input of the model signature, with its text and its validation error.</summary>
public sealed class PredictionForm
{
    private PredictionForm(IReadOnlyList<PredictionFormField> fields, PredictionInput? input)
    {
        Fields = fields;
        Input = input;
    }

    public IReadOnlyList<PredictionFormField> Fields { get; }

    /// <summary>The validated inputs; null if a field is invalid or the form was not submitted.</summary>
    public PredictionInput? Input { get; }

    public IReadOnlyList<PredictionFormField> InvalidFields => [.. Fields.Where(candidate => candidate.Error is not null)];

    /// <summary>The form before it is submitted; every field has the example value of the signature.</summary>
    /// <param name="inputs">
    /// The inputs of the champion's signature; null without a champion, then those of <see cref="ModelSignature.PassengerInputs"/>.
    /// </param>
    public static PredictionForm Initial(IReadOnlyList<SignatureField>? inputs) =>
        new([.. WithFormDetails(inputs).Select(field => new PredictionFormField(field, field.Example, null))], null);

    /// <summary>The submitted form, validated.</summary>
    /// <inheritdoc cref="Initial"/>
    public static PredictionForm Read(IReadOnlyList<SignatureField>? inputs, IQueryCollection query)
    {
        PredictionFormField[] submitted = [.. WithFormDetails(inputs).Select(field => new PredictionFormField(field, query[field.Name], null))];
        var builder = new PredictionInputBuilder(PassengerLimits.Empty);
        foreach (var field in submitted)
        {
            if (PredictionFields.Find(field.Name, StringComparison.Ordinal) is { } known)
                builder.SetText(known, field is { IsNumber: true, Value: { } text } ? ValueText.WithDecimalPoint(text) : field.Value);
        }
        var problems = builder.Problems().ToDictionary(problem => problem.Field.Name(), problem => problem.Sentence);
        var first = Array.Find(submitted, field => problems.ContainsKey(field.Name));
        return new PredictionForm(
            [.. submitted.Select(field => field with { Error = problems.GetValueOrDefault(field.Name), IsFirstInvalid = field == first })], builder.Build());
    }

    /// <summary>Whether the query string has a field of the form.</summary>
    public static bool IsSubmitted(IQueryCollection query) => ModelSignature.PassengerInputs.Any(field => query.ContainsKey(field.Name));

    private static IEnumerable<SignatureField> WithFormDetails(IReadOnlyList<SignatureField>? inputs) => (inputs ?? ModelSignature.PassengerInputs).Select(field => field.WithFormDetails);
}

/// <summary>A field of the Predict page's form, for one input of the model signature.</summary>
/// <param name="Value">The text as typed, so that the form keeps invalid input.</param>
/// <param name="Error">The validation error and the allowed values; null if the value is valid.</param>
public sealed record PredictionFormField(SignatureField Signature, string? Value, string? Error)
{
    /// <summary>Whether this is the first invalid field, which gets the focus.</summary>
    public bool IsFirstInvalid { get; init; }

    public string Name => Signature.Name;

    /// <summary>With the unit: "Fare in pounds".</summary>
    public string Label => Signature.Unit is null ? Signature.Label ?? Name : $"{Signature.Label} in {Signature.Unit}";

    /// <summary>Empty for a text field.</summary>
    public IReadOnlyList<SignatureChoice> Choices => Signature.Choices ?? [];

    /// <summary>The id of the control that links to the field and the focus point to.</summary>
    public string FirstControlId => Choices.Count > 0 ? ControlId(Choices[0]) : Name;

    public bool IsNumber => Signature.Type is "number" or "integer";

    /// <summary>The allowed values; null for a field with choices.</summary>
    public string? Hint => Signature switch
    {
        { Choices: not null } => null,
        { Minimum: { } minimum, Maximum: { } maximum } =>
            $"{Format.Count(minimum)} to {Format.Count(maximum)}, for example {Signature.Example} or {Signature.Example}.5.{(Signature.Optional ? " Leave empty if unknown." : "")}",
        _ => $"{Signature.Allowed}{(Signature.Optional ? "; leave empty if unknown" : "")}",
    };

    public string ControlId(SignatureChoice choice) => $"{Name}-{choice.Value}";

    /// <summary>Whether the value is this choice, in any of its spellings.</summary>
    public bool IsSelected(SignatureChoice choice) => choice.Value.Equals(Value?.Trim(), StringComparison.OrdinalIgnoreCase)
        || (IsNumber && ValueText.ParsePclass(Value) is { } pclass && choice.Value == Format.Count(pclass));
}
