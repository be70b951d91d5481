using System.Diagnostics;
using Npgsql;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The server process. Every method wants the start lock held.</summary>
internal sealed partial class Postmaster(
    StateFolder state, Binaries binaries, ServerAccount? account, EmbeddedServerOptions options, ILogger logger)
{
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
}
