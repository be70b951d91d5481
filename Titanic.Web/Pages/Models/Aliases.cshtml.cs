using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>Who had which alias when, who gave it and why; newest first, a page at a time.</summary>
public sealed class AliasesModel(AliasHistory history) : PageModel
{
    private const int RowsPerPage = 50;

    /// <summary>One of <see cref="ModelAliases"/>; empty for all.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Alias { get; set; }

    /// <summary>Only entries with a smaller id: where the page before ended.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public IReadOnlyList<AliasAssignment> Moves { get; private set; } = [];
    public long? NextBefore { get; private set; }

    /// <summary>What is wrong with the address.</summary>
    public string? Problem { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(Alias) && !ModelAliases.All.Contains(Alias))
        {
            Problem = ModelAliases.Missing(Alias);
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var found = await history.Read(string.IsNullOrEmpty(Alias) ? null : Alias, Before, RowsPerPage + 1, cancellationToken);
        Moves = [.. found.Take(RowsPerPage)];
        NextBefore = found.Count > RowsPerPage ? Moves[^1].AliasAssignmentId : null;
    }
}
