using System.Globalization;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;

namespace Titanic.Web.Pipelines;

/// <summary>Makes the versions in service again, and a few others in turn: whatever was changed behind our back is found, if not tonight then soon.</summary>
public sealed class AuditPipeline(ModelRegistry registry, Reproductions reproductions, ModelReproduction reproduction) : IPipeline
{
    /// <summary>Versions a night beside champion and previous.</summary>
    public const int OthersADay = 3;

    /// <exception cref="AuditFailedException">A version was not reproduced; all of the night's versions were looked at all the same.</exception>
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var owed = await reproductions.OwedOn(run.LogicalDate, OthersADay, cancellation);
        var done = await reproductions.ReproducedOn(run.LogicalDate, cancellation);
        var results = new List<Reproduction>();
        foreach (var version in owed.Except(done))
        {
            var result = await reproduction.Make((await registry.Find(version, cancellation))!, run.RunId, run.LogicalDate, cancellation);
            await run.Log(string.Join(' ', [result.Summary, .. result.Differences]));
            results.Add(result);
        }
        foreach (var verdict in Enum.GetValues<ReproductionVerdict>())
            run.Count(verdict.ToString().ToLowerInvariant(), results.Count(result => result.Verdict == verdict));

        if (results.Where(result => result.Verdict != ReproductionVerdict.Reproduced).ToList() is { Count: > 0 } failed)
            throw new AuditFailedException(failed, results.Count);
        if (owed.Count == 0)
            return "There is no version to audit yet.";
        return results.Count == 0
            ? $"Nothing new: versions {Text(owed)} were reproduced for this day already."
            : $"Reproduced, byte for byte: versions {Text(results.Select(result => result.Version))}.";
    }

    private static string Text(IEnumerable<int> versions) => string.Join(", ", versions.Select(version => version.ToString(CultureInfo.InvariantCulture)));
}

/// <summary>Versions that an audit looked at did not come out as they are registered.</summary>
public sealed class AuditFailedException(IReadOnlyList<Reproduction> failed, int audited)
    : Exception($"{failed.Count} of {audited} audited versions were not reproduced. {string.Join(' ', failed.Select(result => result.Summary))}");
