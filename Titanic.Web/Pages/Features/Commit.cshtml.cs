using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>One commit: what came in, from where, and what was refused.</summary>
public sealed class CommitModel(TitanicDb db) : PageModel
{
    private const int RejectionsPerPage = 50;

    /// <summary>Only rejected rows behind this line: where the page before ended.</summary>
    [BindProperty(SupportsGet = true)]
    public long After { get; set; }

    public FeatureStore.Commit Commit { get; private set; } = null!;
    public ValidationReport? Report { get; private set; }
    public IReadOnlyList<Rejection> Rejections { get; private set; } = [];
    public long? NextAfter { get; private set; }

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await db.Commits.AsNoTracking().SingleOrDefaultAsync(commit => commit.CommitId == id, cancellationToken) is not { } found)
            return NotFound();
        Commit = found;
        Report = await db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.ValidationId == found.ValidationId, cancellationToken);
        var rejections = await db.RejectedRows.AsNoTracking()
            .Where(row => row.ValidationId == found.ValidationId && row.Line > After)
            .OrderBy(row => row.Line)
            .Take(RejectionsPerPage + 1)
            .ToListAsync(cancellationToken);
        Rejections = [.. rejections.Take(RejectionsPerPage)];
        NextAfter = rejections.Count > RejectionsPerPage ? Rejections[^1].Line : null;
        return Page();
    }
}
