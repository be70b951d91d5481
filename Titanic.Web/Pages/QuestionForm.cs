using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Training;

namespace Titanic.Web.Pages;

/// <summary>The form of the Predict page: what the model's signature asks for, with what was typed and what is wrong with it.</summary>
public sealed class QuestionForm
{
    private QuestionForm(IReadOnlyList<QuestionField> fields, PassengerInput question)
    {
        Fields = fields;
        Question = question;
    }

    public IReadOnlyList<QuestionField> Fields { get; }

    /// <summary>What was asked, where nothing is <see cref="Wrong"/>.</summary>
    public PassengerInput Question { get; }

    public IReadOnlyList<QuestionField> Wrong => [.. Fields.Where(asked => asked.Problem is not null)];

    /// <summary>Before anything was asked: every field has a value that many have.</summary>
    /// <param name="inputs">Of the signature of the model in service; null where there is none, and the form is that of the next.</param>
    public static QuestionForm Start(IReadOnlyList<SignatureField>? inputs) =>
        new([.. InFull(inputs).Select(field => new QuestionField(field, field.Example, null))], new PassengerInput(null, null));

    /// <inheritdoc cref="Start"/>
    public static QuestionForm Read(IReadOnlyList<SignatureField>? inputs, IQueryCollection query)
    {
        QuestionField[] typed = [.. InFull(inputs).Select(field => new QuestionField(field, query[field.Name], null))];
        var (question, unreadable) = Read(name => typed.SingleOrDefault(field => field.Name == name));
        var problems = question.Problems().ToDictionary(problem => problem.Key, problem => problem.Value[0]);
        foreach (var (field, problem) in unreadable)
            problems[field] = problem; // an unreadable value is not a missing one
        var first = Array.Find(typed, field => problems.ContainsKey(field.Name));
        return new QuestionForm(
            [.. typed.Select(field => field with { Problem = problems.GetValueOrDefault(field.Name), IsFirstWrong = field == first })], question);
    }

    /// <summary>Whether an address asks anything.</summary>
    public static bool IsAsked(IQueryCollection query) => ModelSignature.PassengerInputs.Any(field => query.ContainsKey(field.Name));

    private static IEnumerable<SignatureField> InFull(IReadOnlyList<SignatureField>? inputs) => (inputs ?? ModelSignature.PassengerInputs).Select(field => field.InFull);

    private static (PassengerInput Question, Dictionary<string, string> Problems) Read(Func<string, QuestionField?> field)
    {
        var problems = new Dictionary<string, string>();
        return (new PassengerInput(Class(), field("sex")?.Value, Number("age", "The age"), Number("fare", "The ticket price")), problems);

        int? Class()
        {
            var text = field("pclass")?.Value?.Trim();
            if (text is "1" or "2" or "3")
                return text[0] - '0';
            if (!string.IsNullOrEmpty(text))
                problems["pclass"] = $"The class is \"{Excerpt.Truncate(text)}\"; it must be {PassengerLimits.AllowedPclass}.";
            return null;
        }

        double? Number(string name, string subject)
        {
            var (number, problem) = field(name)?.ReadNumber(subject) ?? default;
            if (problem is not null)
                problems[name] = problem;
            return number;
        }
    }
}
