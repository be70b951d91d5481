using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Models;

/// <summary>One model version: aliases, lineage, promotion decision, comparisons, evaluation, signature and archive.</summary>
[EnableRateLimiting(CostlyReads.Policy), CostlyPosts]
public sealed class ModelVersionModel(
    ModelRegistry registry, AliasHistory history, TitanicDb db, Reproductions reproductions, SiteStatus status) : OperatorPageModel
{
    private const int ReproductionsShown = 10;

    public ModelVersion Version { get; private set; } = null!;

    /// <summary>The training dataset; null if the version was imported with rows that are not in this feature store.</summary>
    public TrainingDataset? Dataset { get; private set; }

    /// <summary>The rows that its training run did not use; null if the run is not in this store or did not count them.</summary>
    public UnusedRows? Unused { get; private set; }

    /// <summary>The alias history of this version, newest first.</summary>
    public IReadOnlyList<AliasAssignment> Aliases { get; private set; } = [];

    /// <summary>The version of each alias now.</summary>
    public CurrentAliases Holders { get; private set; } = null!;

    public VersionReproduction Reproduction { get; private set; } = null!;

    /// <summary>The headline metric, the same as in the list of versions; null if the version was not cross-validated.</summary>
    public MetricValue? CrossValidatedAccuracy =>
        Version.Evaluations.FirstOrDefault(evaluation => evaluation.GetCrossValidationOptions(0) is not null)?.Metrics.GetValueOrDefault("accuracy");

    /// <summary>The versions that the page offers for a comparison with this one.</summary>
    public IReadOnlyList<ComparableVersion> Comparable { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(int version, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, ModelRegistry.NotFoundMessage(version));
        Version = found;
        Dataset = await db.TrainingDatasets.AsNoTracking()
            .SingleOrDefaultAsync(dataset => dataset.TrainingDatasetId == found.TrainingDatasetId, cancellationToken);
        if (Dataset is not null && await db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.RunId == found.RunId, cancellationToken) is { } trainingRun)
            Unused = UnusedRows.Of(trainingRun);
        Aliases = await history.ForVersion(version, cancellationToken);
        Holders = await registry.ReadAliases(cancellationToken);
        Comparable =
        [
            .. status.ChampionVersion is { } champion && champion != version ? [new ComparableVersion("champion", "the champion")] : (ComparableVersion[])[],
            .. version > 1 ? [new ComparableVersion($"{version - 1}", $"version {version - 1}")] : (ComparableVersion[])[],
        ];
        Reproduction = await ReproductionOf(found, cancellationToken);
        return Page();
    }

    /// <summary>Reproduces the version and redirects to the stored result, so that a reload does not repeat the reproduction.</summary>
    public async Task<IActionResult> OnPostReproduceAsync(int version, [FromServices] ModelReproduction reproduction, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, ModelRegistry.NotFoundMessage(version));
        await reproduction.Reproduce(found, AuditLog.CallerName(User), cancellationToken);
        return RedirectToPage("Version", null, new { version }, "reproduction");
    }

    private async Task<VersionReproduction> ReproductionOf(ModelVersion version, CancellationToken cancellationToken)
    {
        var results = await reproductions.ForVersion(version.Version, null, ReproductionsShown, cancellationToken);
        return new VersionReproduction(new ReproductionBadge(version.Version, results.FirstOrDefault(), IsBrief: true), version.CodeVersion, results, MayOperate);
    }
}

/// <param name="Version">A version number or an alias, as the comparison page accepts it.</param>
/// <param name="Name">The text of the link.</param>
public sealed record ComparableVersion(string Version, string Name);

/// <summary>The model of the partial <c>_Reproduction</c>.</summary>
/// <param name="RegisteredBy">The code version that registered the model version.</param>
/// <param name="Results">Newest first.</param>
/// <param name="MayReproduce">Whether the page shows the button; the handler authorizes the request itself.</param>
public sealed record VersionReproduction(ReproductionBadge Badge, string RegisteredBy, IReadOnlyList<Reproduction> Results, bool MayReproduce);

/// <summary>One paired comparison of the promotion gate, as a table row.</summary>
/// <param name="Version">The other version; null for a baseline.</param>
public sealed record GateRow(
    string Name, int? Version, int Rows, int BothRight, int OnlyThis, int OnlyOther, int BothWrong, double PValue, MetricValue? AccuracyGain, MetricValue? BrierDifference)
{
    public static IReadOnlyList<GateRow> Of(GateEvidence evidence)
    {
        var rows = new List<GateRow>();
        Add("Champion", evidence.Champion);
        Add("Champion, live", evidence.Live);
        Add($"Champion, live since the accuracy alarm of {Format.Date(evidence.Alarm?.RaisedOn)}", evidence.Alarm?.Live);
        Add("Reference champion", evidence.ReferenceChampion);
        rows.AddRange((evidence.Baselines ?? []).Select(baseline => new GateRow(
            $"Baseline: {LearnerNames.Display(baseline.Name)}", null, evidence.Rows, baseline.BothRight, baseline.OnlyCandidateRight, baseline.OnlyBaselineRight,
            baseline.BothWrong, baseline.PValue, baseline.AccuracyGain, baseline.BrierDifference)));
        return rows;

        void Add(string name, ChampionComparison? other)
        {
            if (other is not null)
                rows.Add(new GateRow(
                    name, other.Version, other.Rows, other.BothRight, other.OnlyCandidateRight, other.OnlyChampionRight, other.BothWrong,
                    other.PValue, other.AccuracyGain, other.BrierDifference));
        }
    }
}
