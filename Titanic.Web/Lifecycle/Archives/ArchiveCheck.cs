using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>One thing that was looked at in an archive.</summary>
/// <param name="Holds">Null where it could not be looked at.</param>
/// <param name="Sentence">What was seen.</param>
public sealed record ArchiveCheck(string Name, bool? Holds, string Sentence);

/// <summary>An archive after all checks, or after the first that failed: what comes after it would rest on nothing.</summary>
/// <param name="Version">What may be imported; null unless every check holds.</param>
public sealed record CheckedArchive(IReadOnlyList<ArchiveCheck> Checks, ImportedModelVersion? Version)
{
    public bool Holds => Version is not null;

    /// <summary>The first check that does not hold; null when all do.</summary>
    public ArchiveCheck? Failed => Checks.FirstOrDefault(check => check.Holds is not true);
}
