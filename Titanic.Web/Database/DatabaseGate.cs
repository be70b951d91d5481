namespace Titanic.Web.Database;

/// <summary>
/// The site answers before its database does. Whoever needs the database in the background waits here until it has an address and
/// an up-to-date schema; web requests are met by the start page until then.
/// </summary>
public sealed class DatabaseGate
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _connectionString;

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <exception cref="InvalidOperationException">The server is not up yet.</exception>
    public string ConnectionString
    {
        get => _connectionString ?? throw new InvalidOperationException("The database has no address yet; wait for DatabaseGate.WhenReady first.");
        set => _connectionString = value;
    }

    public void Open() => _ready.TrySetResult();

    public Task WhenReady(CancellationToken cancellation) => _ready.Task.WaitAsync(cancellation);
}
