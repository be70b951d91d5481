using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>One training dataset: its definition, its digest, who learned it, and the proof on the spot.</summary>
public sealed class DatasetModel(TitanicDb db, TrainingDatasets datasets, IAuthorizationService authorization) : PageModel
{
    private const int MostModels = 25;

    public TrainingDataset Dataset { get; private set; } = null!;

    /// <summary>Versions of the model that learned it, newest first.</summary>
    public IReadOnlyList<int> ModelVersions { get; private set; } = [];

    /// <summary>What came out of creating it again; null while nobody asked.</summary>
    public TrainingDatasetComparison? Comparison { get; private set; }

    /// <summary>Why it could not be created again, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the visitor may create it again, which reads every row; the handler asks again.</summary>
    public bool MayCompare { get; private set; }

    public double SurvivorShare => (double)Dataset.Survivors / Dataset.Rows;

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await db.TrainingDatasets.AsNoTracking().SingleOrDefaultAsync(dataset => dataset.TrainingDatasetId == id, cancellationToken) is not { } found)
            return NotFound();
        Dataset = found;
        ModelVersions = await db.ModelVersions.Where(version => version.TrainingDatasetId == id)
            .OrderByDescending(version => version.Version).Take(MostModels).Select(version => version.Version).ToListAsync(cancellationToken);
        MayCompare = await MayOperate();
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(long id, CancellationToken cancellationToken)
    {
        if (!await MayOperate())
            return User.Identity is { IsAuthenticated: true } ? Forbid() : Challenge();
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

    private async Task<bool> MayOperate() => (await authorization.AuthorizeAsync(User, AccessPolicies.Operator)).Succeeded;
}
