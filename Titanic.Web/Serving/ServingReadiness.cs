using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Serving;

/// <summary>
/// Checks whether this process can make predictions now: a champion is loaded, and the database responds if predictions are stored.
/// </summary>
public sealed class ServingReadiness(ChampionCache champion, DatabaseReadiness database, IOptions<ServingOptions> options, IServiceProvider services)
{
    /// <summary>The time limit of the check, so that a probe always gets a response.</summary>
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    /// <summary>Why this process cannot make predictions, as a sentence; null where it can.</summary>
    public async Task<string?> FailureReason(CancellationToken cancellation)
    {
        if (!database.IsReady)
            return "The database is not ready yet.";
        using var timeLimit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeLimit.CancelAfter(_timeout);
        try
        {
            if (options.Value.LogMode != PredictionLogMode.Off)
                await PingDatabase(timeLimit.Token);
            return (champion.Current ?? await champion.Reload(timeLimit.Token)) is null ? new NoChampionException(champion.Alarm).Message : null;
        }
        catch (Exception failure) when (failure is NpgsqlException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return "The database does not respond.";
        }
    }

    private async Task PingDatabase(CancellationToken cancellation)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select 1");
        await command.ExecuteScalarAsync(cancellation);
    }
}
