using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.Serving.Feedback;

/// <summary>Finds what readers have said, with the answers that they said it of. For operators: notes are strangers' words.</summary>
public sealed class FeedbackReader(TitanicDb db)
{
    /// <summary>So many are counted of each kind at most.</summary>
    public const int MostCounted = 100_000;

    /// <summary>Newest first.</summary>
    /// <param name="kind">One of <see cref="FeedbackKinds"/>; null for all.</param>
    /// <param name="before">Only feedback with a smaller id: where the page before ended.</param>
    public async Task<IReadOnlyList<JudgedAnswer>> Read(string? kind, long? before, int rows, CancellationToken cancellation) =>
        await NewestFirst(Given(kind).Where(feedback => before == null || feedback.FeedbackId < before)).Take(rows).ToListAsync(cancellation);

    /// <summary>All of it about one answer, newest first.</summary>
    public async Task<IReadOnlyList<JudgedAnswer>> OfAnswer(long predictionId, CancellationToken cancellation) =>
        await NewestFirst(Given(null).Where(feedback => feedback.PredictionId == predictionId)).ToListAsync(cancellation);

    /// <summary>All of a kind, newest first, one after another from the database.</summary>
    public IAsyncEnumerable<JudgedAnswer> Stream(string? kind) => NewestFirst(Given(kind)).AsAsyncEnumerable();

    /// <summary>How much there is of each kind, in their order.</summary>
    public async Task<IReadOnlyList<FeedbackCount>> Counts(CancellationToken cancellation)
    {
        var counts = new List<FeedbackCount>();
        foreach (var kind in FeedbackKinds.All)
            counts.Add(new FeedbackCount(kind, await Given(kind).Take(MostCounted).CountAsync(cancellation)));
        return counts;
    }

    private IQueryable<PredictionFeedback> Given(string? kind) => db.PredictionFeedback.AsNoTracking().Where(feedback => kind == null || feedback.Kind == kind);

    private IQueryable<JudgedAnswer> NewestFirst(IQueryable<PredictionFeedback> given) =>
        from feedback in given
        join prediction in db.Predictions on feedback.PredictionId equals prediction.PredictionId
        orderby feedback.FeedbackId descending
        select new JudgedAnswer(feedback, prediction);
}

/// <summary>What a reader said, and the answer.</summary>
public sealed record JudgedAnswer(PredictionFeedback Feedback, Prediction Prediction);

/// <param name="Kind">One of <see cref="FeedbackKinds"/>.</param>
/// <param name="Given">At most <see cref="FeedbackReader.MostCounted"/>.</param>
public sealed record FeedbackCount(string Kind, int Given);
