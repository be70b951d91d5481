using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Serving.Protocols;

/// <summary>Whether this process can answer now: a version is in service, and the database can store what it says, where it has to.</summary>
public sealed class Answerability(ChampionInMemory champion, DatabaseGate gate, IOptions<ServingOptions> options, IServiceProvider services)
{
    /// <summary>A probe that hangs says less than one that says no.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>Null when it can; else the reason as a sentence.</summary>
    public async Task<string?> WhyNot(CancellationToken cancellation)
    {
        if (!gate.IsReady)
            return "The database is not ready yet.";
        using var patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patient.CancelAfter(_patience);
        try
        {
            if (options.Value.Log != AnswerLog.Off)
                await AskDatabase(patient.Token);
            return (champion.Current ?? await champion.Reload(patient.Token)) is null ? new NoChampionException(champion.Alarm).Message : null;
        }
        catch (Exception away) when (away is NpgsqlException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return "The database does not answer.";
        }
    }

    private async Task AskDatabase(CancellationToken cancellation)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select 1");
        await command.ExecuteScalarAsync(cancellation);
    }
}
