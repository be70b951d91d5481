using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Feedback;

/// <summary>Stores the feedback of readers on predictions. A reader has one feedback per prediction: the next replaces it.</summary>
public sealed class FeedbackService(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    /// <summary>The maximum per prediction, so that it cannot be flooded.</summary>
    public const int MostPerAnswer = 20;

    /// <param name="request">One without problems.</param>
    /// <exception cref="FeedbackRefusedException">There is no such prediction, or it has had its share.</exception>
    public async Task<PredictionFeedback> Submit(long predictionId, FeedbackRequest request, FeedbackGiver giver, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Feedback on one prediction is stored one after another: two at once could both find a last place.
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
            Kind = request.Kind!,
            Note = request.KeptNote,
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
        StatusCodes.Status409Conflict, $"{FeedbackService.MostPerAnswer} readers have said something about prediction {predictionId}; no more is taken.");
}

/// <summary>Feedback as page and API send it.</summary>
/// <param name="Kind">correct, wrong or odd.</param>
/// <param name="Note">At most 300 characters of plain text, which may have several lines.</param>
public sealed record FeedbackRequest(string? Kind, string? Note = null)
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

/// <summary>
/// Who says something of an answer. A browser is told from others by the antiforgery cookie that the form needs anyhow: no address is
/// kept, and no cookie is set for it. Only a digest of that secret and the answer's number is stored, so that words about two answers cannot
/// be laid at one reader's door.
/// </summary>
public sealed class FeedbackGiver
{
    private readonly string? _secret;

    private FeedbackGiver(string name, string? secret) => (Name, _secret) = (name, secret);

    /// <summary>An account's or a key's name, or "anonymous".</summary>
    public string Name { get; }

    public static FeedbackGiver Of(HttpContext context)
    {
        var name = AuditLog.NameOf(context.User);
        if (context.User.Identity is { IsAuthenticated: true })
            return new FeedbackGiver(name, "name " + name);
        return new FeedbackGiver(name, context.Request.Cookies[CookieAntiforgery.CookieName] is { Length: > 0 } cookie ? "browser " + cookie : null);
    }

    /// <summary>SHA-256; null for a program without a key, whose words cannot be told apart.</summary>
    internal byte[]? ReaderOf(long predictionId) =>
        _secret is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{predictionId} {_secret}")));
}

/// <summary>Finds what readers have said, with the answers that they said it of. For operators: notes are strangers' words.</summary>
public sealed class FeedbackReader(TitanicDb db)
{
    /// <summary>So many are counted of each kind at most.</summary>
    public const int MostCounted = 100_000;

    /// <summary>Newest first.</summary>
    /// <param name="kind">One of <see cref="FeedbackKinds"/>; null for all.</param>
    /// <param name="before">Only feedback with a smaller id: where the page before ended.</param>
    public async Task<IReadOnlyList<FeedbackWithPrediction>> Read(string? kind, long? before, int rows, CancellationToken cancellation) =>
        await NewestFirst(Given(kind).Where(feedback => before == null || feedback.FeedbackId < before)).Take(rows).ToListAsync(cancellation);

    /// <summary>All of it about one answer, newest first.</summary>
    public async Task<IReadOnlyList<FeedbackWithPrediction>> OfAnswer(long predictionId, CancellationToken cancellation) =>
        await NewestFirst(Given(null).Where(feedback => feedback.PredictionId == predictionId)).ToListAsync(cancellation);

    /// <summary>All of a kind, newest first, one after another from the database.</summary>
    public IAsyncEnumerable<FeedbackWithPrediction> Stream(string? kind) => NewestFirst(Given(kind)).AsAsyncEnumerable();

    /// <summary>How much there is of each kind, in their order.</summary>
    public async Task<IReadOnlyList<FeedbackCount>> Counts(CancellationToken cancellation)
    {
        var counts = new List<FeedbackCount>();
        foreach (var kind in FeedbackKinds.All)
            counts.Add(new FeedbackCount(kind, await Given(kind).Take(MostCounted).CountAsync(cancellation)));
        return counts;
    }

    private IQueryable<PredictionFeedback> Given(string? kind) => db.PredictionFeedback.AsNoTracking().Where(feedback => kind == null || feedback.Kind == kind);

    private IQueryable<FeedbackWithPrediction> NewestFirst(IQueryable<PredictionFeedback> given) =>
        from feedback in given
        join prediction in db.Predictions on feedback.PredictionId equals prediction.PredictionId
        orderby feedback.FeedbackId descending
        select new FeedbackWithPrediction(feedback, prediction);
}

/// <summary>What a reader said, and the answer.</summary>
public sealed record FeedbackWithPrediction(PredictionFeedback Feedback, Prediction Prediction);

/// <param name="Kind">One of <see cref="FeedbackKinds"/>.</param>
/// <param name="Given">At most <see cref="FeedbackReader.MostCounted"/>.</param>
public sealed record FeedbackCount(string Kind, int Given);
