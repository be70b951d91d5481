using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages.Runs;

/// <summary>One run: parameters, status, outputs and log.</summary>
public sealed class RunModel(TitanicDb db, RunReader runs, RunQueue queue) : OperatorPageModel
{
    private const int LogLinesShown = 500;
    private const int PredictionsShown = 20;

    /// <summary>Refresh interval of the page while the run is queued or running.</summary>
    private const string RefreshSeconds = "2";

    public Run Run { get; private set; } = null!;
    public IReadOnlyList<RunLogLine> Log { get; private set; } = [];
    public IReadOnlyList<long> Commits { get; private set; } = [];

    /// <summary>The validation reports of the run; a refused upload has a report and no commit.</summary>
    public IReadOnlyList<long> Validations { get; private set; } = [];
    public IReadOnlyList<int> ModelVersions { get; private set; } = [];

    /// <summary>The first predictions of the run, at most 20.</summary>
    public IReadOnlyList<Prediction> Predictions { get; private set; } = [];
    public bool HasMorePredictions { get; private set; }

    /// <summary>Whether log errors include the stack trace. Others see the first line, because a stack trace exposes internals.</summary>
    public bool ShowsStackTraces => User.IsInRole(AccessPolicies.AdminRole);

    public static string Describe(RunTrigger trigger) => trigger switch
    {
        RunTrigger.Schedule => "schedule",
        RunTrigger.Button => "button on a page",
        RunTrigger.Api => "API request",
        RunTrigger.CommandLine => "command line",
        RunTrigger.Bootstrap => "first start",
        _ => "upload of passengers",
    };

    /// <summary>The logical date, or what was read instead of the rows of a day.</summary>
    public static string DescribeInput(Run run) => run switch
    {
        { AsOf: { } asOf } => $"as of {asOf}",
        { Backfill: null } => Format.Date(run.LogicalDate),
        { IsConcurrent: true } => $"upload: {run.Backfill}",
        { Backfill: RunRequest.BundledDataset } => "bundled dataset",
        _ => $"backfill from {run.Backfill}",
    };

    public bool IsInProgress => Run.Status is RunStatus.Queued or RunStatus.Running;

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await runs.Find(id, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, NotFoundText.Run(id));
        Run = found;
        Log = await db.RunLog.AsNoTracking().Where(line => line.RunId == id)
            .OrderBy(line => line.RunLogLineId).Take(LogLinesShown).ToListAsync(cancellationToken);
        await ReadOutputs(id, cancellationToken);
        if (IsInProgress)
            Response.Headers["Refresh"] = RefreshSeconds; // works without JavaScript
        return Page();
    }

    /// <summary>Queues a run with the same parameters.</summary>
    public async Task<IActionResult> OnPostAsync(long id, CancellationToken cancellationToken)
    {
        if (await runs.Find(id, cancellationToken) is not { } run)
            return ErrorModel.NotFound(HttpContext, NotFoundText.Run(id));
        if (RunRules.FindRepetitionError(run) is { } error)
        {
            Message = error;
            return RedirectToPage(new { id });
        }
        var repeated = await queue.EnqueueAgain(run, RunTrigger.Button, AuditLog.CallerName(User), cancellationToken);
        Message = $"Run {run.RunId} is repeated as run {repeated.RunId}.";
        return RedirectToPage(new { id = repeated.RunId });
    }

    private async Task ReadOutputs(long id, CancellationToken cancellationToken)
    {
        Commits = await db.Commits.Where(commit => commit.RunId == id)
            .OrderBy(commit => commit.CommitId).Select(commit => commit.CommitId).ToListAsync(cancellationToken);
        Validations = await db.ValidationReports.Where(report => report.RunId == id)
            .OrderBy(report => report.ValidationId).Select(report => report.ValidationId).ToListAsync(cancellationToken);
        ModelVersions = await db.ModelVersions.Where(version => version.RunId == id)
            .OrderBy(version => version.Version).Select(version => version.Version).ToListAsync(cancellationToken);
        var predictions = await db.Predictions.AsNoTracking().Where(prediction => prediction.RunId == id)
            .OrderBy(prediction => prediction.PredictionId).Take(PredictionsShown + 1).ToListAsync(cancellationToken);
        Predictions = [.. predictions.Take(PredictionsShown)];
        HasMorePredictions = predictions.Count > PredictionsShown;
    }
}
