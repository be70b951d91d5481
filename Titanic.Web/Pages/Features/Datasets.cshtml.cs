using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>All training datasets, newest first, and the operators' form that defines a new one.</summary>
public sealed class DatasetsModel(TitanicDb db, TrainingDatasets datasets) : OperatorPageModel
{
    private const int DatasetsPerPage = 25;

    private IReadOnlyDictionary<string, string> _problems = new Dictionary<string, string>();

    /// <summary>Page cursor: only datasets with a smaller id. Null: the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    /// <summary>The form as entered, so that the page shows invalid input again.</summary>
    [BindProperty]
    public DatasetForm Fields { get; set; } = new();

    public IReadOnlyList<TrainingDataset> Datasets { get; private set; } = [];
    public long? NextBefore { get; private set; }

    public bool IsInvalid => _problems.Count > 0;

    /// <summary>The validation message of a field, or of the form if <paramref name="field"/> is empty; null if it is valid.</summary>
    public string? Problem(string field) => _problems.GetValueOrDefault(field);

    /// <summary>The first invalid field in the order of the form, which gets the focus; null if all are valid.</summary>
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
        (var definition, _problems) = await Fields.Resolve(db, cancellationToken);
        try
        {
            if (definition is not null)
                return RedirectToPage("Dataset", new { id = (await datasets.Create(definition, AuditLog.CallerName(User), cancellationToken)).TrainingDatasetId });
        }
        catch (Exception exception) when (exception is EmptyTrainingDatasetException or ChangedFeatureViewException)
        {
            _problems = new Dictionary<string, string> { [""] = exception.Message };
        }
        Response.StatusCode = StatusCodes.Status400BadRequest;
        await OnGetAsync(cancellationToken);
        return Page();
    }
}

/// <summary>The form fields of a training dataset as text, with their defaults.</summary>
public sealed class DatasetForm
{
    /// <summary>Name and version: "titanic_binned v1".</summary>
    public string? View { get; set; } = TrainingViews.Binned.Schema.ToString();
    public string? AsOf { get; set; }
    public string? KnownBefore { get; set; }
    public string? EventTimeFrom { get; set; }
    public string[] Sources { get; set; } = [];
    public string? TestShare { get; set; } = PersonSplit.DefaultShare.ToString(CultureInfo.InvariantCulture);
    public string? Salt { get; set; } = PersonSplit.DefaultSalt;

    /// <summary>Parses the fields; see <see cref="TrainingDatasetRequest.Resolve"/>.</summary>
    internal async Task<(TrainingDatasetDefinition? Definition, IReadOnlyDictionary<string, string> Problems)> Resolve(TitanicDb db, CancellationToken cancellation)
    {
        var view = TrainingViews.All.SingleOrDefault(view => view.Schema.ToString() == View)?.Schema;
        var share = TestShare?.Trim() ?? "";
        var isShareNumber = PlainNumber.TryParseDecimal(share, out var testShare);
        var request = new TrainingDatasetRequest(view?.Name ?? View, view?.Version, AsOf, KnownBefore, Sources, isShareNumber ? testShare : null, EventTimeFrom, Salt);
        var (definition, problems) = await request.Resolve(db, cancellation);
        if (isShareNumber || share.Length == 0)
            return (definition, problems);
        return (null, new Dictionary<string, string>(problems)
        {
            ["testShare"] = ErrorText.Invalid("The hold-out share", share, "a decimal number of at least 0 and less than 1, such as 0.2"),
        });
    }
}
