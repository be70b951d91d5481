using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>One commit: what came in, from where, and what was refused.</summary>
public sealed class CommitModel(TitanicDb db) : PageModel
{
    public FeatureStore.Commit Commit { get; private set; } = null!;
    public ValidationReport? Report { get; private set; }

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await db.Commits.AsNoTracking().SingleOrDefaultAsync(commit => commit.CommitId == id, cancellationToken) is not { } found)
            return NotFound();
        Commit = found;
        Report = await db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.ValidationId == found.ValidationId, cancellationToken);
        return Page();
    }
}
