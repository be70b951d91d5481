using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Pages.Pipelines;

/// <summary>The pipelines in the order they run, then the audit: schedule, last runs, and a button that starts a run.</summary>
public sealed class PipelinesIndexModel(TitanicDb db, RunQueue queue, IOptions<PipelineSchedule> schedule) : OperatorPageModel
{
    private const int RunsShown = 5;

    public IReadOnlyList<ScheduledPipeline> Pipelines { get; private set; } = [];
    public DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var pipelines = new List<ScheduledPipeline>();
        foreach (var name in PipelineNames.All)
        {
            var runs = await db.Runs.AsNoTracking()
                .Where(run => run.Pipeline == name)
                .OrderByDescending(run => run.RunId).Take(RunsShown)
                .ToListAsync(cancellationToken);
            pipelines.Add(new ScheduledPipeline(name, schedule.Value.CronOf(name), schedule.Value.NextAfter(name, Now), runs));
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

/// <param name="Cron">Five fields, UTC.</param>
/// <param name="Next">The next scheduled time; null if the schedule has none.</param>
/// <param name="LastRuns">Newest first.</param>
public sealed record ScheduledPipeline(string Name, string Cron, DateTimeOffset? Next, IReadOnlyList<Run> LastRuns)
{
    public string Purpose => PipelineNames.DescriptionOf(Name);

    /// <summary>"Daily at 00:05 UTC", or "Cron schedule (UTC)" if the schedule is not daily. The page adds <see cref="Cron"/>.</summary>
    public string Schedule => Cron.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var minute, var hour, "*", "*", "*"]
        && int.TryParse(minute, NumberStyles.None, CultureInfo.InvariantCulture, out var m)
        && int.TryParse(hour, NumberStyles.None, CultureInfo.InvariantCulture, out var h)
            ? string.Create(CultureInfo.InvariantCulture, $"Daily at {h:00}:{m:00} UTC")
            : "Cron schedule (UTC)";
}
