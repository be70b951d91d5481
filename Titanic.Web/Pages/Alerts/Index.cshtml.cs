using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Pages.Alerts;

/// <summary>The alerts, newest first, one page at a time, and the rules.</summary>
public sealed class AlertsModel(AlertReader alerts) : PageModel
{
    /// <summary>The value of <see cref="State"/> for alerts in any state.</summary>
    public const string All = "all";

    private const int RowsPerPage = 50;

    /// <summary>A state of <see cref="AlertFilter"/>, or <see cref="All"/>; null for the unresolved alerts.</summary>
    [BindProperty(SupportsGet = true)]
    public string? State { get; set; }

    /// <summary>The name of a rule; null for all.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Rule { get; set; }

    /// <summary>Page cursor: only alerts with a smaller id. Null: the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public IReadOnlyList<Alert> Alerts { get; private set; } = [];
    public long? NextBefore { get; private set; }
    public DateTimeOffset? LastEvaluation { get; private set; }

    /// <summary>Why a parameter is invalid; null if all are valid.</summary>
    public string? Problem { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        LastEvaluation = await alerts.LastEvaluation(cancellationToken);
        var (filter, problem) = AlertFilter.Parse(State == All ? null : State ?? AlertFilter.Unresolved, Rule);
        Problem = ModelState.IsValid ? problem : ErrorText.Invalid("The parameter before", Request.Query["before"].ToString(), "a whole number");
        if (Problem is not null)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var found = await alerts.Read(filter, Before, RowsPerPage + 1, cancellationToken);
        Alerts = [.. found.Take(RowsPerPage)];
        NextBefore = found.Count > RowsPerPage ? Alerts[^1].AlertId : null;
    }
}
