using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training;

namespace Titanic.Web.Registry;

/// <summary>
/// Stores model versions and their aliases. Before a version is registered or promoted, its stored bytes are loaded and must predict its
/// input example as it was registered.
/// </summary>
public sealed partial class ModelRegistry(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    public const string ModelName = "titanic_knn";

    /// <summary>The PostgreSQL channel that receives the version number of a new champion when its transaction commits.</summary>
    public const string ChampionChannel = "titanic_champion";

    /// <summary>The champion with its artifact; null before the first promotion.</summary>
    public Task<ModelVersion?> FindChampion(CancellationToken cancellation) => FindByAlias(ModelAliases.Champion, cancellation);

    /// <summary>The version that an alias names, with its artifact; null when it names none.</summary>
    public async Task<ModelVersion?> FindByAlias(string alias, CancellationToken cancellation) =>
        (await ReadAliases(cancellation))[alias] is { } version ? await Find(version, cancellation) : null;

    /// <summary>
    /// The registered and the current digest of the champion's artifact, computed in the database; null without a champion.
    /// </summary>
    public Task<ArtifactState?> ReadChampionArtifact(CancellationToken cancellation) => db.Database.SqlQuery<ArtifactState>(
        $"""
        select v.version, v.artifact_sha256 as registered_sha256, encode(sha256(v.artifact), 'hex') as stored_sha256
        from alias_assignments a join model_versions v on v.name = a.model_name and v.version = a.version
        where a.model_name = {ModelName} and a.alias = {ModelAliases.Champion} and a.ended_at is null
        """).SingleOrDefaultAsync(cancellation);

    /// <summary>The version with its artifact; null when it does not exist.</summary>
    public Task<ModelVersion?> Find(int version, CancellationToken cancellation) =>
        db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Name == ModelName && v.Version == version, cancellation);

    /// <summary>The version with this number or alias; null when it does not exist.</summary>
    public async Task<ModelVersion?> Find(string numberOrAlias, CancellationToken cancellation) =>
        await FindNumber(numberOrAlias, cancellation) is { } version ? await Find(version, cancellation) : null;

    /// <summary>The number of the version with this number or alias, without reading the artifact; null when it does not exist.</summary>
    public async Task<int?> FindNumber(string numberOrAlias, CancellationToken cancellation)
    {
        if (ModelAliases.All.Contains(numberOrAlias))
            return (await ReadAliases(cancellation))[numberOrAlias];
        return int.TryParse(numberOrAlias, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && await db.ModelVersions.AnyAsync(v => v.Name == ModelName && v.Version == version, cancellation) ? version : null;
    }

    /// <summary>The error message for a number or alias that <see cref="Find(string, CancellationToken)"/> did not find.</summary>
    public static string NotFoundMessage(string numberOrAlias) =>
        ModelAliases.All.Contains(numberOrAlias) ? $"There is no version with the alias {numberOrAlias}; the page /models and GET /api/models list the versions."
        : numberOrAlias.All(char.IsAsciiDigit) ? NotFoundText.ModelVersion(numberOrAlias, ModelName)
        : ErrorText.UnknownName("version or alias", numberOrAlias, ["version numbers", .. ModelAliases.All]);

    /// <inheritdoc cref="NotFoundMessage(string)"/>
    public static string NotFoundMessage(int version) => NotFoundMessage(version.ToString(CultureInfo.InvariantCulture));

    /// <summary>The versions that were trained on exactly these rows, oldest first.</summary>
    /// <param name="datasetSha256">The digest of a <see cref="TrainingDataset"/>.</param>
    public Task<List<ModelVersion>> FindByDataset(string datasetSha256, CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && db.TrainingDatasets.Any(d => d.TrainingDatasetId == v.TrainingDatasetId && d.Sha256 == datasetSha256))
        .OrderBy(v => v.Version).ToListAsync(cancellation);

    /// <summary>The newest version of this store whose hyperparameters come from a search; null before the first.</summary>
    public Task<ModelVersion?> FindNewestSelected(CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && v.Selection != null && v.Origin == null)
        .OrderByDescending(v => v.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>
    /// Stores a version with its training dataset and promotes it if its gate verdict is <see cref="Verdict.Promote"/>, in one transaction.
    /// The stored bytes are read back and must predict the version's input example before the commit.
    /// </summary>
    /// <returns>The version with its number.</returns>
    /// <exception cref="InvalidDataException">
    /// The stored bytes cannot be loaded or predict something else for the input example, or the version is to be promoted but cannot be
    /// served.
    /// </exception>
    public async Task<ModelVersion> Register(NewModelVersion candidate, CancellationToken cancellation)
    {
        await using var transaction = await BeginLockedTransaction(cancellation);
        db.TrainingDatasets.Add(candidate.Dataset);
        await db.SaveChangesAsync(cancellation);
        var newest = await db.ModelVersions.Where(v => v.Name == ModelName).MaxAsync(v => (int?)v.Version, cancellation) ?? 0;
        var version = candidate.ToModelVersion(newest + 1, ModelVersion.Sha256Of(candidate.Artifact), clock.GetUtcNow());
        db.ModelVersions.Add(version);
        await db.SaveChangesAsync(cancellation);
        var model = LoadVerified((await Find(version.Version, cancellation))!);
        if (candidate.Gate.Verdict == Verdict.Promote)
        {
            if (NotServableReason(version, model) is { } reason)
                throw new InvalidDataException(reason);
            var aliases = await ReadAliases(cancellation);
            await Move(aliases.ChangesToPromote(version.Version), new AliasDecision($"{AliasAssignment.RunPrefix}{candidate.RunId}", candidate.Gate.Reason), candidate.Gate, cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return version;
    }

    /// <summary>
    /// Verifies a version's stored bytes: their digest, and the prediction for the input example, bit for bit. Returns the error message;
    /// null when both match the registration.
    /// </summary>
    public string? VerifyArtifact(ModelVersion version)
    {
        try
        {
            LoadVerified(version);
            return null;
        }
        catch (InvalidDataException corrupt)
        {
            return corrupt.Message;
        }
    }

    private static ITrainedModel LoadVerified(ModelVersion version)
    {
        version.RequireRegisteredBytes();
        var model = LearnerCatalog.Load(version.Algorithm, version.Artifact);
        var predicted = version.InputExample.WithPredictionOf(model);
        return predicted == version.InputExample
            ? model
            : throw new InvalidDataException($"The stored bytes of {version.Name} version {version.Version} predict {predicted.FormattedPrediction} for its input example; {version.InputExample.FormattedPrediction} was registered.");
    }

    /// <summary>Why the model cannot be champion, as a message; null when it can.</summary>
    private static string? NotServableReason(ModelVersion version, ITrainedModel model) => model.Trainer.CanServe
        ? null
        : $"Version {version.Version} ({LearnerNames.Display(version.Algorithm)}) can be evaluated but not served; only a K-NN can be champion.";

    // One writer at a time: version numbers have no gaps, and concurrent moves of an alias are serialized.
    private async Task<IDbContextTransaction> BeginLockedTransaction(CancellationToken cancellation)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('titanic_registry', 0))", cancellation);
        return transaction;
    }

    /// <summary>
    /// Stores a version from an archive with an audit entry, in one transaction; its training rows too, unless this store has a dataset
    /// with the same rows. The version is never promoted automatically.
    /// </summary>
    /// <param name="by">The caller for the audit log.</param>
    /// <returns>
    /// The version with its number. When a version has the same artifact already, that version is returned and nothing is stored.
    /// </returns>
    /// <exception cref="InvalidDataException">The stored bytes do not predict the input example as it was registered.</exception>
    public async Task<(ModelVersion Version, bool IsNew)> Import(ImportedModelVersion imported, string by, CancellationToken cancellation)
    {
        await using var transaction = await BeginLockedTransaction(cancellation);
        if (await FindByArtifact(imported.Archived.Artifact.Sha256, cancellation) is { } same)
            return (same, false);
        var dataset = await FindMatchingDataset(imported, cancellation);
        var newest = await db.ModelVersions.Where(v => v.Name == ModelName).MaxAsync(v => (int?)v.Version, cancellation) ?? 0;
        var version = imported.ToModelVersion(newest + 1, dataset, clock.GetUtcNow(), by);
        db.ModelVersions.Add(version);
        if (dataset is null)
            db.Add(new ImportedDataset { ModelName = ModelName, Version = version.Version, Csv = imported.Rows });
        await db.SaveChangesAsync(cancellation);
        LoadVerified((await Find(version.Version, cancellation))!);
        await audit.Record(
            by, "version imported", $"version {version.Version}", $"version {imported.Archived.Version} of the archive with SHA-256 {imported.ArchiveSha256}", cancellation);
        await transaction.CommitAsync(cancellation);
        return (version, true);
    }

    /// <summary>
    /// The training dataset of a version. For an imported version whose rows are not in this store, it is the dataset that the archive
    /// describes: its id is 0, and its commits are those of the exporting store.
    /// </summary>
    public Task<TrainingDataset> ReadDataset(ModelVersion version, CancellationToken cancellation) => ReadDataset(version.TrainingDatasetId, version.Origin, cancellation);

    /// <inheritdoc cref="ReadDataset(ModelVersion, CancellationToken)"/>
    public async Task<TrainingDataset> ReadDataset(long? trainingDatasetId, ModelOrigin? origin, CancellationToken cancellation) => trainingDatasetId is { } dataset
        ? await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == dataset, cancellation)
        : origin!.Dataset.ToTrainingDataset();

    /// <summary>
    /// The training rows that were imported with a version, as CSV; null when the version was trained on a dataset of this store.
    /// </summary>
    public Task<byte[]?> ReadImportedRows(int version, CancellationToken cancellation) => db.Set<ImportedDataset>()
        .Where(d => d.ModelName == ModelName && d.Version == version).Select(d => d.Csv).SingleOrDefaultAsync(cancellation);

    private Task<ModelVersion?> FindByArtifact(string sha256, CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && v.ArtifactSha256 == sha256).OrderBy(v => v.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>This store's dataset with the same rows, the same view and the same split; null when there is none.</summary>
    private Task<long?> FindMatchingDataset(ImportedModelVersion imported, CancellationToken cancellation)
    {
        var archived = imported.Archived.Dataset;
        return db.TrainingDatasets
            .Where(d => d.Sha256 == archived.Sha256 && d.ViewName == archived.View && d.ViewVersion == archived.ViewVersion
                && d.SplitSalt == archived.SplitSalt && d.TestShare == archived.TestShare && d.HeldOutRows == archived.HeldOutRows)
            .OrderBy(d => d.TrainingDatasetId).Select(d => (long?)d.TrainingDatasetId).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>Changes the description and the tags of a version; the audit entry has the old and the new text.</summary>
    /// <param name="edit">
    /// Contains the <see cref="ModelVersion.Revision"/> that the editor has read; a later edit is not overwritten.
    /// </param>
    /// <returns>The new revision; the given one when nothing changed.</returns>
    /// <exception cref="RegistryException">
    /// The version does not exist, it was edited in the meantime, or the text is invalid.
    /// </exception>
    public async Task<int> EditNotes(int version, VersionEdit edit, string by, CancellationToken cancellation)
    {
        var (revision, description, tags) = edit;
        await using var transaction = await BeginLockedTransaction(cancellation);
        var before = await db.ModelVersions.Where(v => v.Name == ModelName && v.Version == version)
            .Select(v => new { v.Description, v.Tags, v.Revision }).SingleOrDefaultAsync(cancellation)
            ?? throw new RegistryException(RegistryErrorKind.NotFound, NotFoundMessage(version));
        if (before.Revision != revision)
        {
            throw new RegistryException(
                RegistryErrorKind.Conflict,
                $"Version {version} was edited in the meantime: you read revision {revision}, the current revision is {before.Revision}. Reload it and edit again.");
        }
        var after = new VersionNotes(description ?? before.Description, tags ?? before.Tags).Validate();
        var changes = DescribeChanges(before.Description, before.Tags, after);
        if (changes.Count == 0)
            return revision;
        await db.ModelVersions.Where(v => v.Name == ModelName && v.Version == version).ExecuteUpdateAsync(
            set => set.SetProperty(v => v.Description, after.Description).SetProperty(v => v.Tags, after.Tags).SetProperty(v => v.Revision, revision + 1), cancellation);
        await audit.Record(by, "version described", $"version {version}", string.Join("; ", changes), cancellation);
        await transaction.CommitAsync(cancellation);
        return revision + 1;
    }

    private static List<string> DescribeChanges(string description, IReadOnlyDictionary<string, string> tags, VersionNotes after)
    {
        var changes = new List<string>();
        if (description != after.Description)
            changes.Add($"description \"{description}\" to \"{after.Description}\"");
        if (VersionNotes.FormatTags(tags) != VersionNotes.FormatTags(after.Tags))
            changes.Add($"tags \"{VersionNotes.FormatTags(tags)}\" to \"{VersionNotes.FormatTags(after.Tags)}\"");
        return changes;
    }
}

/// <summary>The SHA-256 digests of a version's artifact, as registered and as stored now; lower-case hexadecimal.</summary>
public sealed record ArtifactState(int Version, string RegisteredSha256, string StoredSha256)
{
    public bool IsValid => StoredSha256 == RegisteredSha256;
}
