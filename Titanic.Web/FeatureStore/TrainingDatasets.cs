using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>Defines training datasets and reads them, today or at any later time; rows only ever stream.</summary>
public sealed partial class TrainingDatasets(TitanicDb db, NpgsqlDataSource postgres, AuditLog audit, TimeProvider clock)
{
    /// <summary>Counts and digests what a definition selects.</summary>
    /// <returns>Not stored yet: a pipeline stores it together with the model that learned it, so that neither is ever without the other.</returns>
    /// <exception cref="ArgumentException">The definition makes no sense.</exception>
    /// <exception cref="EmptyTrainingDatasetException">It selects no labelled row.</exception>
    /// <exception cref="ChangedFeatureViewException">This code's encoder is not the stored view's.</exception>
    public async Task<TrainingDataset> Describe(TrainingDatasetDefinition definition, long? runId, CancellationToken cancellation)
    {
        if (definition.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(definition));
        using var digest = new TrainingDigest(definition.View);
        await foreach (var row in Rows(definition, cancellation))
            digest.Add(row);
        if (digest.Rows == 0)
            throw new EmptyTrainingDatasetException(definition);
        return new TrainingDataset
        {
            ViewName = definition.View.Schema.Name,
            ViewVersion = definition.View.Schema.Version,
            AsOfCommitId = definition.AsOfCommitId,
            KnownBefore = definition.KnownBefore.ToUniversalTime(),
            Sources = [.. definition.Sources],
            SplitSalt = definition.SplitSalt,
            TestShare = definition.TestShare,
            Rows = digest.Rows,
            Survivors = digest.Survivors,
            HeldOutRows = digest.HeldOutRows,
            Sha256 = digest.Sha256(),
            CreatedAt = clock.GetUtcNow(),
            RunId = runId,
        };
    }

    /// <summary>Defines a dataset by hand, without a model that learns it; throws what <see cref="Describe"/> throws.</summary>
    /// <param name="who">For the audit log; see <see cref="AuditLog.NameOf"/>.</param>
    public async Task<TrainingDataset> Create(TrainingDatasetDefinition definition, string who, CancellationToken cancellation)
    {
        var dataset = await Describe(definition, null, cancellation);
        db.TrainingDatasets.Add(dataset);
        await audit.Record(who, "training dataset defined", $"{definition.View.Schema} as of commit {definition.AsOfCommitId}", $"SHA-256 {dataset.Sha256}", cancellation);
        return dataset;
    }

    /// <summary>A stored dataset for training, read again and held against its digest before anybody learns from it.</summary>
    /// <exception cref="InvalidDataException">The rows in the store are no longer those that the digest was taken of.</exception>
    public async Task<TrainingPoints> ReadVerified(long trainingDatasetId, CancellationToken cancellation)
    {
        var dataset = await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == trainingDatasetId, cancellation);
        await foreach (var _ in VerifiedRows(dataset, cancellation))
        {
            // Only the check at the end counts.
        }
        return await ReadPoints(TrainingDatasetDefinition.Of(dataset), cancellation);
    }

    /// <summary>The rows of a stored dataset in canonical order; after the last one they are held against the digest.</summary>
    /// <exception cref="InvalidDataException">After the last row: these are not the rows that the digest was taken of.</exception>
    public async IAsyncEnumerable<TrainingRow> VerifiedRows(TrainingDataset dataset, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var definition = TrainingDatasetDefinition.Of(dataset);
        using var digest = new TrainingDigest(definition.View);
        await foreach (var row in Rows(definition, cancellation))
        {
            digest.Add(row);
            yield return row;
        }
        if (digest.Sha256() is var sha256 && sha256 != dataset.Sha256)
            throw new InvalidDataException($"Training dataset {dataset.TrainingDatasetId} reads as SHA-256 {sha256} ({digest.Rows} rows) but was created as {dataset.Sha256} ({dataset.Rows} rows).");
    }
}
