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

    /// <summary>Null where an imported version learned rows that are not of this store.</summary>
    public TrainingDataset? Dataset { get; private set; }

    /// <summary>Every stretch of time in which an alias named this version, newest first.</summary>
    public IReadOnlyList<AliasAssignment> Aliases { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(int version, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return NotFound();
        Version = found;
        Dataset = await db.TrainingDatasets.AsNoTracking()
            .SingleOrDefaultAsync(dataset => dataset.TrainingDatasetId == found.TrainingDatasetId, cancellationToken);
        Aliases = await db.AliasAssignments.AsNoTracking()
            .Where(alias => alias.ModelName == ModelRegistry.ModelName && alias.Version == version)
            .OrderByDescending(alias => alias.AliasAssignmentId)
            .ToListAsync(cancellationToken);
        return Page();
    }
}
