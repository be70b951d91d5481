using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>The validation reports of all ingestions, including rejected ones, newest first.</summary>
public sealed class ValidationsModel(TitanicDb db) : PageModel
{
    private const int ReportsPerPage = 25;

    /// <summary>Page cursor: only reports with a smaller id. Null: the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public IReadOnlyList<ValidationReport> Reports { get; private set; } = [];
    public long? NextBefore { get; private set; }

    /// <summary>The validation error of the query string; null if it is valid.</summary>
    public string? Problem { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (!ModelState.IsValid)
        {
            Problem = ErrorText.Invalid("The parameter before", Request.Query["before"].ToString(), "a whole number");
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var reports = await db.ValidationReports.AsNoTracking()
            .Where(report => Before == null || report.ValidationId < Before)
            .OrderByDescending(report => report.ValidationId)
            .Take(ReportsPerPage + 1)
            .ToListAsync(cancellationToken);
        Reports = [.. reports.Take(ReportsPerPage)];
        NextBefore = reports.Count > ReportsPerPage ? Reports[^1].ValidationId : null;
    }
}
