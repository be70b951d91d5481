namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>
/// A real PostgreSQL server in a state folder of its own. Any number of processes may use one state folder: the first starts the
/// server, the last stops it, and a server left over by a killed process is taken over.
/// </summary>
public sealed class EmbeddedServer : IAsyncDisposable
{
    private readonly StateFolder _state;
    private readonly Postmaster _postmaster;
    private readonly ILogger _logger;
    private FileStream? _use;

    private EmbeddedServer(StateFolder state, Postmaster postmaster, FileStream use, ILogger logger)
    {
        _state = state;
        _postmaster = postmaster;
        _use = use;
        _logger = logger;
    }

    /// <summary>The app's own database <c>titanic</c> as its role <c>titanic</c>, which owns it and is no superuser.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The same server as its superuser, in the database <c>postgres</c>.</summary>
    internal string AdministratorConnectionString { get; private set; } = "";

    internal int ProcessId { get; private set; }

    /// <exception cref="EmbeddedServerException">The server cannot run here; the message says why and what to do.</exception>
    public static async Task<EmbeddedServer> Start(EmbeddedServerOptions options, ILogger logger, CancellationToken cancellation)
    {
        var account = ServerAccount.ForThisProcess();
        var binaries = Binaries.Locate(options.BinariesRoot);
        var state = await StateFolder.Open(options.DataDirectory, account, cancellation);
        using var starting = await StateLocks.Exclusive(state.StartLock, cancellation);

        binaries = await binaries.MadeUsable(options.BinariesCache ?? options.UsualBinariesCache, account, cancellation);
        var postmaster = new Postmaster(state, binaries, account, options, logger);
        var server = new EmbeddedServer(state, postmaster, StateLocks.Shared(state.UsersLock), logger);
        try
        {
            await server.Open(new Cluster(state, binaries, account, options.Durable, logger), cancellation);
            return server;
        }
        catch
        {
            await server.Leave();
            throw;
        }
    }

    /// <summary>Ends this use of the server; the last user stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_use is null)
            return;
        using var stopping = await StateLocks.Exclusive(_state.StartLock, CancellationToken.None);
        await Leave();
    }

    /// <summary>What the operating system does for a process that is killed: the locks go, the server stays.</summary>
    internal void Abandon()
    {
        _use?.Dispose();
        _use = null;
    }

    private async Task Open(Cluster cluster, CancellationToken cancellation)
    {
        await cluster.CreateWhenMissing(cancellation);
        var credentials = Credentials.Read(_state.CredentialsFile);
        var running = await _postmaster.EnsureRunning(credentials, cancellation);
        ProcessId = running.ProcessId;
        AdministratorConnectionString = running.ConnectionString(Credentials.Administrator, credentials.AdministratorPassword, "postgres");
        ConnectionString = running.ConnectionString(Credentials.App, credentials.AppPassword, AppDatabase.Name);
        await AppDatabase.CreateWhenMissing(AdministratorConnectionString, ConnectionString, cancellation);
    }

    /// <summary>Call with the start lock held, so that nobody joins while the last user stops the server.</summary>
    private async Task Leave()
    {
        Abandon();
        using var lastUser = StateLocks.TryExclusive(_state.UsersLock);
        if (lastUser is null)
            _logger.LeftToOthers(_state.Path);
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

    [LoggerMessage(LogLevel.Warning, "Removed {File}: its process {ProcessId} is not this PostgreSQL server any more")]
    public static partial void RemovedStalePidFile(this ILogger logger, string file, int processId);

    [LoggerMessage(LogLevel.Information, "Port {Port} is in use by another program; PostgreSQL moves to port {NewPort}")]
    public static partial void PortTaken(this ILogger logger, int port, int newPort);

    [LoggerMessage(LogLevel.Information, "PostgreSQL of {StateFolder} stays up for its other users")]
    public static partial void LeftToOthers(this ILogger logger, string stateFolder);

    [LoggerMessage(LogLevel.Information, "PostgreSQL with process id {ProcessId} stopped")]
    public static partial void Stopped(this ILogger logger, int processId);

    [LoggerMessage(LogLevel.Warning, "PostgreSQL with process id {ProcessId} did not stop: {Output}")]
    public static partial void NotStopped(this ILogger logger, int processId, string output);
}

/// <summary>
/// The embedded server cannot be used. The message is a sentence for the person who starts the app: what was seen, what is allowed
/// and what to do about it.
/// </summary>
public sealed class EmbeddedServerException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Ends every message that a PostgreSQL of one's own would settle.</summary>
    internal const string OwnServerAdvice =
        "To use a PostgreSQL server of your own instead, set ConnectionStrings__Titanic " +
        "(for example \"Host=localhost;Database=titanic;Username=titanic;Password=...\").";
}
