using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>Registers a version from an archive, after all checks or not at all.</summary>
public sealed class ArchiveImport(ModelRegistry registry)
{
    /// <param name="body">Read once, up to the longest archive that there may be.</param>
    /// <param name="by">For the audit log; see <see cref="Access.AuditLog.NameOf"/>.</param>
    /// <exception cref="ArchiveRefusedException">A check does not hold, or could not be made; nothing is stored.</exception>
    public async Task<ImportedArchive> Import(Stream body, string by, CancellationToken cancellation)
    {
        await using var archive = await SpooledFile.Of(body, cancellation);
        var result = ArchiveVerification.Check(archive);
        if (result.Version is null)
            throw new ArchiveRefusedException($"Nothing was imported. {Capitalized(result.Failed!.Name)}: {result.Failed.Sentence}");
        var (version, isNew) = await registry.Import(result.Version, by, cancellation);
        return new ImportedArchive(version, isNew, result.Version.ArchiveSha256, result.Checks);
    }

    private static string Capitalized(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}

/// <summary>What became of an archive.</summary>
/// <param name="Version">With its number here.</param>
/// <param name="IsNew">False where a version had these very bytes already, and nothing was stored.</param>
public sealed record ImportedArchive(ModelVersion Version, bool IsNew, string Sha256, IReadOnlyList<ArchiveCheck> Checks)
{
    public override string ToString() => IsNew
        ? $"Version {Version.Version} was imported: it was version {Version.Origin!.Version} where it was learned. Gate: HOLD. {Version.Gate.Reason}"
        : $"Nothing was stored: version {Version.Version} has these very bytes already.";
}
