using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Pages.Runs;

/// <summary>One run: status, steps, parameters, inputs, outputs and log.</summary>
public sealed class RunModel(TitanicDb db, RunReader runs, RunQueue queue, RunCancellation cancellations) : OperatorPageModel
{
    private const int LogLinesShown = 500;
    private const string AllLines = "all";

    public Run Run { get; private set; } = null!;
    public RunLinks Links { get; private set; } = null!;

    /// <summary>The lines of the log, the newest of many.</summary>
    public IReadOnlyList<RunLogEntry> Log { get; private set; } = [];

    /// <summary>Whether the log has older lines, which are not shown.</summary>
    public bool HidesLines { get; private set; }

    /// <summary>The number of the newest line that is shown; 0 if there is none.</summary>
    public long LastLine => Log is [.., var last] ? last.Id : 0;

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

    /// <summary>What canceling the run would keep.</summary>
    public static string DescribeCancel(Run run) => run switch
    {
        { Status: RunStatus.Queued } => "The run has not started. It is canceled at once; nothing is stored.",
        { Pipeline: PipelineNames.Inference } => "The run stops within seconds. Predictions that are already stored are kept; a later run predicts the other passengers.",
        { Pipeline: PipelineNames.Monitoring } => "The run stops within seconds. The metrics of completed steps are kept; a later run computes the others.",
        { Pipeline: PipelineNames.Audit } => "The run stops within seconds. Complete reproductions are kept.",
        { Pipeline: PipelineNames.Feature, IsConcurrent: false, Backfill: null } => "The run stops within seconds. Commits that it has made are kept.",
        _ => "The run stops within seconds; nothing is stored, unless it is just being committed.",
    };

    /// <summary>"3 of 10"; empty for a step without parts.</summary>
    public static string DescribeProgress(RunStep step) => step switch
    {
        { Total: { } total } => $"{Format.Count(step.Done)} of {Format.Count(total)}",
        { Done: > 0 } => Format.Count(step.Done),
        _ => "",
    };

    public async Task<IActionResult> OnGetAsync(long id, string? log, CancellationToken cancellationToken)
    {
        if (!await ReadRun(id, cancellationToken))
            return ErrorModel.NotFound(HttpContext, NotFoundText.Run(id));
        var lines = db.RunLog.AsNoTracking().Where(line => line.RunId == id).OrderByDescending(line => line.RunLogLineId);
        var newest = await (log == AllLines ? lines : lines.Take(LogLinesShown + 1)).ToListAsync(cancellationToken);
        HidesLines = log != AllLines && newest.Count > LogLinesShown;
        Log = [.. newest.Take(HidesLines ? LogLinesShown : newest.Count).Reverse().Select(line => RunLogEntry.Of(line, MayOperate))];
        return Page();
    }

    /// <summary>The part of the page that changes while the run proceeds, for the script <c>run-events.js</c>.</summary>
    public async Task<IActionResult> OnGetStateAsync(long id, CancellationToken cancellationToken)
    {
        if (!await ReadRun(id, cancellationToken))
            return ErrorModel.NotFound(HttpContext, NotFoundText.Run(id));
        Response.Headers.CacheControl = "no-store";
        return Partial("_RunState", this);
    }

    /// <summary>Cancels the run.</summary>
    public async Task<IActionResult> OnPostCancelAsync(long id, CancellationToken cancellationToken)
    {
        if (await runs.Find(id, cancellationToken) is null)
            return ErrorModel.NotFound(HttpContext, NotFoundText.Run(id));
        var (run, error) = await cancellations.Request(id, AuditLog.CallerName(User), cancellationToken);
        Message = error ?? (run!.Status == RunStatus.Cancelled ? $"Run {id} is canceled." : $"Run {id} is being canceled.");
        return RedirectToPage(new { id });
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

    private async Task<bool> ReadRun(long id, CancellationToken cancellationToken)
    {
        if (await runs.Find(id, cancellationToken) is not { } found)
            return false;
        (Run, Links) = (found, await RunLinks.Read(db, found, cancellationToken));
        return true;
    }
}
