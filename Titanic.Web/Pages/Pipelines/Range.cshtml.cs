using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Pages.Pipelines;

/// <summary>Lists the runs of a range of dates, then queues them.</summary>
[Authorize(AccessPolicies.Operator)]
public sealed class RunRangeModel(RunRanges ranges) : OperatorPageModel
{
    /// <summary>First date.</summary>
    [BindProperty(SupportsGet = true)]
    public string? From { get; set; }

    /// <summary>Last date.</summary>
    [BindProperty(SupportsGet = true)]
    public string? To { get; set; }

    /// <summary>Empty: those that run for each day.</summary>
    [BindProperty(SupportsGet = true, Name = "pipeline")]
    public List<string> Selected { get; set; } = [];

    /// <summary>Whether dates are run, too, whose newest run succeeded.</summary>
    [BindProperty(SupportsGet = true, Name = "all")]
    public bool IsAll { get; set; }

    /// <summary>Null if a parameter is invalid.</summary>
    public RunRange? Range { get; private set; }

    /// <summary>The error of an invalid parameter.</summary>
    public RunRejectedException? Problem { get; private set; }

    /// <summary>The runs that would be queued.</summary>
    public IReadOnlyList<PlannedRun> Plan { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Parse();
        if (Range is not null)
            Plan = await ranges.Plan(Range, cancellationToken);
    }

    /// <summary>Queues the runs; those that have been queued since the list was shown are left out.</summary>
    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        Parse();
        if (Range is null)
            return Page();
        var runs = await ranges.Enqueue(Range, RunTrigger.Button, AuditLog.CallerName(User), cancellationToken);
        Message = runs.Count == 0 ? "No run was queued: no date of the range is missing." : $"{Quantity.Of(runs.Count, "run")} queued: {runs[0].RunId} to {runs[^1].RunId}.";
        return RedirectToPage("/Pipelines/Index", new { days = Range.To.DayNumber - Range.From.DayNumber + 1, to = Range.To.ToString("O") });
    }

    private void Parse()
    {
        try
        {
            Range = RunRange.Parse(From ?? Format.Date(Today.AddDays(1 - RunCalendar.DefaultDays)), To, Selected, !IsAll, Today);
        }
        catch (RunRejectedException rejected)
        {
            Problem = rejected;
            Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }
}
