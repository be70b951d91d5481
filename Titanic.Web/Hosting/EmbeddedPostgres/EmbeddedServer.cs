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
