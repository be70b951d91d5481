using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Pages.Pipelines;

/// <summary>The pipelines in the order of a day, and the audit: when each runs, how its last runs went, and the administrator's "Run now".</summary>
public sealed class PipelinesIndexModel(TitanicDb db, RunQueue queue, IOptions<PipelineSchedule> schedule) : OperatorPageModel
{
    private const int RunsShown = 5;

    public IReadOnlyList<ScheduledPipeline> Pipelines { get; private set; } = [];
    public DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var pipelines = new List<ScheduledPipeline>();
        foreach (var name in PipelineNames.InOrder)
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
    /// <param name="date">The day to run for, such as 2026-11-23; today when it is left out.</param>
    /// <param name="challenger">For training: the learner of ML.NET to register instead of the K-NN.</param>
    public async Task<IActionResult> OnPostAsync(string? pipeline, string? date, string? challenger, CancellationToken cancellationToken)
    {
        try
        {
            var run = await queue.Enqueue(new RunParameters(pipeline, date, Challenger: challenger), RunTrigger.Button, AuditLog.NameOf(User), cancellationToken);
            return RedirectToPage("/Runs/Index", new { id = run.RunId });
        }
        catch (RunRefusedException refused)
        {
            ModelState.AddModelError(refused.Field, refused.Message);
            Response.StatusCode = StatusCodes.Status400BadRequest;
            await OnGetAsync(cancellationToken);
            return Page();
        }
    }
}

/// <param name="Cron">Five fields, UTC.</param>
/// <param name="Next">Null for a schedule that never comes.</param>
/// <param name="LastRuns">Newest first.</param>
public sealed record ScheduledPipeline(string Name, string Cron, DateTimeOffset? Next, IReadOnlyList<Run> LastRuns)
{
    public string Purpose => PipelineNames.DescriptionOf(Name);

    /// <summary>A daily schedule in words, any other as its cron expression.</summary>
    public string Schedule => Cron.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var minute, var hour, "*", "*", "*"]
        && int.TryParse(minute, NumberStyles.None, CultureInfo.InvariantCulture, out var m)
        && int.TryParse(hour, NumberStyles.None, CultureInfo.InvariantCulture, out var h)
            ? string.Create(CultureInfo.InvariantCulture, $"Every day at {h:00}:{m:00} UTC")
            : $"By the cron expression {Cron} (UTC)";
}
