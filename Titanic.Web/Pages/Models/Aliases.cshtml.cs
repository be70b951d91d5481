using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>The alias history of all versions, newest first, one page at a time.</summary>
public sealed class AliasesModel(AliasHistory history) : PageModel
{
    private const int RowsPerPage = 50;

    /// <summary>One of <see cref="ModelAliases"/>; empty for all.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Alias { get; set; }

    /// <summary>Page cursor: only entries with a smaller id. Null: the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public IReadOnlyList<AliasAssignment> Moves { get; private set; } = [];
    public long? NextBefore { get; private set; }

    /// <summary>Why <see cref="Alias"/> is invalid; null if it is valid.</summary>
    public string? Problem { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(Alias) && !ModelAliases.All.Contains(Alias))
            Problem = ModelAliases.NotFoundMessage(Alias);
        else if (!ModelState.IsValid)
            Problem = ErrorText.Invalid("The parameter before", Request.Query["before"].ToString(), "a whole number");
        if (Problem is not null)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var found = await history.Read(string.IsNullOrEmpty(Alias) ? null : Alias, Before, RowsPerPage + 1, cancellationToken);
        Moves = [.. found.Take(RowsPerPage)];
        NextBefore = found.Count > RowsPerPage ? Moves[^1].AliasAssignmentId : null;
    }
}
