using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The server process. Every method wants the start lock held.</summary>
internal sealed class Postmaster(
    StateFolder state, Binaries binaries, ServerAccount? account, EmbeddedServerOptions options, ILogger logger)
{
    private const long LargeLogInBytes = 10_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes over the server that is there, or starts one.</summary>
    public async Task<PostmasterFile> EnsureRunning(Credentials credentials, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (Living() is { } server)
        {
            if (await Answers(server, credentials, cancellation))
            {
                logger.Reused(server.ProcessId, server.Address);
                return server;
            }
            // It is starting, recovering or stopping, on behalf of a process that did not live to see the end of it.
            if (waited.Elapsed > Patience)
                throw new EmbeddedServerException(
                    $"A PostgreSQL server with process id {server.ProcessId} holds {state.Data} and has not answered at {server.Address} " +
                    $"for {Patience.TotalSeconds} seconds. End that process (kill -INT {server.ProcessId}) and look into " +
                    $"{state.ServerLog}.");
            await Task.Delay(BetweenAttempts, cancellation);
        }
        return await Start(cancellation);
    }

    public async Task Stop()
    {
        if (PostmasterFile.Read(state.Data) is not { } server || !server.ServerIsAlive())
            return;
        var stop = await ServerProgram.Run(
            binaries.PgCtl, ["stop", "-D", state.Data, "-m", "fast", "-w", "-t", "60"], account, CancellationToken.None);
        if (stop.ExitCode == 0)
            logger.Stopped(server.ProcessId);
        else
            logger.NotStopped(server.ProcessId, stop.Output);
    }

    /// <summary>The server of our data directory; a pid file without its server is removed.</summary>
    private PostmasterFile? Living()
    {
        if (PostmasterFile.Read(state.Data) is not { } found)
            return null;
        if (found.ServerIsAlive())
            return found;
        File.Delete(found.Path);
        logger.RemovedStalePidFile(found.Path, found.ProcessId);
        return null;
    }

    /// <returns>False while the server refuses connections for the moment.</returns>
    private async Task<bool> Answers(PostmasterFile server, Credentials credentials, CancellationToken cancellation)
    {
        try
        {
            var administrator = server.ConnectionString(Credentials.Administrator, credentials.AdministratorPassword, "postgres");
            await using var connection = new NpgsqlConnection(administrator + ";Pooling=false;Timeout=5");
            await connection.OpenAsync(cancellation);
            await using var ask = new NpgsqlCommand("SHOW data_directory", connection);
            var folder = (string?)await ask.ExecuteScalarAsync(cancellation);
            if (folder != server.DataDirectory || connection.PostgreSqlVersion.Major != binaries.MajorVersion)
                throw new EmbeddedServerException(
                    $"The server at {server.Address} is PostgreSQL {connection.PostgreSqlVersion} on {folder}; expected was PostgreSQL " +
                    $"{binaries.MajorVersion} on {server.DataDirectory}. Stop that server, or choose another folder " +
                    "by Titanic__DataDirectory.");
            return true;
        }
        catch (PostgresException refusal) when (refusal.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            throw new EmbeddedServerException(
                $"The PostgreSQL server that runs on {state.Data} (process id {server.ProcessId}) does not accept the passwords in " +
                $"{state.CredentialsFile}: the file belongs to another database cluster. Restore the right one.", refusal);
        }
        catch (Exception refusal) when (refusal is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    private async Task<PostmasterFile> Start(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        PrepareFiles();
        var port = LoopbackPort.Remembered(state.PortFile) ?? LoopbackPort.Free();
        while (true)
        {
            if (!options.UnixSocketOnly && !LoopbackPort.IsFree(port))
                port = MoveFrom(port);
            var end = new FileInfo(state.ServerLog).Length;
            var start = await ServerProgram.Run(binaries.PgCtl, Arguments(port), account, cancellation);
            if (start.ExitCode == 0 && PostmasterFile.Read(state.Data) is { } server)
            {
                LoopbackPort.Remember(state.PortFile, port);
                logger.Started(server.ProcessId, server.Address, watch.ElapsedMilliseconds);
                return server;
            }

            var said = LogSince(end);
            // Another program was faster between our look and the server's; or processes of a killed server are still ending.
            var mayPass = said.Contains("Address already in use", StringComparison.Ordinal)
                || said.Contains("pre-existing shared memory block", StringComparison.Ordinal);
            if (!mayPass || watch.Elapsed > Patience)
                throw new EmbeddedServerException(
                    $"The embedded PostgreSQL server did not start ({start.Output}). Its log {state.ServerLog} says: {said} " +
                    EmbeddedServerException.OwnServerAdvice);
            await Task.Delay(BetweenAttempts, cancellation);
        }
    }

    /// <summary>With -l the server writes to the log itself; without, it would keep this process's pipe open for ever.</summary>
    private string[] Arguments(int port)
    {
        var settings = ServerSettings.For(options, state, port).Select(setting => $"-c {setting.Name}={Quoted(setting.Value)}");
        return ["start", "-D", state.Data, "-l", state.ServerLog, "-w", "-t", "60", "-o", string.Join(' ', settings)];
    }

    /// <summary>pg_ctl hands the settings to the system's shell.</summary>
    private static string Quoted(string value) => OperatingSystem.IsWindows()
        ? $"\"{value}\""
        : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private void PrepareFiles()
    {
        if (File.Exists(state.ServerLog) && new FileInfo(state.ServerLog).Length > LargeLogInBytes)
            File.Move(state.ServerLog, state.ServerLog + ".old", overwrite: true);
        if (!File.Exists(state.ServerLog))
            Credentials.WritePrivate(state.ServerLog, "");
        account?.Own(state.ServerLog);
        if (!options.UnixSocketOnly)
            return;
        Directory.CreateDirectory(state.Sockets);
        account?.Own(state.Sockets);
    }

    private int MoveFrom(int taken)
    {
        var port = LoopbackPort.Free();
        logger.PortTaken(taken, port);
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

/// <summary>What a running server writes into <c>postmaster.pid</c> of its data directory, line by line.</summary>
internal sealed record PostmasterFile(string Path, int ProcessId, string DataDirectory, int Port, string SocketFolder, string ListenAddress)
{
    public string Host => ListenAddress.Length > 0 ? ListenAddress : SocketFolder;

    public string Address => $"{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    public static string In(string data) => System.IO.Path.Combine(data, "postmaster.pid");

    /// <returns>Null when there is no such file or the server has only begun to write it.</returns>
    public static PostmasterFile? Read(string data)
    {
        try
        {
            var lines = File.ReadAllLines(In(data));
            return lines.Length >= 6
                ? new PostmasterFile(In(data), Number(lines[0]), lines[1], Number(lines[3]), lines[4].Trim(), lines[5].Trim())
                : null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the process is this server. After a crash or a new start of the machine another program may have its process id, so
    /// on Linux we look whether that process works in our data directory: its pid file is then the one we read.
    /// </summary>
    public bool ServerIsAlive()
    {
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            if (process.ProcessName != "postgres" || process.HasExited)
                return false;
        }
        catch (ArgumentException)
        {
            return false;
        }
        return !OperatingSystem.IsLinux() || IsWorkingHere();
    }

    public string ConnectionString(string user, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Username = user,
        Password = password,
        Database = database,
        // The connection does not leave the machine; asking for encryption would cost two more messages each time.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    private bool IsWorkingHere()
    {
        try
        {
            return File.ReadAllText($"/proc/{ProcessId}/cwd/postmaster.pid") == File.ReadAllText(Path);
        }
        catch (Exception other) when (other is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or somebody else's: this app's server runs as this app's user, unless we are root and may look anyway.
            return false;
        }
    }

    private static int Number(string line) => int.Parse(line, CultureInfo.InvariantCulture);
}

/// <summary>The server's port on 127.0.0.1: chosen by the operating system at first, then kept as long as nobody else takes it.</summary>
internal static class LoopbackPort
{
    public static int Free()
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

    /// <returns>Null when nothing usable was remembered.</returns>
    public static int? Remembered(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= IPEndPoint.MaxPort
            ? port
            : null;

    public static void Remember(string file, int port) => File.WriteAllText(file, port.ToString(CultureInfo.InvariantCulture));
}
