namespace Titanic.Web.Serving.Storing;

/// <summary>One request's answers, which wait for their rows. They are stored together or not at all.</summary>
/// <param name="keyed">Null for a request without an <c>Idempotency-Key</c>.</param>
/// <param name="deadline">When the asker gives up; never for answers that have been given already.</param>
internal sealed class WaitingAnswers(IReadOnlyList<Prediction> rows, KeyedAnswer? keyed, Deadline deadline)
{
    private readonly TaskCompletionSource<KeyedAnswer?> _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Prediction> Rows => rows;

    public KeyedAnswer? Keyed => keyed;

    public Deadline Deadline => deadline;

    /// <summary>What takes room in the queue: an answer under a key has a row of its own.</summary>
    public int Weight => Math.Max(1, rows.Count);

    /// <summary>Ends when the rows are durable; what is now stored under the key.</summary>
    public Task<KeyedAnswer?> Stored => _stored.Task;

    public void Succeed(KeyedAnswer? stored) => _stored.TrySetResult(stored);

    public void Fail(AnswersNotStoredException failure)
    {
        _stored.TrySetException(failure);
        _ = _stored.Task.Exception; // in asynchronous mode nobody waits any more
    }
}
