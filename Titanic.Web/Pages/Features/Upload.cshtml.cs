using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Ingest;

namespace Titanic.Web.Pages.Features;

/// <summary>
/// Uploads a passenger list. With JavaScript the browser sends the file to <c>POST /api/passengers</c> and shows the progress; without it
/// the form posts the file. Both lead to the same URL, which shows the result.
/// </summary>
[Authorize(AccessPolicies.Ingest)]
[DisableRequestSizeLimit] // the form limit is set to PassengersOptions.MaximumFileSizeInBytes in PagesModule
public sealed class UploadModel(TitanicDb db, Uploads uploads, PassengerPreviews previews, PersonRows persons, UnusedRowsCache unusedRows) : PageModel
{
    private const int RejectionsShown = 10, ConflictsShown = 10;

    /// <summary>The run whose result the page shows.</summary>
    [BindProperty(SupportsGet = true, Name = "run")]
    public long? RunId { get; set; }

    /// <summary>The validation report whose rejected rows are corrected by this upload.</summary>
    [BindProperty(SupportsGet = true)]
    public long? ReplayOf { get; set; }

    /// <summary>Whether STRICT was selected in a form that was rejected.</summary>
    public bool IsStrict { get; private set; }

    public static IReadOnlyList<(string Value, string Label)> Encodings { get; } =
        [("", "detect: UTF-8 or UTF-16"), ("windows-1252", "Windows-1252"), ("utf-8", "UTF-8"), ("utf-16", "UTF-16")];

    public static IReadOnlyList<(string Value, string Label)> Delimiters { get; } =
        [("", "detect"), ("comma", "comma"), ("semicolon", "semicolon"), ("tab", "TAB")];

    /// <summary>The selected encoding, delimiter and columns, as sent.</summary>
    [BindProperty]
    public string? Encoding { get; set; }

    /// <inheritdoc cref="Encoding"/>
    [BindProperty]
    public string? Delimiter { get; set; }

    /// <inheritdoc cref="Encoding"/>
    [BindProperty]
    public string? Columns { get; set; }

    /// <summary>How the previewed file is understood.</summary>
    public PassengerPreview? Preview { get; private set; }

    /// <inheritdoc cref="PassengerPreviews.Bytes"/>
    public int PreviewBytes => previews.Bytes;

    public long MaximumBytes => previews.MaximumFileBytes;

    public Run? Run { get; private set; }
    public ValidationReport? Report { get; private set; }
    public long? CommitId { get; private set; }

    /// <summary>The rows of the commit that a training run would not use now; null without a commit.</summary>
    public UnusedRows? Unused { get; private set; }
    public IReadOnlyList<Rejection> Rejections { get; private set; } = [];
    public ValidationReport? ReplayedReport { get; private set; }

    /// <summary>The copies that the upload added.</summary>
    public CommitCopies Copies { get; private set; } = new(0, 0, []);

    /// <summary>"38 rows imported, 3 rejected": inserted and updated rows, or the recorded outcomes if no row changed.</summary>
    public string ResultTitle
    {
        get
        {
            var (imported, outcomes, rejected) = (CountOf("inserted") + CountOf("updated"), CountOf("outcomes"), Report?.RowsRejected ?? 0);
            if (Run?.Status != RunStatus.Succeeded)
                return "Upload failed, no rows imported";
            if (CommitId is null && rejected == 0)
                return "Nothing changed";
            var changed = imported == 0 && outcomes > 0 ? $"{Quantity.Of(outcomes, "outcome")} recorded" : $"{Quantity.Of(imported, "row")} imported";
            return rejected == 0 ? changed : $"{changed}, {Format.Count(rejected)} rejected";
        }
    }

    public long CountOf(string name) => Run?.Counts.GetValueOrDefault(name) ?? 0;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        if (ReplayOf is { } earlier && (ReplayedReport = await FindReport(earlier, cancellationToken)) is null)
            return ErrorModel.NotFound(HttpContext, NotFoundText.ValidationReport(earlier));
        if (RunId is not { } id)
            return Page();
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.RunId == id && run.IsConcurrent, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, NotFoundText.Run(id));
        Run = found;
        CommitId = await db.Commits.Where(commit => commit.RunId == id).Select(commit => (long?)commit.CommitId).SingleOrDefaultAsync(cancellationToken);
        if (CommitId is { } commit)
        {
            Copies = await persons.OfCommit(commit, ConflictsShown, cancellationToken);
            Unused = await unusedRows.FindNow(commit, cancellationToken);
        }
        Report = await db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.RunId == id, cancellationToken);
        if (Report is { RowsRejected: > 0 } report)
        {
            Rejections = await db.RejectedRows.AsNoTracking().Where(row => row.ValidationId == report.ValidationId)
                .OrderBy(row => row.Line).Take(RejectionsShown).ToListAsync(cancellationToken);
        }
        return Page();
    }

    /// <summary>The name of the control that selects the column of a field.</summary>
    public static string SelectName(string field) => $"column-{field}";

    /// <summary>Shows how the file is understood and stores nothing. Only the first rows are read.</summary>
    public async Task<IActionResult> OnPostPreviewAsync(IFormFile? file, string? policy, CancellationToken cancellationToken)
    {
        IsStrict = policy == "strict";
        if (file is not { Length: > 0 })
            return await ShowError(MissingOrEmpty(file), cancellationToken);
        var (read, problem) = ReadOptions();
        if (read is null)
            return await ShowError(problem!, cancellationToken);
        try
        {
            await using var content = file.OpenReadStream();
            Preview = await previews.Read(content, read, cancellationToken);
        }
        catch (PassengerFileException unreadable)
        {
            return await ShowError(unreadable.Message, cancellationToken);
        }
        RunId = null;
        return await OnGetAsync(cancellationToken);
    }

    public async Task<IActionResult> OnPostAsync(IFormFile? file, string? policy, CancellationToken cancellationToken)
    {
        IsStrict = policy == "strict";
        if (file is not { Length: > 0 })
            return await ShowError(MissingOrEmpty(file), cancellationToken);
        if (policy is not ("always" or "strict"))
            return await ShowError(ErrorText.Invalid("The policy", policy, "always or strict"), cancellationToken);

        var (read, problem) = ReadOptions();
        if (read is null)
            return await ShowError(problem!, cancellationToken);

        await using var content = file.OpenReadStream();
        var ingestionPolicy = IsStrict ? IngestionPolicy.Strict : IngestionPolicy.Always;
        var upload = new Upload(content, PassengerSources.Upload, ingestionPolicy, RunTrigger.Button, AuditLog.CallerName(User)) { Read = read, FileName = Upload.CleanFileName(file.FileName) };
        var (run, _) = await uploads.Ingest(upload, cancellationToken);
        return RedirectToPage(new { run = run.RunId, ReplayOf });
    }

    private static string MissingOrEmpty(IFormFile? file) =>
        file is null ? "The file is missing; it must be a CSV file." : "The file is empty; it must have a header and at least 1 row.";

    /// <summary>The columns come from the selects of a preview, otherwise from the text field.</summary>
    private (CsvReadOptions? Options, string? Problem) ReadOptions()
    {
        var selected = PassengerCsv.Fields.Where(field => Request.Form.ContainsKey(SelectName(field)))
            .Select(field => $"{field}:{(Request.Form[SelectName(field)].ToString() is var column && column == "-" ? "" : column)}");
        var columns = string.Join(',', selected);
        return CsvReadOptions.Parse(Encoding, Delimiter, columns.Length > 0 ? columns : Columns);
    }

    private async Task<IActionResult> ShowError(string message, CancellationToken cancellationToken)
    {
        ModelState.AddModelError("file", message);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        RunId = null;
        return await OnGetAsync(cancellationToken);
    }

    private Task<ValidationReport?> FindReport(long id, CancellationToken cancellationToken) =>
        db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.ValidationId == id, cancellationToken);
}
