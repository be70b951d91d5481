using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>All training datasets, newest first, and the administrator's form that defines one.</summary>
public sealed class DatasetsModel(TitanicDb db, TrainingDatasets datasets) : OperatorPageModel
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

    public bool IsInvalid => _problems.Count > 0;

    /// <summary>What is wrong with a field, or with the whole where <paramref name="field"/> is empty; or null.</summary>
    public string? Problem(string field) => _problems.GetValueOrDefault(field);

    /// <summary>The first field in the order of the form that is wrong, which is where the correction begins; or null.</summary>
    public string? FirstInvalid => ((string[])["view", "sources", "asOf", "knownBefore", "testShare", "salt"]).FirstOrDefault(_problems.ContainsKey);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
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
        (var definition, _problems) = await Wish.Resolve(db, cancellationToken);
        try
        {
            if (definition is not null)
                return RedirectToPage("Dataset", new { id = (await datasets.Create(definition, AuditLog.NameOf(User), cancellationToken)).TrainingDatasetId });
        }
        catch (Exception refused) when (refused is EmptyTrainingDatasetException or ChangedFeatureViewException)
        {
            _problems = new Dictionary<string, string> { [""] = refused.Message };
        }
        Response.StatusCode = StatusCodes.Status400BadRequest;
        await OnGetAsync(cancellationToken);
        return Page();
    }
}

/// <summary>A training dataset as a form brings it: all texts, with what a first look at the form shows.</summary>
public sealed class DatasetForm
{
    /// <summary>Name and version: "titanic_binned v1".</summary>
    public string? View { get; set; } = TrainingViews.Binned.Schema.ToString();
    public string? AsOf { get; set; }
    public string? KnownBefore { get; set; }
    public string[] Sources { get; set; } = [];
    public string? TestShare { get; set; } = PersonSplit.DefaultShare.ToString(CultureInfo.InvariantCulture);
    public string? Salt { get; set; } = PersonSplit.DefaultSalt;

    /// <summary>See <see cref="TrainingDatasetRequest.Resolve"/>.</summary>
    internal async Task<(TrainingDatasetDefinition? Definition, IReadOnlyDictionary<string, string> Problems)> Resolve(TitanicDb db, CancellationToken cancellation)
    {
        var view = TrainingViews.All.SingleOrDefault(view => view.Schema.ToString() == View)?.Schema;
        var share = TestShare?.Trim() ?? "";
        var isShareRead = PlainNumber.TryReadDecimal(share, out var testShare);
        var request = new TrainingDatasetRequest(view?.Name ?? View, view?.Version, AsOf, KnownBefore, Sources, isShareRead ? testShare : null, Salt);
        var (definition, problems) = await request.Resolve(db, cancellation);
        if (isShareRead || share.Length == 0)
            return (definition, problems);
        return (null, new Dictionary<string, string>(problems)
        {
            ["testShare"] = $"The share that is held out is \"{Excerpt.Truncate(share)}\"; it must be at least 0 and less than 1 in plain digits, such as 0.2.",
        });
    }
}
