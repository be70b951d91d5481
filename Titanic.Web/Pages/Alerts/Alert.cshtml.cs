using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Pages.Alerts;

/// <summary>One alert with its history, and the operators' actions.</summary>
public sealed class AlertModel(AlertReader alerts, AlertActions actions) : OperatorPageModel
{
    public Alert Alert { get; private set; } = null!;
    public IReadOnlyList<AlertEvent> History { get; private set; } = [];

    /// <summary>The note as typed, after a rejected action.</summary>
    public string? Note { get; private set; }

    /// <summary>Why an action was rejected; null if it was not.</summary>
    public string? Problem { get; private set; }

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await alerts.Find(id, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, NotFoundText.Alert(id));
        (Alert, History) = (found, await alerts.History(id, cancellationToken));
        return Page();
    }

    public Task<IActionResult> OnPostAcknowledgeAsync(long id, string? note, CancellationToken cancellationToken) =>
        Apply(id, note, () => actions.Acknowledge(id, AuditLog.CallerName(User), note, cancellationToken), "acknowledged", cancellationToken);

    public Task<IActionResult> OnPostResolveAsync(long id, string? note, CancellationToken cancellationToken) =>
        Apply(id, note, () => actions.Resolve(id, AuditLog.CallerName(User), note, cancellationToken), "resolved", cancellationToken);

    private async Task<IActionResult> Apply(long id, string? note, Func<Task<Alert?>> action, string done, CancellationToken cancellationToken)
    {
        try
        {
            if (await action() is null)
                return ErrorModel.NotFound(HttpContext, NotFoundText.Alert(id));
            Message = $"Alert {id} {done}.";
            return RedirectToPage(new { id });
        }
        catch (AlertActionException rejected)
        {
            (Problem, Note) = (rejected.Message, note);
            Response.StatusCode = rejected.IsConflict ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest;
            return await OnGetAsync(id, cancellationToken);
        }
    }
}
