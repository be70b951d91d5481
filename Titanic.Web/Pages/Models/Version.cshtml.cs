using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>One version: what it is, how good, learned from what, decided how.</summary>
public sealed class ModelVersionModel(ModelRegistry registry, TitanicDb db) : PageModel
{
    public ModelVersion Version { get; private set; } = null!;
    public TrainingDataset Dataset { get; private set; } = null!;

    /// <summary>Every stretch of time in which an alias named this version, newest first.</summary>
    public IReadOnlyList<AliasAssignment> Aliases { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(int version, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return NotFound();
        Version = found;
        Dataset = await db.TrainingDatasets.AsNoTracking()
            .SingleAsync(dataset => dataset.TrainingDatasetId == found.TrainingDatasetId, cancellationToken);
        Aliases = await db.AliasAssignments.AsNoTracking()
            .Where(alias => alias.ModelName == ModelRegistry.ModelName && alias.Version == version)
            .OrderByDescending(alias => alias.AliasAssignmentId)
            .ToListAsync(cancellationToken);
        return Page();
    }

    /// <summary>The metrics in the order in which they were registered, with the names that people use.</summary>
    public static IReadOnlyList<(string Key, string Name)> Metrics { get; } =
    [
        ("accuracy", "Accuracy"),
        ("balancedAccuracy", "Balanced accuracy"),
        ("precision", "Precision"),
        ("recall", "Recall"),
        ("f1", "F1"),
        ("rocAuc", "ROC AUC"),
        ("averagePrecision", "Average precision"),
        ("logLoss", "Log loss"),
        ("brier", "Brier score"),
        ("calibrationError", "Calibration error"),
    ];

    /// <summary>A figure and how sure it is: an interval, a spread over repeats, or neither.</summary>
    public static (string Value, string? Certainty) Shown(Figure? figure) => figure switch
    {
        { Spread: { } spread } => (Format.Number(figure.Value), $"± {Format.Number(spread)}"),
        { Low: { } low, High: { } high } => (Format.Number(figure.Value), $"{Format.Number(low)} to {Format.Number(high)}"),
        _ => (Format.Number(figure?.Value), null),
    };
}
