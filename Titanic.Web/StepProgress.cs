namespace Titanic.Web;

/// <summary>
/// The progress of work that can take long: counts what is done, and stops the work when it is canceled. Safe for concurrent use, so that
/// loops that only compute can report from each of their threads.
/// </summary>
/// <param name="total">Number of parts to be done; null if it is not known.</param>
/// <param name="cancellation">Stops the work.</param>
public sealed class StepProgress(long? total, CancellationToken cancellation)
{
    private long _done;

    /// <summary>For work that nobody watches: it cannot be canceled.</summary>
    public static StepProgress None => new(null, CancellationToken.None);

    public long? Total => total;
    public long Done => Interlocked.Read(ref _done);
    public CancellationToken Cancellation => cancellation;

    /// <summary>Counts one part as done.</summary>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public void Add()
    {
        Interlocked.Increment(ref _done);
        cancellation.ThrowIfCancellationRequested();
    }
}
