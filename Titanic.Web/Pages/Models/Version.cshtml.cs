using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Models;

/// <summary>One version: what it is, how good, learned from what, decided how.</summary>
public sealed class ModelVersionModel(ModelRegistry registry, AliasHistory history, TitanicDb db, Reproductions reproductions, SiteStatus status) : OperatorPageModel
{
    private const int ReproductionsShown = 10;

    public ModelVersion Version { get; private set; } = null!;

    /// <summary>Null where an imported version learned rows that are not of this store.</summary>
    public TrainingDataset? Dataset { get; private set; }

    /// <summary>Every stretch of time in which an alias named this version, newest first.</summary>
    public IReadOnlyList<AliasAssignment> Aliases { get; private set; } = [];

    /// <summary>Who has which alias now.</summary>
    public AliasHolders Holders { get; private set; } = null!;

    public VersionReproduction Reproduction { get; private set; } = null!;

    /// <summary>Versions to compare this one with.</summary>
    public IReadOnlyList<ComparableVersion> Comparable { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(int version, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return NotFound();
        Version = found;
        Dataset = await db.TrainingDatasets.AsNoTracking()
            .SingleOrDefaultAsync(dataset => dataset.TrainingDatasetId == found.TrainingDatasetId, cancellationToken);
        Aliases = await history.Of(version, cancellationToken);
        Holders = await registry.Holders(cancellationToken);
        Comparable =
        [
            .. status.ChampionVersion is { } champion && champion != version ? [new ComparableVersion("champion", "the champion")] : (ComparableVersion[])[],
            .. version > 1 ? [new ComparableVersion($"{version - 1}", "the version before")] : (ComparableVersion[])[],
        ];
        Reproduction = await ReproductionOf(found, cancellationToken);
        return Page();
    }

    /// <summary>Trains the version again; the page then shows the stored result, so that reading it once more does not repeat it.</summary>
    public async Task<IActionResult> OnPostReproduceAsync(int version, [FromServices] ModelReproduction reproduction, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return NotFound();
        await reproduction.Make(found, AuditLog.NameOf(User), cancellationToken);
        return RedirectToPage("Version", null, new { version }, "reproduction");
    }

    private async Task<VersionReproduction> ReproductionOf(ModelVersion version, CancellationToken cancellationToken)
    {
        var results = await reproductions.Of(version.Version, null, ReproductionsShown, cancellationToken);
        return new VersionReproduction(new ReproductionBadge(version.Version, results.FirstOrDefault(), Now), version.CodeVersion, results, MayOperate);
    }
}

/// <param name="Version">A number or an alias, as the comparison page takes it.</param>
/// <param name="Name">In a sentence.</param>
public sealed record ComparableVersion(string Version, string Name);

/// <param name="RegisteredBy">The code that registered the version.</param>
/// <param name="Results">Newest first.</param>
/// <param name="MayReproduce">Whether the visitor may make it again; the handler asks again.</param>
public sealed record VersionReproduction(ReproductionBadge Badge, string RegisteredBy, IReadOnlyList<Reproduction> Results, bool MayReproduce);

/// <summary>One paired comparison of the gate, as its table shows it.</summary>
/// <param name="Version">The other; null for a baseline.</param>
/// <param name="Rows">Which rows, in words.</param>
public sealed record GateRow(
    string Name, int? Version, string Rows, int BothRight, int OnlyThis, int OnlyOther, int BothWrong, double PValue, MetricValue? AccuracyGain, MetricValue? BrierDifference)
{
    public static IReadOnlyList<GateRow> Of(GateEvidence evidence)
    {
        var rows = new List<GateRow>();
        Add("Champion", evidence.Champion, "held out");
        Add("Champion, live", evidence.Live, "live");
        Add("Best champion so far", evidence.Yardstick, "held out");
        rows.AddRange((evidence.Baselines ?? []).Select(baseline => new GateRow(
            $"“{baseline.Name}”", null, $"{Format.Count(evidence.Rows)} held out", baseline.BothRight, baseline.OnlyCandidateRight, baseline.OnlyBaselineRight, baseline.BothWrong,
            baseline.PValue, baseline.AccuracyGain, baseline.BrierDifference)));
        return rows;

        void Add(string name, ChampionComparison? other, string which)
        {
            if (other is not null)
                rows.Add(new GateRow(
                    name, other.Version, $"{Format.Count(other.Rows)} {which}", other.BothRight, other.OnlyCandidateRight, other.OnlyChampionRight, other.BothWrong,
                    other.PValue, other.AccuracyGain, other.BrierDifference));
        }
    }
}
