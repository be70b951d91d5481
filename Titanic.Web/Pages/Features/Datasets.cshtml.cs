using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>All training datasets, newest first, and the administrator's form that defines one.</summary>
public sealed class DatasetsModel(TitanicDb db, TrainingDatasets datasets, IAuthorizationService authorization) : PageModel
{
    private const int DatasetsPerPage = 25;

    private IReadOnlyDictionary<string, string> _problems = new Dictionary<string, string>();

    /// <summary>Only datasets below this one: where the page before ended.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    /// <summary>As typed, so that wrong input stays where it was written.</summary>
    [BindProperty]
    public DatasetForm Wish { get; set; } = new();

    public IReadOnlyList<TrainingDataset> Datasets { get; private set; } = [];
    public long? NextBefore { get; private set; }

    /// <summary>Whether the visitor may define datasets; the handler asks again.</summary>
    public bool MayDefine { get; private set; }

    public bool IsWrong => _problems.Count > 0;

    /// <summary>What is wrong with a field, or with the whole where <paramref name="field"/> is empty; or null.</summary>
    public string? Problem(string field) => _problems.GetValueOrDefault(field);

    /// <summary>The first field in the order of the form that is wrong, which is where the correction begins; or null.</summary>
    public string? FirstWrong => ((string[])["view", "sources", "asOf", "knownBefore", "testShare", "salt"]).FirstOrDefault(_problems.ContainsKey);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        MayDefine = await MayOperate();
        var found = await db.TrainingDatasets.AsNoTracking()
            .Where(dataset => Before == null || dataset.TrainingDatasetId < Before)
            .OrderByDescending(dataset => dataset.TrainingDatasetId)
            .Take(DatasetsPerPage + 1)
            .ToListAsync(cancellationToken);
        Datasets = [.. found.Take(DatasetsPerPage)];
        NextBefore = found.Count > DatasetsPerPage ? Datasets[^1].TrainingDatasetId : null;
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (!await MayOperate())
            return User.Identity is { IsAuthenticated: true } ? Forbid() : Challenge();
        (var definition, _problems) = await Wish.Resolve(db, cancellationToken);
        try
        {
            if (definition is not null)
                return LocalRedirect($"/features/datasets/{(await datasets.Create(definition, AuditLog.NameOf(User), cancellationToken)).TrainingDatasetId}");
        }
        catch (Exception refused) when (refused is EmptyTrainingDatasetException or ChangedFeatureViewException)
        {
            _problems = new Dictionary<string, string> { [""] = refused.Message };
        }
        Response.StatusCode = StatusCodes.Status400BadRequest;
        await OnGetAsync(cancellationToken);
        return Page();
    }

    private async Task<bool> MayOperate() => (await authorization.AuthorizeAsync(User, AccessPolicies.Operator)).Succeeded;
}
