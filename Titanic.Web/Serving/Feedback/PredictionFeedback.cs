using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Serving.Feedback;

/// <summary>
/// Feedback on a prediction: a kind and an optional note; a row of the table <c>prediction_feedback</c>. No prediction, metric or model
/// depends on it.
/// </summary>
public sealed class PredictionFeedback
{
    /// <summary>The maximum length of a note in characters.</summary>
    public const int MaximumNoteLength = 300;

    public long FeedbackId { get; init; }
    public long PredictionId { get; init; }
    public DateTimeOffset GivenAt { get; init; }

    /// <summary>One of <see cref="FeedbackKinds"/>.</summary>
    public required string Kind { get; init; }
    public string? Note { get; init; }

    /// <summary>The name of the account or the API key, or "anonymous".</summary>
    public required string GivenBy { get; init; }

    /// <summary>Identifies the author for this prediction, see <see cref="FeedbackAuthor"/>; null for an anonymous program.</summary>
    public byte[]? Reader { get; init; }
}

/// <summary>The kinds of feedback, which are the flags of the original.</summary>
public static class FeedbackKinds
{
    public const string Correct = "correct";
    public const string Wrong = "wrong";

    /// <summary>The prediction is unexpected, whether correct or not.</summary>
    public const string Odd = "odd";

    public static IReadOnlyList<string> All { get; } = [Correct, Wrong, Odd];

    /// <summary>The error message for a kind that is not in <see cref="All"/>.</summary>
    public static string InvalidMessage(string? kind) => ErrorText.Invalid("The kind", kind, ErrorText.OneOf(All));
}

internal sealed class PredictionFeedbackTable : IEntityTypeConfiguration<PredictionFeedback>
{
    public void Configure(EntityTypeBuilder<PredictionFeedback> feedback)
    {
        feedback.ToTable("prediction_feedback", table =>
        {
            table.HasCheckConstraint("ck_prediction_feedback_kind", "kind in ('correct', 'wrong', 'odd')");
            table.HasCheckConstraint("ck_prediction_feedback_note", $"char_length(note) <= {PredictionFeedback.MaximumNoteLength}");
        });
        feedback.HasKey(f => f.FeedbackId);
        feedback.Property(f => f.FeedbackId).UseIdentityAlwaysColumn();
        feedback.HasOne<Prediction>().WithMany().HasForeignKey(f => f.PredictionId).OnDelete(DeleteBehavior.Cascade);
        feedback.HasIndex(f => new { f.PredictionId, f.Reader }).IsUnique(); // one feedback per author and prediction
        feedback.HasIndex(f => new { f.Kind, f.FeedbackId });
    }
}
