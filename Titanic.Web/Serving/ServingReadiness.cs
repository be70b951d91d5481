using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Serving;

/// <summary>Whether this process can make predictions now: a version is in service, and the database can store the rows, where it has to.</summary>
public sealed class ServingReadiness(ChampionInMemory champion, DatabaseGate gate, IOptions<ServingOptions> options, IServiceProvider services)
{
    /// <summary>A probe without an answer says less than one with a no.</summary>
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    /// <summary>Null when it is ready; else why not, as a sentence.</summary>
    public async Task<string?> FailureReason(CancellationToken cancellation)
    {
        if (!gate.IsReady)
            return "The database is not ready yet.";
        using var timeLimit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeLimit.CancelAfter(_timeout);
        try
        {
            if (options.Value.LogMode != PredictionLogMode.Off)
                await PingDatabase(timeLimit.Token);
            return (champion.Current ?? await champion.Reload(timeLimit.Token)) is null ? new NoChampionException(champion.Alarm).Message : null;
        }
        catch (Exception away) when (away is NpgsqlException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return "The database does not answer.";
        }
    }

    private async Task PingDatabase(CancellationToken cancellation)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select 1");
        await command.ExecuteScalarAsync(cancellation);
    }
}
