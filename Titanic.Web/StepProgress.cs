namespace Titanic.Web;

/// <summary>
/// The progress of work that can take long: counts what is done, and stops the work when it is canceled. Safe for concurrent use, so that
/// loops that only compute can report from each of their threads.
/// </summary>
/// <param name="cancellation">Stops the work.</param>
public sealed class StepProgress(CancellationToken cancellation)
{
    private long _done;
    private long _total = -1;

    /// <summary>For work whose progress is not read and that cannot be canceled.</summary>
    public static StepProgress None => new(CancellationToken.None);

    /// <summary>Number of parts to be done; null if it is not known.</summary>
    public long? Total
    {
        get => Interlocked.Read(ref _total) is >= 0 and var total ? total : null;
        set => Interlocked.Exchange(ref _total, value ?? -1);
    }

    /// <summary>Number of parts that are done.</summary>
    public long Done => Interlocked.Read(ref _done);
    public CancellationToken Cancellation => cancellation;

    /// <summary>Counts parts as done.</summary>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public void Add(long parts = 1)
    {
        Interlocked.Add(ref _done, parts);
        cancellation.ThrowIfCancellationRequested();
    }
}
