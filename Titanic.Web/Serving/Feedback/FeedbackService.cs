using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Feedback;

/// <summary>
/// Stores and deletes feedback on predictions. An author has at most one feedback per prediction: later feedback replaces it.
/// </summary>
public sealed class FeedbackService(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    /// <summary>The maximum number of feedback entries per prediction, as a limit for anonymous callers.</summary>
    public const int MaximumPerPrediction = 20;

    /// <summary>Stores feedback; it replaces earlier feedback of the author on the prediction.</summary>
    /// <param name="predictionId">The id of the prediction.</param>
    /// <param name="request">Valid feedback: <see cref="FeedbackRequest.Problems"/> is empty.</param>
    /// <param name="author">The author.</param>
    /// <param name="cancellation">Cancels the transaction.</param>
    /// <exception cref="FeedbackRejectedException">
    /// The prediction does not exist, or already has <see cref="MaximumPerPrediction"/> entries.
    /// </exception>
    public async Task<PredictionFeedback> Submit(long predictionId, FeedbackRequest request, FeedbackAuthor author, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // The row lock serializes feedback on one prediction; concurrent transactions could otherwise exceed the limit.
        var predictions = await db.Database.SqlQuery<long>(
            $"""select prediction_id as "Value" from predictions where prediction_id = {predictionId} for no key update""").ToListAsync(cancellation);
        if (predictions.Count == 0)
            throw FeedbackRejectedException.NoPrediction(predictionId);
        var reader = author.DigestFor(predictionId);
        var existing = db.PredictionFeedback.Where(feedback => feedback.PredictionId == predictionId);
        await existing.Where(feedback => reader != null && feedback.Reader == reader).ExecuteDeleteAsync(cancellation);
        if (await existing.CountAsync(cancellation) >= MaximumPerPrediction)
            throw FeedbackRejectedException.LimitReached(predictionId);
        var added = new PredictionFeedback
        {
            PredictionId = predictionId,
            GivenAt = clock.GetUtcNow(),
            Kind = request.Kind!,
            Note = request.NormalizedNote,
            GivenBy = author.Name,
            Reader = reader,
        };
        db.PredictionFeedback.Add(added);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return added;
    }

    /// <summary>The feedback of an author on a prediction; null where there is none, or the author cannot be identified.</summary>
    public async Task<PredictionFeedback?> Find(long predictionId, FeedbackAuthor author, CancellationToken cancellation) =>
        author.DigestFor(predictionId) is { } reader
            ? await db.PredictionFeedback.AsNoTracking()
                .SingleOrDefaultAsync(feedback => feedback.PredictionId == predictionId && feedback.Reader == reader, cancellation)
            : null;

    /// <summary>
    /// Deletes feedback permanently. The audit log records who deleted it and its kind, but not the note, which may be the reason.
    /// </summary>
    /// <returns>False where there is no feedback with this id.</returns>
    public async Task<bool> Delete(long feedbackId, string by, CancellationToken cancellation)
    {
        if (await db.PredictionFeedback.SingleOrDefaultAsync(feedback => feedback.FeedbackId == feedbackId, cancellation) is not { } found)
            return false;
        db.PredictionFeedback.Remove(found);
        await audit.Record(
            by, "feedback deleted", $"feedback {feedbackId}",
            $"\"{found.Kind}\" about prediction {found.PredictionId}, given by {found.GivenBy}", cancellation);
        return true;
    }
}

/// <summary>Feedback was rejected and not stored; the message states the reason.</summary>
public sealed class FeedbackRejectedException : Exception
{
    private FeedbackRejectedException(int status, string message)
        : base(message) => Status = status;

    /// <summary>The HTTP status code: 404 or 409.</summary>
    public int Status { get; }

    internal static FeedbackRejectedException NoPrediction(long predictionId) => new(StatusCodes.Status404NotFound, NotFoundText.Prediction(predictionId));

    internal static FeedbackRejectedException LimitReached(long predictionId) => new(
        StatusCodes.Status409Conflict,
        $"Prediction {predictionId} already has {FeedbackService.MaximumPerPrediction} feedback entries, which is the maximum.");
}

/// <summary>Feedback as the page and the API receive it.</summary>
/// <param name="Kind">One of <see cref="FeedbackKinds"/>: correct, wrong or odd.</param>
/// <param name="Note">An optional comment: plain text of at most 300 characters, in one or several lines.</param>
public sealed record FeedbackRequest(string? Kind, string? Note = null)
{
    /// <summary>The validation errors by field name; empty for valid feedback.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (Kind is null || !FeedbackKinds.All.Contains(Kind))
            problems["kind"] = [FeedbackKinds.InvalidMessage(Kind)];
        if (PlainText.Problem("comment", PlainText.Normalize(Note), 0, PredictionFeedback.MaximumNoteLength, allowLineBreaks: true) is { } problem)
            problems["note"] = [problem];
        return problems;
    }

    /// <summary>The note as it is stored; null for an empty note.</summary>
    internal string? NormalizedNote => PlainText.Normalize(Note) is { Length: > 0 } note ? note : null;
}

/// <summary>
/// The author of feedback. An anonymous browser is identified by the antiforgery cookie that the form requires anyway, so no further cookie
/// is set and no IP address is stored. Only a digest of that secret and the prediction id is stored, so feedback on two predictions cannot
/// be linked to one browser.
/// </summary>
public sealed class FeedbackAuthor
{
    private readonly string? _secret;

    private FeedbackAuthor(string name, string? secret) => (Name, _secret) = (name, secret);

    /// <summary>The name of the account or the API key, or "anonymous".</summary>
    public string Name { get; }

    public static FeedbackAuthor Of(HttpContext context)
    {
        var name = AuditLog.CallerName(context.User);
        if (context.User.Identity is { IsAuthenticated: true })
            return new FeedbackAuthor(name, "name " + name);
        var cookie = context.Request.Cookies[CookieAntiforgery.CookieName];
        return new FeedbackAuthor(name, string.IsNullOrEmpty(cookie) ? null : "browser " + cookie);
    }

    /// <summary>
    /// The SHA-256 that identifies the author for one prediction; null for an anonymous program, which cannot be identified.
    /// </summary>
    internal byte[]? DigestFor(long predictionId) =>
        _secret is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{predictionId} {_secret}")));
}

/// <summary>Reads feedback with its predictions. For operators only, because notes are texts of anonymous authors.</summary>
public sealed class FeedbackReader(TitanicDb db)
{
    /// <summary>The maximum of a count, which bounds the cost of counting.</summary>
    public const int MaximumCounted = 100_000;

    /// <summary>One page of feedback, newest first.</summary>
    /// <param name="kind">One of <see cref="FeedbackKinds"/>; null for all.</param>
    /// <param name="before">Only feedback with a smaller id, which is the last id of the page before; null for the first page.</param>
    /// <param name="rows">The maximum number of entries.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<IReadOnlyList<FeedbackWithPrediction>> Read(string? kind, long? before, int rows, CancellationToken cancellation) =>
        await NewestFirst(OfKind(kind).Where(feedback => before == null || feedback.FeedbackId < before)).Take(rows).ToListAsync(cancellation);

    /// <summary>All feedback on one prediction, newest first.</summary>
    public async Task<IReadOnlyList<FeedbackWithPrediction>> OfPrediction(long predictionId, CancellationToken cancellation) =>
        await NewestFirst(OfKind(null).Where(feedback => feedback.PredictionId == predictionId)).ToListAsync(cancellation);

    /// <summary>All feedback of a kind (null for all kinds), newest first, streamed from the database.</summary>
    public IAsyncEnumerable<FeedbackWithPrediction> Stream(string? kind) => NewestFirst(OfKind(kind)).AsAsyncEnumerable();

    /// <summary>The number of entries of each kind, in the order of <see cref="FeedbackKinds.All"/>.</summary>
    /// <param name="asOf">
    /// Only entries that existed at this instant, inclusive, and exist still: deleted and replaced entries leave no trace. Null means now.
    /// </param>
    /// <param name="cancellation">Cancels the queries.</param>
    public async Task<IReadOnlyList<FeedbackCount>> Counts(DateTimeOffset? asOf, CancellationToken cancellation)
    {
        var counts = new List<FeedbackCount>();
        foreach (var kind in FeedbackKinds.All)
            counts.Add(new FeedbackCount(kind, await OfKind(kind).Where(feedback => asOf == null || feedback.GivenAt <= asOf).Take(MaximumCounted).CountAsync(cancellation)));
        return counts;
    }

    private IQueryable<PredictionFeedback> OfKind(string? kind) =>
        db.PredictionFeedback.AsNoTracking().Where(feedback => kind == null || feedback.Kind == kind);

    private IQueryable<FeedbackWithPrediction> NewestFirst(IQueryable<PredictionFeedback> entries) =>
        from feedback in entries
        join prediction in db.Predictions on feedback.PredictionId equals prediction.PredictionId
        orderby feedback.FeedbackId descending
        select new FeedbackWithPrediction(feedback, prediction);
}

/// <summary>Feedback and the prediction that it is about.</summary>
public sealed record FeedbackWithPrediction(PredictionFeedback Feedback, Prediction Prediction);

/// <summary>The number of feedback entries of one kind.</summary>
/// <param name="Kind">One of <see cref="FeedbackKinds"/>.</param>
/// <param name="Count">At most <see cref="FeedbackReader.MaximumCounted"/>.</param>
public sealed record FeedbackCount(string Kind, int Count);
