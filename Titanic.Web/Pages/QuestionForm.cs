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
