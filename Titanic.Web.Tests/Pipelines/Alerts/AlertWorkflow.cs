using Microsoft.EntityFrameworkCore;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Tests.Pipelines.Alerts;

/// <summary>Evaluations at the times of a test's clock, and the stored alerts.</summary>
internal static class AlertWorkflow
{
    /// <summary>Below the interruption after which a process counts as having been away.</summary>
    private static readonly TimeSpan _step = TimeSpan.FromMinutes(4);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<bool> Evaluate(this TestWorkflow workflow) =>
        workflow.InScope<AlertEvaluation, bool>(evaluation => evaluation.Evaluate(Cancellation));

    /// <summary>Advances the clock with an evaluation every four minutes and at the end.</summary>
    public static async Task EvaluateFor(this TestWorkflow workflow, TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= _step)
        {
            workflow.Clock.Advance(left < _step ? left : _step);
            Assert.True(await workflow.Evaluate());
        }
    }

    /// <summary>Evaluates until conditions that are absent have ended.</summary>
    public static Task EvaluateUntilEnded(this TestWorkflow workflow) => workflow.EvaluateFor(AlertEvaluation.ResolveAfter + _step);

    /// <summary>Stores that the first start ended before the first day of the tests.</summary>
    public static Task CompleteFirstStart(this TestWorkflow workflow) => workflow.Execute(
        """
        insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at, finished_at)
        values (1, 'Set up', 0, 0, '2026-02-01Z', '2026-02-01Z')
        """);

    /// <summary>The rules, subjects and states of the unresolved alerts.</summary>
    public static async Task<string[]> Unresolved(this TestWorkflow workflow) => await workflow.Query(db => db.Alerts
        .Where(alert => alert.State != AlertState.Resolved)
        .OrderBy(alert => alert.Rule).ThenBy(alert => alert.Subject).Select(alert => alert.Rule + " " + alert.Subject).ToArrayAsync(Cancellation));

    /// <summary>The kinds of the events of all alerts, in order.</summary>
    public static async Task<string> Events(this TestWorkflow workflow) => string.Join(' ', await workflow.Query(db => db.AlertEvents
        .OrderBy(occurred => occurred.AlertEventId).Select(occurred => occurred.Kind).ToListAsync(Cancellation)));

    public static Task<Alert> SingleAlert(this TestWorkflow workflow) => workflow.Query(db => db.Alerts.SingleAsync(Cancellation));

    /// <summary>Queues a run that no worker starts.</summary>
    public static Task<Run> QueueRun(this TestWorkflow workflow, string pipeline) =>
        workflow.GetRequired<PipelineRunner>().Queue(new RunRequest(pipeline, workflow.Today, RunTrigger.Api), null, Cancellation);
}
