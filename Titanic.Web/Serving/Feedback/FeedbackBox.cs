using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Serving.Feedback;

/// <summary>Takes what readers say of answers. A reader has one word about an answer: the next replaces it.</summary>
public sealed class FeedbackBox(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    /// <summary>So many words are taken about one answer, so that nobody can flood it.</summary>
    public const int MostPerAnswer = 20;

    /// <param name="wish">One without problems.</param>
    /// <exception cref="FeedbackRefusedException">There is no such prediction, or it has had its share.</exception>
    public async Task<PredictionFeedback> Give(long predictionId, FeedbackWish wish, FeedbackGiver giver, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Words about one answer come one after another: two at once could both find a last place.
        var answers = await db.Database.SqlQuery<long>(
            $"""select prediction_id as "Value" from predictions where prediction_id = {predictionId} for no key update""").ToListAsync(cancellation);
        if (answers.Count == 0)
            throw FeedbackRefusedException.Missing(predictionId);
        var reader = giver.ReaderOf(predictionId);
        var ofTheAnswer = db.PredictionFeedback.Where(feedback => feedback.PredictionId == predictionId);
        await ofTheAnswer.Where(feedback => reader != null && feedback.Reader == reader).ExecuteDeleteAsync(cancellation);
        if (await ofTheAnswer.CountAsync(cancellation) >= MostPerAnswer)
            throw FeedbackRefusedException.Full(predictionId);
        var given = new PredictionFeedback
        {
            PredictionId = predictionId,
            GivenAt = clock.GetUtcNow(),
            Kind = wish.Kind!,
            Note = wish.KeptNote,
            GivenBy = giver.Name,
            Reader = reader,
        };
        db.PredictionFeedback.Add(given);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return given;
    }

    /// <summary>What this reader has said of an answer; null for nothing.</summary>
    public async Task<PredictionFeedback?> Of(long predictionId, FeedbackGiver giver, CancellationToken cancellation) =>
        giver.ReaderOf(predictionId) is { } reader
            ? await db.PredictionFeedback.AsNoTracking().SingleOrDefaultAsync(feedback => feedback.PredictionId == predictionId && feedback.Reader == reader, cancellation)
            : null;

    /// <summary>Deletes for good; the audit log keeps who did it and what kind of word it was, and forgets the note, which may be why.</summary>
    /// <returns>False where there is no such feedback.</returns>
    public async Task<bool> Delete(long feedbackId, string by, CancellationToken cancellation)
    {
        if (await db.PredictionFeedback.SingleOrDefaultAsync(feedback => feedback.FeedbackId == feedbackId, cancellation) is not { } found)
            return false;
        db.PredictionFeedback.Remove(found);
        await audit.Record(by, "feedback deleted", $"feedback {feedbackId}", $"\"{found.Kind}\" about prediction {found.PredictionId}, given by {found.GivenBy}", cancellation);
        return true;
    }
}

/// <summary>Nothing was kept; the message says what was seen and what is allowed.</summary>
public sealed class FeedbackRefusedException : Exception
{
    private FeedbackRefusedException(int status, string message)
        : base(message) => Status = status;

    /// <summary>Of HTTP.</summary>
    public int Status { get; }

    internal static FeedbackRefusedException Missing(long predictionId) => new(StatusCodes.Status404NotFound, $"There is no prediction {predictionId}.");

    internal static FeedbackRefusedException Full(long predictionId) => new(
        StatusCodes.Status409Conflict, $"{FeedbackBox.MostPerAnswer} readers have said something about prediction {predictionId}; no more is taken.");
}
