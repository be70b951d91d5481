using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Counts the rows of a commit that a training run would not use now, once for each state of the store: counting a million rows takes seconds,
/// and the result page of an upload is opened again and again.
/// </summary>
public sealed class UnusedRowsCache(TrainableRows trainable, NpgsqlDataSource postgres, IMemoryCache cache)
{
    /// <summary>The predictions that inference has stored. Both maximums come from indexes.</summary>
    private const string SelectPredicted = "select coalesce(max(run_id), 0), coalesce(max(passenger_id), 0) from predictions";

    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(5);

    /// <inheritdoc cref="TrainableRows.FindUnused"/>
    public async Task<UnusedRows> FindNow(long commitId, CancellationToken cancellation)
    {
        var selection = await trainable.SelectNow(cancellation);
        var definition = selection.Definition;
        var state = (commitId, selection.NewestCommitId, definition.AsOfCommitId, definition.KnownBefore, definition.Sources.Count, definition.EventTimeFrom, await ReadPredicted(cancellation));
        return (await cache.GetOrCreateAsync(state, entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = _lifetime;
            return trainable.FindUnused(selection, commitId, cancellation);
        }))!;
    }

    private async Task<(long Run, long Passenger)> ReadPredicted(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(SelectPredicted);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }
}
