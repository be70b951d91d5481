using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;

namespace Titanic.Web.Registry;

/// <summary>Keeps model versions and says which one is in service. Before a version is stored or promoted, its stored bytes have predicted its input example.</summary>
public sealed partial class ModelRegistry(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    public const string ModelName = "titanic_knn";

    /// <summary>The PostgreSQL channel on which a new champion's version number is announced when its transaction commits.</summary>
    public const string ChampionChannel = "titanic_champion";

    /// <summary>The version in service with its bytes; null before the first promotion.</summary>
    public Task<ModelVersion?> Champion(CancellationToken cancellation) => Named(ModelAliases.Champion, cancellation);

    /// <summary>The version that an alias names, with its bytes; null where it names none.</summary>
    public async Task<ModelVersion?> Named(string alias, CancellationToken cancellation) =>
        (await Holders(cancellation))[alias] is { } version ? await Find(version, cancellation) : null;

    /// <summary>What the champion's bytes were at registration and are now, reckoned by PostgreSQL, so that no byte travels; null while there is none.</summary>
    public Task<ArtifactState?> ChampionArtifact(CancellationToken cancellation) => db.Database.SqlQuery<ArtifactState>(
        $"""
        select v.version, v.artifact_sha256 as registered_sha256, encode(sha256(v.artifact), 'hex') as stored_sha256
        from alias_assignments a join model_versions v on v.name = a.model_name and v.version = a.version
        where a.model_name = {ModelName} and a.alias = {ModelAliases.Champion} and a.ended_at is null
        """).SingleOrDefaultAsync(cancellation);

    public Task<ModelVersion?> Find(int version, CancellationToken cancellation) =>
        db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Name == ModelName && v.Version == version, cancellation);

    /// <summary>The version that people call by its number or by an alias.</summary>
    public async Task<ModelVersion?> Find(string numberOrAlias, CancellationToken cancellation) =>
        await NumberOf(numberOrAlias, cancellation) is { } version ? await Find(version, cancellation) : null;

    /// <summary>The number of the version that people call by it or by an alias; null where there is none.</summary>
    public async Task<int?> NumberOf(string numberOrAlias, CancellationToken cancellation)
    {
        if (ModelAliases.All.Contains(numberOrAlias))
            return (await Holders(cancellation))[numberOrAlias];
        return int.TryParse(numberOrAlias, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && await db.ModelVersions.AnyAsync(v => v.Name == ModelName && v.Version == version, cancellation) ? version : null;
    }

    /// <summary>Says that <see cref="Find(string, CancellationToken)"/> found nothing, and what there could be.</summary>
    public static string Missing(string numberOrAlias) =>
        ModelAliases.All.Contains(numberOrAlias) ? $"No version is {numberOrAlias}."
        : numberOrAlias.All(char.IsAsciiDigit) ? $"There is no version {Excerpt.Truncate(numberOrAlias)} of {ModelName}."
        : $"There is no version or alias \"{Excerpt.Truncate(numberOrAlias)}\"; versions are numbers, aliases {string.Join(", ", ModelAliases.All)}.";

    /// <summary>The versions that learned exactly these rows, oldest first.</summary>
    /// <param name="datasetSha256">The digest of a <see cref="TrainingDataset"/>.</param>
    public Task<List<ModelVersion>> LearnedFrom(string datasetSha256, CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && db.TrainingDatasets.Any(d => d.TrainingDatasetId == v.TrainingDatasetId && d.Sha256 == datasetSha256))
        .OrderBy(v => v.Version).ToListAsync(cancellation);

    /// <summary>The newest version whose settings were searched for here, or kept from a search; null before the first.</summary>
    public Task<ModelVersion?> NewestSelected(CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && v.Selection != null && v.Origin == null)
        .OrderByDescending(v => v.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>
    /// Stores a version with its training dataset and, when its gate says so, puts it in service: all or nothing. Before that is done the
    /// bytes, as they are stored, answer the version's input example.
    /// </summary>
    /// <returns>The version with its number.</returns>
    /// <exception cref="InvalidDataException">The stored bytes do not answer the input example as it was handed over, or were to serve and cannot.</exception>
    public async Task<ModelVersion> Register(NewModelVersion candidate, CancellationToken cancellation)
    {
        await using var transaction = await LockedTransaction(cancellation);
        db.TrainingDatasets.Add(candidate.Dataset);
        await db.SaveChangesAsync(cancellation);
        var newest = await db.ModelVersions.Where(v => v.Name == ModelName).MaxAsync(v => (int?)v.Version, cancellation) ?? 0;
        var version = candidate.Numbered(newest + 1, ModelVersion.Sha256Of(candidate.Artifact), clock.GetUtcNow());
        db.ModelVersions.Add(version);
        await db.SaveChangesAsync(cancellation);
        var model = Prove((await Find(version.Version, cancellation))!);
        if (candidate.Gate.Verdict == Verdict.Promote)
        {
            if (WhyNotServe(version, model) is { } reason)
                throw new InvalidDataException(reason);
            var holders = await Holders(cancellation);
            await Move(holders.Promoting(version.Version), new AliasDecision($"{AliasAssignment.RunPrefix}{candidate.RunId}", candidate.Gate.Reason), candidate.Gate, cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return version;
    }

    /// <summary>
    /// What is wrong with a version's stored bytes, as a sentence; null where they are those that were registered and answer the input example
    /// as they did then, bit for bit.
    /// </summary>
    public string? ProblemOf(ModelVersion version)
    {
        try
        {
            Prove(version);
            return null;
        }
        catch (InvalidDataException damaged)
        {
            return damaged.Message;
        }
    }

    private static ITrainedModel Prove(ModelVersion version)
    {
        version.RequireRegisteredBytes();
        var model = LearnerCatalog.Load(version.Algorithm, version.Artifact);
        var predicted = version.InputExample.PredictedBy(model);
        return predicted == version.InputExample
            ? model
            : throw new InvalidDataException($"The stored bytes of {version.Name} version {version.Version} answer its input example with {predicted.Answer}; {version.InputExample.Answer} was handed over with them.");
    }

    /// <summary>A sentence where such a model cannot be champion; null where it can.</summary>
    private static string? WhyNotServe(ModelVersion version, ITrainedModel model) => model.Trainer.CanServe
        ? null
        : $"Version {version.Version} is {version.Algorithm}, which is measured beside the champion but cannot serve; only a K-NN can.";

    // One writer at a time: version numbers stay free of gaps, and an alias is never moved twice at once.
    private async Task<IDbContextTransaction> LockedTransaction(CancellationToken cancellation)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('titanic_registry', 0))", cancellation);
        return transaction;
    }

    /// <summary>
    /// Stores a version that was learned elsewhere, with the rows that it learned where this store has no dataset of them, and with a line in
    /// the audit log: all or nothing. It never takes over by itself.
    /// </summary>
    /// <exception cref="InvalidDataException">The stored bytes do not answer the input example.</exception>
    /// <returns>The version with its number; a version that has these very bytes already is found again and nothing is stored.</returns>
    public async Task<(ModelVersion Version, bool IsNew)> Import(ImportedModelVersion imported, string by, CancellationToken cancellation)
    {
        await using var transaction = await LockedTransaction(cancellation);
        if (await WithArtifact(imported.Archived.Artifact.Sha256, cancellation) is { } same)
            return (same, false);
        var dataset = await DatasetLike(imported, cancellation);
        var newest = await db.ModelVersions.Where(v => v.Name == ModelName).MaxAsync(v => (int?)v.Version, cancellation) ?? 0;
        var version = imported.Numbered(newest + 1, dataset, clock.GetUtcNow(), by);
        db.ModelVersions.Add(version);
        if (dataset is null)
            db.Add(new ImportedDataset { ModelName = ModelName, Version = version.Version, Csv = imported.Rows });
        await db.SaveChangesAsync(cancellation);
        Prove((await Find(version.Version, cancellation))!);
        await audit.Record(
            by, "version imported", $"version {version.Version}", $"version {imported.Archived.Version} of the archive with SHA-256 {imported.ArchiveSha256}", cancellation);
        await transaction.CommitAsync(cancellation);
        return (version, true);
    }

    /// <summary>
    /// What a version learned: a dataset of this store, or, with the id 0, what the version's archive says of the rows that came with it; commits
    /// are of the other store then.
    /// </summary>
    public Task<TrainingDataset> DatasetOf(ModelVersion version, CancellationToken cancellation) => DatasetOf(version.TrainingDatasetId, version.Origin, cancellation);

    /// <inheritdoc cref="DatasetOf(ModelVersion, CancellationToken)"/>
    public async Task<TrainingDataset> DatasetOf(long? trainingDatasetId, ModelOrigin? origin, CancellationToken cancellation) => trainingDatasetId is { } dataset
        ? await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == dataset, cancellation)
        : origin!.Dataset.ToTrainingDataset();

    /// <summary>The snapshot that came with an imported version; null where the version learned a dataset of this store.</summary>
    public Task<byte[]?> ImportedRows(int version, CancellationToken cancellation) => db.Set<ImportedDataset>()
        .Where(d => d.ModelName == ModelName && d.Version == version).Select(d => d.Csv).SingleOrDefaultAsync(cancellation);

    private Task<ModelVersion?> WithArtifact(string sha256, CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && v.ArtifactSha256 == sha256).OrderBy(v => v.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>The same rows through the same view, with the same side of the split for everybody.</summary>
    private Task<long?> DatasetLike(ImportedModelVersion imported, CancellationToken cancellation)
    {
        var like = imported.Archived.Dataset;
        return db.TrainingDatasets
            .Where(d => d.Sha256 == like.Sha256 && d.ViewName == like.View && d.ViewVersion == like.ViewVersion && d.SplitSalt == like.SplitSalt && d.TestShare == like.TestShare
                && d.HeldOutRows == like.HeldOutRows)
            .OrderBy(d => d.TrainingDatasetId).Select(d => (long?)d.TrainingDatasetId).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>Writes down what somebody says about a version, with the words before and after in the audit log.</summary>
    /// <param name="edit">With the <see cref="ModelVersion.Revision"/> that was read before editing: a later edit is not overwritten.</param>
    /// <returns>The revision that there is now; the same where nothing is different.</returns>
    /// <exception cref="RegistryRefusedException">There is no such version, it was edited meanwhile, or the words cannot be kept.</exception>
    public async Task<int> Describe(int version, VersionEdit edit, string by, CancellationToken cancellation)
    {
        var (revision, description, tags) = edit;
        await using var transaction = await LockedTransaction(cancellation);
        var before = await db.ModelVersions.Where(v => v.Name == ModelName && v.Version == version)
            .Select(v => new { v.Description, v.Tags, v.Revision }).SingleOrDefaultAsync(cancellation)
            ?? throw new RegistryRefusedException(RefusalKind.Missing, $"There is no version {version} of {ModelName}.");
        if (before.Revision != revision)
            throw new RegistryRefusedException(
                RefusalKind.Conflict, $"Version {version} was edited meanwhile: you read revision {revision}, and it is at {before.Revision} now. Look again before you change it.");
        var after = new VersionNotes(description ?? before.Description, tags ?? before.Tags).Sound();
        var changes = Changes(before.Description, before.Tags, after);
        if (changes.Count == 0)
            return revision;
        await db.ModelVersions.Where(v => v.Name == ModelName && v.Version == version).ExecuteUpdateAsync(
            set => set.SetProperty(v => v.Description, after.Description).SetProperty(v => v.Tags, after.Tags).SetProperty(v => v.Revision, revision + 1), cancellation);
        await audit.Record(by, "version described", $"version {version}", string.Join("; ", changes), cancellation);
        await transaction.CommitAsync(cancellation);
        return revision + 1;
    }

    private static List<string> Changes(string description, IReadOnlyDictionary<string, string> tags, VersionNotes after)
    {
        var changes = new List<string>();
        if (description != after.Description)
            changes.Add($"description \"{description}\" to \"{after.Description}\"");
        if (VersionNotes.Words(tags) != VersionNotes.Words(after.Tags))
            changes.Add($"tags \"{VersionNotes.Words(tags)}\" to \"{VersionNotes.Words(after.Tags)}\"");
        return changes;
    }
}

/// <summary>A version's bytes as they were registered and as they are stored, by their SHA-256 in lower-case hexadecimal.</summary>
public sealed record ArtifactState(int Version, string RegisteredSha256, string StoredSha256)
{
    public bool IsSound => StoredSha256 == RegisteredSha256;
}
