using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Lifecycle;

namespace Titanic.Web.Pages.Models;

/// <summary>Any two versions side by side; the address is the state.</summary>
public sealed class CompareModel(VersionComparer comparer) : PageModel
{
    /// <summary>A version's number, or an alias.</summary>
    [BindProperty(SupportsGet = true)]
    public string? A { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? B { get; set; }

    public VersionComparison? Compared { get; private set; }

    /// <summary>What is wrong with a field, or null.</summary>
    public string? Problem(string field) => ModelState[field]?.Errors.FirstOrDefault()?.ErrorMessage;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (A is null && B is null)
            return; // nothing was asked yet
        try
        {
            Compared = await comparer.Compare(A, B, cancellationToken);
        }
        catch (UnknownVersionException unknown)
        {
            ModelState.AddModelError(unknown.Side, unknown.Message);
            Response.StatusCode = string.IsNullOrWhiteSpace(unknown.Side == "a" ? A : B) ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound;
        }
    }
}
