using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>One version: what it is, how good, learned from what, decided how.</summary>
public sealed partial class ModelVersionModel(
    ModelRegistry registry, AliasHistory history, TitanicDb db, Reproductions reproductions, IAuthorizationService authorization, TimeProvider clock) : PageModel
{
    public ModelVersion Version { get; private set; } = null!;

    /// <summary>Null where an imported version learned rows that are not of this store.</summary>
    public TrainingDataset? Dataset { get; private set; }

    /// <summary>Every stretch of time in which an alias named this version, newest first.</summary>
    public IReadOnlyList<AliasAssignment> Aliases { get; private set; } = [];

    /// <summary>Who has which alias now.</summary>
    public AliasHolders Holders { get; private set; } = null!;

    /// <summary>Whether the visitor may move aliases and describe versions.</summary>
    public bool MayOperate { get; private set; }

    public async Task<IActionResult> OnGetAsync(int version, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return NotFound();
        Version = found;
        Dataset = await db.TrainingDatasets.AsNoTracking()
            .SingleOrDefaultAsync(dataset => dataset.TrainingDatasetId == found.TrainingDatasetId, cancellationToken);
        Aliases = await history.Of(version, cancellationToken);
        Holders = await registry.Holders(cancellationToken);
        MayOperate = await IsOperator();
        Reproduction = await ReproductionOf(found, cancellationToken);
        return Page();
    }
}
