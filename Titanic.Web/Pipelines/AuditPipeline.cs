using System.Globalization;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Retrains the champion, the previous champion and <see cref="OtherVersionsPerDay"/> other versions in rotation, and compares each result with the
/// stored version. Every version is audited within a bounded number of days, so a change of stored rows or bytes is found.
/// </summary>
public sealed class AuditPipeline(ModelRegistry registry, Reproductions reproductions, ModelReproduction reproduction) : IPipeline
{
    /// <summary>Versions audited per day besides the champion and the previous champion.</summary>
    public const int OtherVersionsPerDay = 3;

    /// <exception cref="AuditFailedException">
    /// A version was not reproduced. It is thrown after all versions of the day were audited.
    /// </exception>
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        run.Step("Select the versions");
        var due = await reproductions.DueOn(run.LogicalDate, OtherVersionsPerDay, cancellation);
        var done = await reproductions.ReproducedOn(run.LogicalDate, cancellation);
        run.SetCount("due", due.Count);
        var results = new List<Reproduction>();
        foreach (var version in due.Except(done))
        {
            var progress = run.Step(FormattableString.Invariant($"Reproduce version {version}"));
            var result = await reproduction.Reproduce((await registry.Find(version, cancellation))!, run.RunId, run.LogicalDate, progress);
            await run.Log(string.Join(' ', [result.Summary, .. result.Differences]));
            results.Add(result);
        }
        foreach (var verdict in Enum.GetValues<ReproductionVerdict>())
            run.SetCount(verdict.ToString().ToLowerInvariant(), results.Count(result => result.Verdict == verdict));

        if (results.Where(result => result.Verdict != ReproductionVerdict.Reproduced).ToList() is { Count: > 0 } failed)
            throw new AuditFailedException(failed, results.Count);
        if (due.Count == 0)
            return "There is no version to audit yet.";
        return results.Count == 0
            ? $"Nothing to audit: {FormatVersions(due)} {(due.Count == 1 ? "was" : "were")} already reproduced for this day."
            : $"Reproduced bit for bit: {FormatVersions([.. results.Select(result => result.Version)])}.";
    }

    /// <summary>"version 1" or "versions 1, 2".</summary>
    private static string FormatVersions(IReadOnlyCollection<int> versions) =>
        (versions.Count == 1 ? "version " : "versions ")
        + string.Join(", ", versions.Select(version => version.ToString(CultureInfo.InvariantCulture)));
}

/// <summary>An audit retrained versions whose result differs from the stored version.</summary>
public sealed class AuditFailedException(IReadOnlyList<Reproduction> failed, int audited) : Exception(
    $"{failed.Count} of {Quantity.Of(audited, "audited version")} could not be reproduced. "
    + string.Join(' ', failed.Select(result => result.Summary)));
