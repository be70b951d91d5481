using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Registry;

/// <summary>What people write about a version.</summary>
public sealed partial class ModelRegistry
{
    /// <summary>Writes down what somebody says about a version, with the words before and after in the audit log.</summary>
    /// <param name="revision">The <see cref="ModelVersion.Revision"/> that was read before editing: nobody overwrites what they have not seen.</param>
    /// <param name="description">Null leaves it as it is.</param>
    /// <param name="tags">All of them; null leaves them as they are.</param>
    /// <returns>The revision that there is now; the same where nothing is different.</returns>
    /// <exception cref="RegistryRefusedException">There is no such version, it was edited meanwhile, or the words cannot be kept.</exception>
    public async Task<int> Describe(
        int version, int revision, string? description, IReadOnlyDictionary<string, string>? tags, string by, CancellationToken cancellation)
    {
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
