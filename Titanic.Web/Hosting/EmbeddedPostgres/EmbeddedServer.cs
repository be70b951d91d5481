namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>
/// A PostgreSQL server with its own state folder. Several processes can share one state folder: the first starts the server, the last stops
/// it, and the next process reuses the server of a killed process.
/// </summary>
public sealed class EmbeddedServer : IAsyncDisposable
{
    private readonly StateFolder _state;
    private readonly Postmaster _postmaster;
    private readonly ILogger _logger;
    private FileStream? _usersLock;
    private ServerSupervisor? _supervisor;

    private EmbeddedServer(StateFolder state, Postmaster postmaster, FileStream usersLock, ILogger logger)
    {
        _state = state;
        _postmaster = postmaster;
        _usersLock = usersLock;
        _logger = logger;
    }

    /// <summary>
    /// The connection string for the database <c>titanic</c> and its owner, the role <c>titanic</c>, which is not a superuser.
    /// </summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The connection string for the database <c>postgres</c> as superuser.</summary>
    internal string AdministratorConnectionString { get; private set; } = "";

    internal int ProcessId => _supervisor!.ProcessId;

    /// <summary>Null while the server's process runs, and without <see cref="Supervise"/>.</summary>
    internal ServerOutage? Outage => _supervisor?.Outage;

    /// <summary>Starts the server or joins the running one, and creates the app's database if it is missing.</summary>
    /// <exception cref="EmbeddedServerException">The server cannot run here; the message states the reason and the remedy.</exception>
    public static async Task<EmbeddedServer> Start(EmbeddedServerOptions options, ILogger logger, CancellationToken cancellation)
    {
        var account = ServerAccount.ForThisProcess();
        var binaries = Binaries.Locate(options.BinariesRoot);
        var state = await StateFolder.Open(options.DataDirectory, account, cancellation);
        using var starting = await StateLocks.AcquireExclusive(state.StartLock, cancellation);

        binaries = await binaries.EnsureUsable(options.BinariesCache ?? options.DefaultBinariesCache, account, cancellation);
        var postmaster = new Postmaster(state, binaries, account, options, logger);
        var server = new EmbeddedServer(state, postmaster, StateLocks.AcquireShared(state.UsersLock), logger);
        try
        {
            await server.Open(new Cluster(state, binaries, account, options.Durable, logger), cancellation);
            return server;
        }
        catch
        {
            await server.Release();
            throw;
        }
    }

    /// <summary>Restarts the server whenever its process ends, until this instance is disposed.</summary>
    public void Supervise() => _supervisor!.Start();

    /// <summary>Releases the server; the last process that uses it stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_usersLock is null)
            return;
        if (_supervisor is not null)
            await _supervisor.DisposeAsync(); // a stopped server must not be restarted
        using var stopping = await StateLocks.AcquireExclusive(_state.StartLock, CancellationToken.None);
        await Release();
    }

    /// <summary>Releases the lock but not the server, as the operating system does for a killed process.</summary>
    internal void Abandon()
    {
        _usersLock?.Dispose();
        _usersLock = null;
    }

    private async Task Open(Cluster cluster, CancellationToken cancellation)
    {
        await cluster.CreateIfMissing(cancellation);
        var credentials = Credentials.Read(_state.CredentialsFile);
        var running = await _postmaster.EnsureRunning(credentials, cancellation);
        _supervisor = new ServerSupervisor(_state, _postmaster, running, credentials, _logger);
        AdministratorConnectionString = running.ConnectionString(Credentials.Administrator, credentials.AdministratorPassword, "postgres");
        ConnectionString = running.ConnectionString(Credentials.App, credentials.AppPassword, AppDatabase.Name);
        await AppDatabase.CreateIfMissing(AdministratorConnectionString, ConnectionString, cancellation);
    }

    /// <summary>Requires the start lock, so that no process joins while the last one stops the server.</summary>
    private async Task Release()
    {
        Abandon();
        using var lastUser = StateLocks.TryAcquireExclusive(_state.UsersLock);
        if (lastUser is null)
            _logger.KeptForOtherUsers(_state.Path);
        else
            await _postmaster.Stop();
    }
}

internal static partial class EmbeddedServerLog
{
    [LoggerMessage(LogLevel.Information, "Creating a PostgreSQL database cluster in {DataFolder}")]
    public static partial void CreatingCluster(this ILogger logger, string dataFolder);

    [LoggerMessage(LogLevel.Information, "PostgreSQL started with process id {ProcessId} at {Address} in {ElapsedMilliseconds} ms")]
    public static partial void Started(this ILogger logger, int processId, string address, long elapsedMilliseconds);

    [LoggerMessage(LogLevel.Information, "PostgreSQL was already running with process id {ProcessId} at {Address}")]
    public static partial void Reused(this ILogger logger, int processId, string address);

    [LoggerMessage(LogLevel.Warning, "Removed the stale file {File}: its process {ProcessId} is not this PostgreSQL server")]
    public static partial void RemovedStalePidFile(this ILogger logger, string file, int processId);

    [LoggerMessage(LogLevel.Information, "Port {Port} is in use by another program; PostgreSQL will use port {NewPort}")]
    public static partial void PortInUse(this ILogger logger, int port, int newPort);

    [LoggerMessage(LogLevel.Information, "PostgreSQL of {StateFolder} keeps running because other processes use it")]
    public static partial void KeptForOtherUsers(this ILogger logger, string stateFolder);

    [LoggerMessage(LogLevel.Information, "PostgreSQL with process id {ProcessId} stopped")]
    public static partial void Stopped(this ILogger logger, int processId);

    [LoggerMessage(LogLevel.Warning, "PostgreSQL with process id {ProcessId} did not stop: {Output}")]
    public static partial void NotStopped(this ILogger logger, int processId, string output);
}

/// <summary>
/// The embedded server cannot be used. The message is for the user who starts the app: it states the value found, the values allowed and
/// the remedy.
/// </summary>
public sealed class EmbeddedServerException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The last sentences of every message whose problem the user's own PostgreSQL server would solve.</summary>
    internal const string OwnServerAdvice =
        "To use your own PostgreSQL server instead, set ConnectionStrings__Titanic " +
        "(for example \"Host=localhost;Database=titanic;Username=titanic;Password=...\").";
}
