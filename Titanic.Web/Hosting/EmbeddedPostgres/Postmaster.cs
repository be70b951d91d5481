using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The server process. Every method requires the start lock.</summary>
internal sealed class Postmaster(
    StateFolder state, Binaries binaries, ServerAccount? account, EmbeddedServerOptions options, ILogger logger)
{
    private const long MaximumLogBytes = 10_000_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Joins the running server or starts one.</summary>
    /// <exception cref="EmbeddedServerException">The server does not start or does not accept the connection.</exception>
    public Task<PostmasterFile> EnsureRunning(Credentials credentials, CancellationToken cancellation) =>
        EnsureRunning(credentials, () => Start(null, cancellation), cancellation);

    /// <summary>Joins the server that another process has restarted, or starts one on the port of the server that ended.</summary>
    /// <exception cref="EmbeddedServerException">The server does not start, or another program uses the port.</exception>
    public Task<PostmasterFile> Restart(Credentials credentials, int port, CancellationToken cancellation) => EnsureRunning(
        credentials,
        async () =>
        {
            EndOrphans();
            var server = await Start(port, cancellation);
            ServerTelemetry.CountRestarts(1);
            return server;
        },
        cancellation);

    private async Task<PostmasterFile> EnsureRunning(Credentials credentials, Func<Task<PostmasterFile>> start, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (FindRunning() is { } server)
        {
            if (await AcceptsConnections(server, credentials, cancellation))
            {
                logger.Reused(server.ProcessId, server.Address);
                return server;
            }
            // The server is starting, recovering or stopping for a process that was killed.
            if (waited.Elapsed > Timeout)
                throw new EmbeddedServerException(
                    $"The PostgreSQL server with process ID {server.ProcessId} uses {state.Data} and has not accepted a connection at " +
                    $"{server.Address} for {Timeout.TotalSeconds} seconds. See its log {state.ServerLog}, stop that process " +
                    $"(kill -INT {server.ProcessId}), then start again.");
            await Task.Delay(RetryDelay, cancellation);
        }
        return await start();
    }

    /// <summary>Stops the server and waits for its end; a failure is only logged.</summary>
    public async Task Stop()
    {
        if (PostmasterFile.Read(state.Data) is not { } server || !server.IsServerRunning())
            return;
        var stop = await ServerProgram.Run(
            binaries.PgCtl, ["stop", "-D", state.Data, "-m", "fast", "-w", "-t", "60"], account, CancellationToken.None);
        if (stop.ExitCode == 0)
            logger.Stopped(server.ProcessId);
        else
            logger.NotStopped(server.ProcessId, stop.Output);
    }

    /// <summary>The running server of the data directory, or null. A pid file without its server is deleted.</summary>
    private PostmasterFile? FindRunning()
    {
        if (PostmasterFile.Read(state.Data) is not { } found)
            return null;
        if (found.IsServerRunning())
            return found;
        File.Delete(found.Path);
        logger.RemovedStalePidFile(found.Path, found.ProcessId);
        return null;
    }

    /// <summary>Connects as superuser and checks that it is the expected server.</summary>
    /// <returns>False if the server does not accept connections yet.</returns>
    /// <exception cref="EmbeddedServerException">It is another server, or the passwords belong to another cluster.</exception>
    private async Task<bool> AcceptsConnections(PostmasterFile server, Credentials credentials, CancellationToken cancellation)
    {
        try
        {
            var administrator = server.ConnectionString(Credentials.Administrator, credentials.AdministratorPassword, "postgres");
            await using var connection = new NpgsqlConnection(administrator + ";Pooling=false;Timeout=5");
            await connection.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand("SHOW data_directory", connection);
            var folder = (string?)await command.ExecuteScalarAsync(cancellation);
            if (folder != server.DataDirectory || connection.PostgreSqlVersion.Major != binaries.MajorVersion)
                throw new EmbeddedServerException(
                    $"The server at {server.Address} is PostgreSQL {connection.PostgreSqlVersion} with the data directory {folder}; it must be " +
                    $"PostgreSQL {binaries.MajorVersion} with {server.DataDirectory}. Stop that server, or set another folder " +
                    "with Titanic__DataDirectory.");
            return true;
        }
        catch (PostgresException failure) when (failure.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            throw new EmbeddedServerException(
                $"The PostgreSQL server with the data directory {state.Data} (process ID {server.ProcessId}) does not accept the passwords in " +
                $"{state.CredentialsFile}: the file belongs to another database cluster. Restore the file of this cluster.", failure);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    /// <param name="requiredPort">The port, if connections to it exist; null for the one of the previous start or, if that is in use, a free one.</param>
    private async Task<PostmasterFile> Start(int? requiredPort, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        PrepareFiles();
        var port = requiredPort ?? LoopbackPort.ReadSaved(state.PortFile) ?? LoopbackPort.FindFree();
        while (true)
        {
            if (!options.UnixSocketOnly && !LoopbackPort.IsFree(port))
                port = requiredPort is null ? ReplacePort(port) : throw new EmbeddedServerException(
                    $"Another program listens on port {port} of PostgreSQL. Stop it, or restart this process, which then uses another port.");
            var logPosition = new FileInfo(state.ServerLog).Length;
            var start = await ServerProgram.Run(binaries.PgCtl, Arguments(port), account, cancellation);
            if (start.ExitCode == 0 && PostmasterFile.Read(state.Data) is { } server)
            {
                LoopbackPort.Save(state.PortFile, port);
                logger.Started(server.ProcessId, server.Address, watch.ElapsedMilliseconds);
                return server;
            }

            var log = LogSince(logPosition);
            // Another program took the port after the check, or processes of a killed server have not exited yet.
            var isTransient = log.Contains("Address already in use", StringComparison.Ordinal)
                || log.Contains("pre-existing shared memory block", StringComparison.Ordinal);
            if (!isTransient || watch.Elapsed > Timeout)
                throw new EmbeddedServerException(
                    $"The embedded PostgreSQL server did not start ({start.Output}). Its log {state.ServerLog} contains: {log} " +
                    EmbeddedServerException.OwnServerAdvice);
            await Task.Delay(RetryDelay, cancellation);
        }
    }

    /// <summary>
    /// Ends the processes of a server whose postmaster was killed. They end by themselves when they wait for something, but a long
    /// computation would keep the shared memory, and thereby a new server, waiting. Requires that no postmaster runs: recovery then
    /// discards what they have not committed.
    /// </summary>
    private void EndOrphans()
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    // The name of a child is followed by what it does.
                    if (process.ProcessName.StartsWith("postgres", StringComparison.Ordinal) && new FileInfo($"/proc/{process.Id}/cwd").LinkTarget == state.Data)
                        process.Kill();
                }
                catch (Exception ended) when (ended is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It has ended, or belongs to another user.
                }
            }
        }
    }

    /// <summary>With -l the server writes its log file itself; without it, the server would keep the pipe of this process open.</summary>
    private string[] Arguments(int port)
    {
        var settings = ServerSettings.For(options, state, port).Select(setting => $"-c {setting.Name}={Quote(setting.Value)}");
        return ["start", "-D", state.Data, "-l", state.ServerLog, "-w", "-t", "60", "-o", string.Join(' ', settings)];
    }

    /// <summary>Quotes a value for the system's shell, to which pg_ctl passes the settings.</summary>
    private static string Quote(string value) => OperatingSystem.IsWindows()
        ? $"\"{value}\""
        : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private void PrepareFiles()
    {
        if (File.Exists(state.ServerLog) && new FileInfo(state.ServerLog).Length > MaximumLogBytes)
            File.Move(state.ServerLog, state.ServerLog + ".old", overwrite: true);
        if (!File.Exists(state.ServerLog))
            Credentials.WritePrivate(state.ServerLog, "");
        account?.SetOwner(state.ServerLog);
        if (!options.UnixSocketOnly)
            return;
        Directory.CreateDirectory(state.Sockets);
        account?.SetOwner(state.Sockets);
    }

    private int ReplacePort(int portInUse)
    {
        var port = LoopbackPort.FindFree();
        logger.PortInUse(portInUse, port);
        return port;
    }

    private string LogSince(long position)
    {
        using var log = new FileStream(state.ServerLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Position = position;
        using var reader = new StreamReader(log);
        return reader.ReadToEnd().Trim();
    }
}

/// <summary>The content of <c>postmaster.pid</c>, which a running server writes to its data directory.</summary>
internal sealed record PostmasterFile(string Path, int ProcessId, string DataDirectory, int Port, string SocketFolder, string ListenAddress)
{
    public string Host => ListenAddress.Length > 0 ? ListenAddress : SocketFolder;

    public string Address => $"{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    public static string PathIn(string data) => System.IO.Path.Combine(data, "postmaster.pid");

    /// <summary>Reads the file of a data directory.</summary>
    /// <returns>Null if there is no such file or it is incomplete.</returns>
    public static PostmasterFile? Read(string data)
    {
        try
        {
            var lines = File.ReadAllLines(PathIn(data));
            return lines.Length >= 6
                ? new PostmasterFile(PathIn(data), ParseNumber(lines[0]), lines[1], ParseNumber(lines[3]), lines[4].Trim(), lines[5].Trim())
                : null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the process is this server. After a crash or a restart of the machine, another program can have its process ID. On Linux
    /// this method therefore also checks that the working directory of the process is this data directory.
    /// </summary>
    public bool IsServerRunning()
    {
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            if (process.ProcessName != "postgres" || process.HasExited)
                return false;
        }
        catch (Exception ended) when (ended is ArgumentException or InvalidOperationException)
        {
            return false;
        }
        return !OperatingSystem.IsLinux() || IsInDataDirectory();
    }

    public string ConnectionString(string user, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Username = user,
        Password = password,
        Database = database,
        // The connection does not leave the machine; requesting encryption would cost two more round trips.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    private bool IsInDataDirectory()
    {
        try
        {
            return File.ReadAllText($"/proc/{ProcessId}/cwd/postmaster.pid") == File.ReadAllText(Path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The process has exited, or belongs to another user: the embedded server runs as the app's user, unless the app is root, which
            // can read it.
            return false;
        }
    }

    private static int ParseNumber(string line) => int.Parse(line, CultureInfo.InvariantCulture);
}

/// <summary>
/// The server's port on 127.0.0.1. The operating system chooses it on the first start; it is kept while no other program uses it.
/// </summary>
internal static class LoopbackPort
{
    public static int FindFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Reads the port of the previous start.</summary>
    /// <returns>Null if the file is missing or does not contain a port.</returns>
    public static int? ReadSaved(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= IPEndPoint.MaxPort
            ? port
            : null;

    public static void Save(string file, int port) => File.WriteAllText(file, port.ToString(CultureInfo.InvariantCulture));
}
