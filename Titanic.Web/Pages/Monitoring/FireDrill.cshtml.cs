using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;
using Titanic.Web.Pipelines.FireDrills;

namespace Titanic.Web.Pages.Monitoring;

/// <summary>Starts fire drills and shows the newest one of this process.</summary>
public sealed class FireDrillModel(IFireDrills drills, AuditLog audit) : OperatorPageModel
{
    private const string RefreshSeconds = "2";

    /// <summary>The newest drill; null before the first one.</summary>
    public DrillReport? Report { get; private set; }

    /// <summary>Why no drill was started; null if one was.</summary>
    public string? Problem { get; private set; }

    public void OnGet() => Show();

    public async Task<IActionResult> OnPostAsync(string? fault, CancellationToken cancellationToken)
    {
        if (DrillFault.Find(fault) is not { } known)
            return Refuse(StatusCodes.Status400BadRequest, ErrorText.Invalid("The fault", fault, ErrorText.OneOf([.. DrillFault.All.Select(of => of.Name)])));
        if (!drills.TryStart(known))
            return Refuse(StatusCodes.Status409Conflict, "A fire drill is running. Start another one when it has finished.");
        await audit.Record(AuditLog.CallerName(User), "fire drill started", known.Name, null, cancellationToken);
        return RedirectToPage();
    }

    internal static string Describe(DrillReport report)
    {
        var expected = (report.Fault.Expected, report.OpenedOn) switch
        {
            (null, _) => "No alert is expected",
            ({ } alert, { } day) => $"The alert {alert} was opened on day {day}; expected at the latest on day {report.Fault.WithinDays}",
            ({ } alert, null) => $"The alert {alert} was not opened",
        };
        var others = report.Unexpected.Count == 0 ? "no unexpected alert was opened" : $"unexpected alerts were opened: {string.Join(", ", report.Unexpected)}";
        return $"{expected}, and {others}.";
    }

    private void Show()
    {
        Report = drills.Newest;
        if (Report is { IsRunning: true } && HttpMethods.IsGet(Request.Method))
            Response.Headers["Refresh"] = RefreshSeconds;
    }

    private PageResult Refuse(int status, string problem)
    {
        Problem = problem;
        Response.StatusCode = status;
        Show();
        return Page();
    }
}
