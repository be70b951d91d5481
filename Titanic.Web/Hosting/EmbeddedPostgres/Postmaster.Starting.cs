using System.Diagnostics;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

internal sealed partial class Postmaster
{
    private const long LargeLogInBytes = 10_000_000;

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
