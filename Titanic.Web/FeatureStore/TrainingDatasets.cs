using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>Defines training datasets and reads their rows, today or at any later time.</summary>
public sealed class TrainingDatasets(TitanicDb db, NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>A dataset to be stored together with the model that learned it, so that neither is ever without the other.</summary>
    /// <param name="rows">What <see cref="Read"/> gave for the definition.</param>
    public TrainingDataset Describe(TrainingDatasetDefinition definition, IReadOnlyList<TrainingRow> rows, long? runId) => new()
    {
        ViewName = BinnedEncoder.ViewName,
        ViewVersion = BinnedEncoder.ViewVersion,
        AsOfCommitId = definition.AsOfCommitId,
        KnownBefore = definition.KnownBefore,
        Sources = [.. definition.Sources],
        SplitSalt = definition.SplitSalt,
        TestShare = definition.TestShare,
        Rows = rows.Count,
        Survivors = rows.Count(row => row.Survived),
        Sha256 = TrainingRow.DigestOf(rows),
        CreatedAt = clock.GetUtcNow(),
        RunId = runId,
    };

    /// <summary>The rows of a stored dataset, read again and held against its digest.</summary>
    /// <exception cref="InvalidDataException">The rows in the store are no longer those that the digest was taken of.</exception>
    public async Task<IReadOnlyList<TrainingRow>> ReadAgain(long trainingDatasetId, CancellationToken cancellation)
    {
        var dataset = await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == trainingDatasetId, cancellation);
        var rows = await Read(TrainingDatasetDefinition.Of(dataset), cancellation);
        var digest = TrainingRow.DigestOf(rows);
        if (digest != dataset.Sha256)
            throw new InvalidDataException($"Training dataset {trainingDatasetId} reads as SHA-256 {digest} ({rows.Count} rows) but was created as {dataset.Sha256} ({dataset.Rows} rows).");
        return rows;
    }

    /// <summary>The rows that a definition selects, in canonical order (source, then key, by bytes).</summary>
    /// <exception cref="EmptyTrainingDatasetException">It selects no labelled row.</exception>
    public async Task<IReadOnlyList<TrainingRow>> Read(TrainingDatasetDefinition definition, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            """
            select p.source, p.source_key, p.passenger_id, p.commit_id, p.titanic_binned_v1, o.survived
            from passengers p
            join outcomes o on o.passenger_id = p.passenger_id
             and o.commit_id <= @as_of and (o.superseded_by is null or o.superseded_by > @as_of)
             and o.known_at < @known_before
            where p.commit_id <= @as_of and (p.superseded_by is null or p.superseded_by > @as_of)
              and p.source = any (@sources)
            order by p.source, p.source_key
            """);
        command.Parameters.AddWithValue("as_of", definition.AsOfCommitId);
        command.Parameters.AddWithValue("known_before", definition.KnownBefore.ToUniversalTime());
        command.Parameters.AddWithValue("sources", definition.Sources.ToArray());
        var rows = new List<TrainingRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (source, key) = (reader.GetString(0), reader.GetString(1));
            rows.Add(new TrainingRow(
                source, key, reader.GetInt64(2), reader.GetInt64(3),
                BinnedPoint.FromCode(reader.GetInt16(4)), reader.GetBoolean(5),
                TrainingRow.IsHeldOut(source, key, definition.SplitSalt, definition.TestShare)));
        }
        if (rows.Count == 0)
            throw new EmptyTrainingDatasetException(definition);
        return rows;
    }
}

/// <summary>What a training dataset selects; see <see cref="TrainingDataset"/> for the meaning of each part.</summary>
public sealed record TrainingDatasetDefinition(long AsOfCommitId, DateTimeOffset KnownBefore, IReadOnlyList<string> Sources, string SplitSalt, double TestShare)
{
    public static TrainingDatasetDefinition Of(TrainingDataset dataset) =>
        new(dataset.AsOfCommitId, dataset.KnownBefore, dataset.Sources, dataset.SplitSalt, dataset.TestShare);
}

/// <summary>There is nothing to learn from yet.</summary>
public sealed class EmptyTrainingDatasetException(TrainingDatasetDefinition definition) : Exception(
    $"No labelled passenger from {string.Join(", ", definition.Sources)} is known before {definition.KnownBefore:yyyy-MM-dd} as of commit {definition.AsOfCommitId}. Backfill the passenger list first: run feature --backfill.");
