using Titanic.Web.Serving;
using Titanic.Web.Training;

namespace Titanic.Web.Pages;

/// <summary>The form of the Predict page: the inputs of the model's signature, with what was typed and what is wrong with it.</summary>
public sealed class QuestionForm
{
    private QuestionForm(IReadOnlyList<QuestionField> fields, PredictionInput? input)
    {
        Fields = fields;
        Input = input;
    }

    public IReadOnlyList<QuestionField> Fields { get; }

    /// <summary>Null where something is <see cref="Wrong"/>, and before anything was typed.</summary>
    public PredictionInput? Input { get; }

    public IReadOnlyList<QuestionField> Wrong => [.. Fields.Where(asked => asked.Problem is not null)];

    /// <summary>Before anything was typed: every field has a value that many passengers have.</summary>
    /// <param name="inputs">Of the signature of the model in service; null where there is none, and the form is that of the next.</param>
    public static QuestionForm Start(IReadOnlyList<SignatureField>? inputs) =>
        new([.. InFull(inputs).Select(field => new QuestionField(field, field.Example, null))], null);

    /// <inheritdoc cref="Start"/>
    public static QuestionForm Read(IReadOnlyList<SignatureField>? inputs, IQueryCollection query)
    {
        QuestionField[] typed = [.. InFull(inputs).Select(field => new QuestionField(field, query[field.Name], null))];
        var builder = new PredictionInputBuilder();
        foreach (var field in typed)
        {
            if (PredictionFields.Find(field.Name, StringComparison.Ordinal) is { } known && field.Value?.Trim() is { Length: > 0 } text)
                builder.SetText(known, text);
        }
        var problems = builder.Problems().ToDictionary(problem => problem.Field.Name(), problem => problem.Sentence);
        var first = Array.Find(typed, field => problems.ContainsKey(field.Name));
        return new QuestionForm(
            [.. typed.Select(field => field with { Problem = problems.GetValueOrDefault(field.Name), IsFirstWrong = field == first })], builder.Build());
    }

    /// <summary>Whether an address has a field of the form.</summary>
    public static bool IsAsked(IQueryCollection query) => ModelSignature.PassengerInputs.Any(field => query.ContainsKey(field.Name));

    private static IEnumerable<SignatureField> InFull(IReadOnlyList<SignatureField>? inputs) => (inputs ?? ModelSignature.PassengerInputs).Select(field => field.InFull);
}

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
