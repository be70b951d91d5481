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

    private const string Unavailable = "The database does not respond.";

    /// <summary>Why this process cannot make predictions, as a sentence; null where it can.</summary>
    public async Task<string?> FailureReason(CancellationToken cancellation)
    {
        if (!database.IsReady)
            return "The database is not ready yet.";
        if (database.Outage is not null)
            return Unavailable;
        try
        {
            // Not canceled: a server that hangs does not end a canceled statement, either.
            return await Check().WaitAsync(_timeout, cancellation);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            return Unavailable;
        }
    }

    private async Task<string?> Check()
    {
        if (options.Value.LogMode != PredictionLogMode.Off)
            await PingDatabase();
        return (champion.Current ?? await champion.Reload(CancellationToken.None)) is null ? new NoChampionException(champion.Alarm).Message : null;
    }

    private async Task PingDatabase()
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select 1");
        await command.ExecuteScalarAsync();
    }
}
