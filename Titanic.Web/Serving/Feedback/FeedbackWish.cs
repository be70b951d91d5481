using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Feedback;

/// <summary>What somebody wants to say of an answer, as page and API bring it.</summary>
/// <param name="Kind">correct, wrong or odd.</param>
/// <param name="Note">At most 300 characters of plain text, which may have several lines.</param>
public sealed record FeedbackWish(string? Kind, string? Note = null)
{
    /// <summary>What is wrong, by field name; empty for what can be kept.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (Kind is null || !FeedbackKinds.All.Contains(Kind))
            problems["kind"] = [$"The kind is {(string.IsNullOrEmpty(Kind) ? "missing" : $"\"{Excerpt.Truncate(Kind)}\"")}; it must be correct, wrong or odd."];
        if (PlainText.Problem("note", PlainText.Kept(Note), 0, PredictionFeedback.LongestNote, hasLines: true) is { } problem)
            problems["note"] = [problem];
        return problems;
    }

    /// <summary>The note as it is kept; null where there is none.</summary>
    internal string? KeptNote => PlainText.Kept(Note) is { Length: > 0 } note ? note : null;
}
