using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Ingest;

namespace Titanic.Web.Pages.Features;

/// <summary>
/// A passenger list from somebody's disk. With scripts the file goes to <c>POST /api/passengers</c> as it is, so that its progress can be
/// shown; without them the form brings it. Both end at the same address, which shows what became of it.
/// </summary>
[Authorize(AccessPolicies.Admin)]
[DisableRequestSizeLimit] // the form's own limit is that of every list: see PagesModule
public sealed class UploadModel(TitanicDb db, Uploads uploads, IOptions<PassengersOptions> lists) : PageModel
{
    private const int RejectionsShown = 10;

    /// <summary>The run whose result is shown.</summary>
    [BindProperty(SupportsGet = true, Name = "run")]
    public long? RunId { get; set; }

    /// <summary>The validation report whose rejected rows were mended.</summary>
    [BindProperty(SupportsGet = true)]
    public long? ReplayOf { get; set; }

    /// <summary>The policy that was chosen when the form was refused.</summary>
    public bool IsStrict { get; private set; }

    /// <summary>What a file may be long.</summary>
    public double MostMegabytes => lists.Value.MaximumFileSizeInBytes / (1024.0 * 1024);

    public Run? Run { get; private set; }
    public ValidationReport? Report { get; private set; }
    public long? CommitId { get; private set; }
    public IReadOnlyList<Rejection> Rejections { get; private set; } = [];
    public ValidationReport? Replayed { get; private set; }

    public long CountOf(string name) => Run?.Counts.GetValueOrDefault(name) ?? 0;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        if (ReplayOf is { } earlier && (Replayed = await ReportWhere(earlier, cancellationToken)) is null)
            return NotFound();
        if (RunId is not { } id)
            return Page();
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.RunId == id && run.IsBeside, cancellationToken) is not { } found)
            return NotFound();
        Run = found;
        CommitId = await db.Commits.Where(commit => commit.RunId == id).Select(commit => (long?)commit.CommitId).SingleOrDefaultAsync(cancellationToken);
        Report = await db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.RunId == id, cancellationToken);
        if (Report is { RowsRejected: > 0 } report)
        {
            Rejections = await db.RejectedRows.AsNoTracking().Where(row => row.ValidationId == report.ValidationId)
                .OrderBy(row => row.Line).Take(RejectionsShown).ToListAsync(cancellationToken);
        }
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(IFormFile? file, string? policy, CancellationToken cancellationToken)
    {
        IsStrict = policy == "strict";
        if (file is not { Length: > 0 })
            return await Refuse(file is null ? "No file was chosen; choose a CSV file." : "The file is empty; it must have a header and at least one passenger.", cancellationToken);
        if (policy is not ("always" or "strict"))
            return await Refuse($"The policy is \"{policy}\"; it must be always or strict.", cancellationToken);

        await using var content = file.OpenReadStream();
        var chosen = IsStrict ? IngestionPolicy.Strict : IngestionPolicy.Always;
        var upload = new Upload(content, PassengerSources.Upload, chosen, RunTrigger.Button, AuditLog.NameOf(User));
        var (run, _) = await uploads.Ingest(upload, cancellationToken);
        return RedirectToPage(new { run = run.RunId, ReplayOf });
    }

    private async Task<IActionResult> Refuse(string problem, CancellationToken cancellationToken)
    {
        ModelState.AddModelError("file", problem);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        RunId = null;
        return await OnGetAsync(cancellationToken);
    }

    private Task<ValidationReport?> ReportWhere(long id, CancellationToken cancellationToken) =>
        db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.ValidationId == id, cancellationToken);
}
