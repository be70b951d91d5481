using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>All registered versions, newest first, a page at a time. A model's bytes are never read for a list.</summary>
public sealed class ModelsIndexModel(TitanicDb db) : PageModel
{
    private const int RowsPerPage = 50;

    /// <summary>Only versions below this one: where the page before ended.</summary>
    [BindProperty(SupportsGet = true)]
    public int? Before { get; set; }

    public IReadOnlyList<ListedVersion> Versions { get; private set; } = [];
    public ILookup<int, string> Aliases { get; private set; } = Array.Empty<string>().ToLookup(_ => 0);

    /// <summary>Where the next page begins; null on the last.</summary>
    public int? NextBefore { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var listed = await db.ModelVersions
            .Where(version => version.Name == ModelRegistry.ModelName && (Before == null || version.Version < Before))
            .OrderByDescending(version => version.Version)
            .Take(RowsPerPage + 1)
            .LeftJoin(db.TrainingDatasets, version => version.TrainingDatasetId, dataset => dataset.TrainingDatasetId, (version, dataset) => new ListedVersion(
                version.Version, version.CreatedAt, version.Evaluations, version.Gate, version.TrainingDatasetId, dataset == null ? null : dataset.Rows, version.Origin))
            .ToListAsync(cancellationToken);
        Versions = [.. listed.OrderByDescending(version => version.Version).Take(RowsPerPage)];
        NextBefore = listed.Count > RowsPerPage ? Versions[^1].Version : null;

        var aliases = await db.AliasAssignments
            .Where(alias => alias.ModelName == ModelRegistry.ModelName && alias.EndedAt == null)
            .OrderBy(alias => alias.Alias)
            .Select(alias => new { alias.Version, alias.Alias })
            .ToListAsync(cancellationToken);
        Aliases = aliases.ToLookup(alias => alias.Version, alias => alias.Alias);
    }
}

/// <summary>A version as the list shows it.</summary>
/// <param name="RowsHere">Of its training dataset, if this store has it.</param>
public sealed record ListedVersion(
    int Version, DateTimeOffset CreatedAt, IReadOnlyList<EvaluationRecord> Evaluations, GateDecision Gate, long? TrainingDatasetId, int? RowsHere, ModelOrigin? Origin)
{
    public int Rows => RowsHere ?? Origin!.Dataset.Rows;
    public Figure? CrossValidated => ModelAccuracy("cross-validation");
    public Figure? LeaveOneOut => ModelAccuracy("leave-one-out");

    // The model's own record stands before those of the baselines beside it.
    private Figure? ModelAccuracy(string method) => Evaluations
        .FirstOrDefault(evaluation => evaluation.Method.EndsWith(method, StringComparison.Ordinal))?.Metrics["accuracy"];
}
