using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Shared;

/// <summary>The question whether an answer is right, as the partial <c>_Feedback</c> asks it. It is answered on the receipt's page.</summary>
/// <param name="Given">What this reader has said already; null for nothing.</param>
/// <param name="Typed">What was sent and could not be kept, as it was typed; null where nothing went wrong.</param>
/// <param name="Problems">Why, as sentences.</param>
public sealed record FeedbackForm(long PredictionId, PredictionFeedback? Given = null, FeedbackWish? Typed = null, IReadOnlyList<string>? Problems = null)
{
    /// <summary>The note that stands in the form.</summary>
    public string? Note => Typed is null ? Given?.Note : Typed.Note;
}
