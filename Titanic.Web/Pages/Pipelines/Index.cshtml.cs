using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Pages.Pipelines;

/// <summary>
/// The calendar of runs, then the pipelines in the order they run and the audit: schedule, last runs, and a button that starts a run.
/// </summary>
public sealed class PipelinesIndexModel(TitanicDb db, RunQueue queue, RunCalendar calendar, ScheduleReader schedules) : OperatorPageModel
{
    private const int RunsShown = 5;

    private Dictionary<string, TimeSpan> _medians = [];

    /// <summary>The numbers of days for which the page has links.</summary>
    public static IReadOnlyList<int> Presets { get; } = [RunCalendar.DefaultDays, 90, 366, RunCalendar.MaximumDays];

    /// <summary>Number of days of the calendar.</summary>
    [BindProperty(SupportsGet = true)]
    public int Days { get; set; } = RunCalendar.DefaultDays;

    /// <summary>Last date of the calendar; null means today.</summary>
    [BindProperty(SupportsGet = true)]
    public DateOnly? To { get; set; }

    public DateOnly LastDay => To ?? Today;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<CalendarDay> Calendar { get; private set; } = [];

    /// <summary>
    /// Whether a run took more than five times the median duration of the successful runs of its pipeline in the calendar, and at least ten seconds
    /// more.
    /// </summary>
    public bool IsSlow(CalendarCell cell) =>
        cell.Duration is { } duration && _medians.TryGetValue(cell.Pipeline, out var median) && duration > 5 * median && duration - median >= TimeSpan.FromSeconds(10);

    /// <summary>The validation error of the query string; null without one.</summary>
    public string? CalendarProblem { get; private set; }

    /// <summary>Number of missing runs in the calendar.</summary>
    public int Missing => Calendar.Sum(day => day.Pipelines.Count(cell => cell.IsMissing));

    public IReadOnlyList<ScheduledPipeline> Pipelines { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var isParsed = ModelState[nameof(Days)]?.Errors is not { Count: > 0 } && ModelState[nameof(To)]?.Errors is not { Count: > 0 };
        if (!isParsed || Days is < 1 or > RunCalendar.MaximumDays || LastDay.DayNumber < Days)
        {
            (Days, To) = (RunCalendar.DefaultDays, null);
            Response.StatusCode = StatusCodes.Status400BadRequest;
            CalendarProblem = $"The days must be {ErrorText.WholeNumber(1, RunCalendar.MaximumDays)}, and the last date {IsoTimestamp.ExpectedDate}.";
        }
        Calendar = await calendar.Read(LastDay.AddDays(1 - Days), LastDay, cancellationToken);
        _medians = Calendar.SelectMany(day => day.Pipelines).Where(cell => cell is { State: CalendarState.Done, Duration: not null }).GroupBy(cell => cell.Pipeline)
            .ToDictionary(cells => cells.Key, cells => cells.Select(cell => cell.Duration!.Value).Order().ElementAt(cells.Count() / 2));
        var pipelines = new List<ScheduledPipeline>();
        foreach (var schedule in await schedules.ReadAll(cancellationToken))
        {
            var name = schedule.Pipeline;
            var runs = await db.Runs.AsNoTracking()
                .Where(run => run.Pipeline == name)
                .OrderByDescending(run => run.RunId).Take(RunsShown)
                .ToListAsync(cancellationToken);
            pipelines.Add(new ScheduledPipeline(schedule, schedule.NextAfter(Now), runs));
        }
        Pipelines = pipelines;
    }

    /// <param name="pipeline">One of <see cref="PipelineNames"/>.</param>
    /// <param name="date">The logical date, such as 2026-11-23. Empty: today.</param>
    /// <param name="alternative">For training: the ML.NET algorithm to train and register instead of the K-NN. Empty: the K-NN.</param>
    /// <param name="predictFirst">For training: whether an inference run is executed before.</param>
    public async Task<IActionResult> OnPostAsync(
        string? pipeline, string? date, [FromForm(Name = RunRejectedException.AlternativeField)] string? alternative,
        bool predictFirst, CancellationToken cancellationToken)
    {
        try
        {
            var parameters = new RunParameters(pipeline, date, Alternative: alternative, PredictFirst: predictFirst);
            var run = await queue.Enqueue(parameters, RunTrigger.Button, AuditLog.CallerName(User), cancellationToken);
            return RedirectToPage("/Runs/Index", new { id = run.RunId });
        }
        catch (RunRejectedException rejected)
        {
            ModelState.AddModelError(rejected.Field, rejected.Message);
            Response.StatusCode = StatusCodes.Status400BadRequest;
            await OnGetAsync(cancellationToken);
            return Page();
        }
    }
}

/// <param name="Next">The next scheduled time; null if the schedule has none.</param>
/// <param name="LastRuns">Newest first.</param>
public sealed record ScheduledPipeline(Schedule Schedule, DateTimeOffset? Next, IReadOnlyList<Run> LastRuns)
{
    public string Name => Schedule.Pipeline;

    public string Purpose => PipelineNames.DescriptionOf(Name);
}
