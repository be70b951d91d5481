using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>One training dataset: its definition, digest and models, and the integrity check that reads its rows again.</summary>
public sealed class DatasetModel(TitanicDb db, TrainingDatasets datasets) : OperatorPageModel
{
    private const int MaximumModels = 25;

    public TrainingDataset Dataset { get; private set; } = null!;

    /// <summary>Model versions trained on it, newest first.</summary>
    public IReadOnlyList<int> ModelVersions { get; private set; } = [];

    /// <summary>The result of the integrity check; null before it ran.</summary>
    public TrainingDatasetComparison? Comparison { get; private set; }

    /// <summary>Why the integrity check could not run; null if it could.</summary>
    public string? Problem { get; private set; }

    public double SurvivorShare => (double)Dataset.Survivors / Dataset.Rows;

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await db.TrainingDatasets.AsNoTracking().SingleOrDefaultAsync(dataset => dataset.TrainingDatasetId == id, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, NotFoundText.TrainingDataset(id));
        Dataset = found;
        ModelVersions = await db.ModelVersions.Where(version => version.TrainingDatasetId == id)
            .OrderByDescending(version => version.Version).Take(MaximumModels).Select(version => version.Version).ToListAsync(cancellationToken);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(long id, CancellationToken cancellationToken)
    {
        var page = await OnGetAsync(id, cancellationToken);
        if (page is NotFoundResult)
            return page;
        try
        {
            Comparison = await datasets.Recompute(Dataset, cancellationToken);
        }
        catch (ChangedFeatureViewException changed)
        {
            Problem = changed.Message;
        }
        return page;
    }
}
