using Titanic.Web.Serving;
using Titanic.Web.Training;

namespace Titanic.Web.Pages;

/// <summary>The form of the Predict page: one field per input of the model signature, with its text and its validation error.</summary>
public sealed class QuestionForm
{
    private QuestionForm(IReadOnlyList<QuestionField> fields, PredictionInput? input)
    {
        Fields = fields;
        Input = input;
    }

    public IReadOnlyList<QuestionField> Fields { get; }

    /// <summary>The validated inputs; null if a field is invalid or the form was not submitted.</summary>
    public PredictionInput? Input { get; }

    public IReadOnlyList<QuestionField> Wrong => [.. Fields.Where(candidate => candidate.Problem is not null)];

    /// <summary>The form before it is submitted; every field has the example value of the signature.</summary>
    /// <param name="inputs">
    /// The inputs of the champion's signature; null without a champion, then those of <see cref="ModelSignature.PassengerInputs"/>.
    /// </param>
    public static QuestionForm Start(IReadOnlyList<SignatureField>? inputs) =>
        new([.. InFull(inputs).Select(field => new QuestionField(field, field.Example, null))], null);

    /// <summary>The submitted form, validated.</summary>
    /// <inheritdoc cref="Start"/>
    public static QuestionForm Read(IReadOnlyList<SignatureField>? inputs, IQueryCollection query)
    {
        QuestionField[] submitted = [.. InFull(inputs).Select(field => new QuestionField(field, query[field.Name], null))];
        var builder = new PredictionInputBuilder();
        foreach (var field in submitted)
        {
            if (PredictionFields.Find(field.Name, StringComparison.Ordinal) is { } known && field.Value?.Trim() is { Length: > 0 } text)
                builder.SetText(known, text);
        }
        var problems = builder.Problems().ToDictionary(problem => problem.Field.Name(), problem => problem.Sentence);
        var first = Array.Find(submitted, field => problems.ContainsKey(field.Name));
        return new QuestionForm(
            [.. submitted.Select(field => field with { Problem = problems.GetValueOrDefault(field.Name), IsFirstWrong = field == first })], builder.Build());
    }

    /// <summary>Whether the query string has a field of the form.</summary>
    public static bool IsAsked(IQueryCollection query) => ModelSignature.PassengerInputs.Any(field => query.ContainsKey(field.Name));

    private static IEnumerable<SignatureField> InFull(IReadOnlyList<SignatureField>? inputs) => (inputs ?? ModelSignature.PassengerInputs).Select(field => field.InFull);
}

/// <summary>A field of the Predict page's form, for one input of the model signature.</summary>
/// <param name="Value">The text as typed, so that the form keeps invalid input.</param>
/// <param name="Problem">The validation error and the allowed values; null if the value is valid.</param>
public sealed record QuestionField(SignatureField Told, string? Value, string? Problem)
{
    /// <summary>Whether this is the first invalid field, which gets the focus.</summary>
    public bool IsFirstWrong { get; init; }

    public string Name => Told.Name;

    /// <summary>With the unit: "Ticket price in pounds".</summary>
    public string Label => Told.Unit is null ? Told.Label ?? Name : $"{Told.Label} in {Told.Unit}";

    /// <summary>Empty for a text field.</summary>
    public IReadOnlyList<SignatureChoice> Choices => Told.Choices ?? [];

    /// <summary>The id of the control that links to the field and the focus point to.</summary>
    public string FirstControl => Choices.Count > 0 ? IdOf(Choices[0]) : Name;

    public bool IsNumber => Told.Type is "number" or "integer";

    /// <summary>The allowed values; null for a field with choices.</summary>
    public string? Hint => Told switch
    {
        { Choices: not null } => null,
        { Minimum: { } minimum, Maximum: { } maximum } =>
            $"{Format.Count(minimum)} to {Format.Count(maximum)}, for example {Told.Example} or {Told.Example}.5.{(Told.Optional ? " Leave empty if unknown." : "")}",
        _ => $"{Told.Allowed}{(Told.Optional ? "; leave empty if unknown" : "")}",
    };

    public string IdOf(SignatureChoice choice) => $"{Name}-{choice.Value}";

    public bool IsChosen(SignatureChoice choice) => choice.Value.Equals(Value?.Trim(), StringComparison.OrdinalIgnoreCase);
}
