using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

namespace Titanic.Web.Pipelines;

/// <summary>The permanent record of one run of one pipeline. Hangfire deletes its own job records after a day.</summary>
public sealed class Run
{
    public long RunId { get; init; }

    /// <summary>One of <see cref="PipelineNames"/>.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The UTC day that the run is for; null for a backfill and for training as of a commit or time.</summary>
    public DateOnly? LogicalDate { get; init; }

    /// <summary>
    /// For a backfill: the file or address to read, or <see cref="RunRequest.BundledDataset"/>. For a concurrent run: a description of the
    /// sent data.
    /// </summary>
    public string? Backfill { get; init; }

    /// <summary>For a backfill: how failed expectations are handled; null if not given.</summary>
    public IngestionPolicy? Policy { get; init; }

    /// <summary>For a backfill: what was specified about the CSV file; null if everything is detected.</summary>
    public CsvReadOptions? Read { get; init; }

    /// <summary>For training: the commit or time whose state is the training data, as requested; null means the newest state.</summary>
    public string? AsOf { get; init; }

    /// <summary>For training: the ML.NET learner to train instead of the K-NN; null means the K-NN.</summary>
    public string? Alternative { get; init; }

    /// <summary>Whether the run was executed by the request that sent its data, concurrently with other runs of the pipeline.</summary>
    public bool IsConcurrent { get; init; }
    public RunTrigger Trigger { get; init; }
    public RunStatus Status { get; set; }

    /// <summary>How often the run was started; more than 1 after a failure or a killed process.</summary>
    public int Attempts { get; set; }

    /// <summary>How often the process, or its database connection, ended unexpectedly during this run.</summary>
    public int Interruptions { get; set; }

    /// <summary>What the run did, in one sentence; null unless it succeeded or was skipped.</summary>
    public string? Summary { get; set; }
    public Dictionary<string, long> Counts { get; set; } = [];

    /// <summary>What the run does, step by step; of its newest attempt. Updated about once a second while it runs.</summary>
    public IReadOnlyList<RunStep> Steps { get; set; } = [];

    /// <summary>
    /// The name of the account or API key that requested the run, as in the audit log; null for the schedule, the first start and the
    /// command line. Only operators may read it.
    /// </summary>
    public string? RequestedBy { get; init; }

    /// <summary>For an upload: the name of the file, if it was sent. Only operators may read it.</summary>
    public string? FileName { get; init; }

    /// <summary>When a user requested to cancel the run. A run with such a request is not started again.</summary>
    public DateTimeOffset? CancelRequestedAt { get; set; }

    /// <summary>Who requested to cancel the run. Only operators may read it.</summary>
    public string? CancelRequestedBy { get; set; }

    /// <summary>How the CSV file of an upload or a backfill was read; null for other runs, for JSON and for a file that could not be read.</summary>
    public InputDescription? Input { get; set; }

    /// <summary>The error message; the details are in the run's log. Null unless the run failed or was canceled.</summary>
    public string? Error { get; set; }

    /// <summary>The exception that ended the run, for the process that executed it; not stored.</summary>
    public Exception? Failure { get; set; }
    public required string CodeVersion { get; init; }
    public string? Host { get; set; }

    /// <summary>The Hangfire job that executes the run; a retry of the job continues this record.</summary>
    public string? JobId { get; init; }
    public DateTimeOffset QueuedAt { get; init; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    public TimeSpan? Duration => EndedAt - StartedAt;

    /// <summary>Whether the run is queued or running, or was interrupted and continues by itself.</summary>
    public bool IsInProgress => Status is RunStatus.Queued or RunStatus.Running || WillContinue;

    /// <summary>Whether a user canceled the run, which is final; otherwise its client disconnected.</summary>
    public bool IsCanceledByUser => Status == RunStatus.Cancelled && CancelRequestedAt is not null;

    /// <summary>The error message. That of a failed run can contain values of rows, paths and errors of the database, so only operators read it.</summary>
    /// <param name="isOperator">Whether the error of a failed run is shown, and the user who canceled the run is named.</param>
    public string? DescribeError(bool isOperator) => !isOperator && Status == RunStatus.Failed ? "The run failed. Operators can read the error."
        : isOperator && IsCanceledByUser && Error?.StartsWith(RunCancellation.ByOperator, StringComparison.Ordinal) == true
        ? $"Canceled by {CancelRequestedBy}.{Error[RunCancellation.ByOperator.Length..]}"
        : Error;

    /// <summary>Whether the run failed because it was interrupted too often: it is not started again.</summary>
    public bool IsQuarantined => Status == RunStatus.Failed && Interruptions >= InterruptedRuns.Limit;

    /// <summary>
    /// Whether the run was interrupted and continues by itself: its parameters are stored, and a process with its queue executes it. The first start continues
    /// with runs of its own, and the person at the command line decides.
    /// </summary>
    public bool WillContinue => Status == RunStatus.Interrupted && ContinuesByItself;

    /// <inheritdoc cref="WillContinue"/>
    public bool ContinuesByItself => !IsConcurrent && Trigger is not (RunTrigger.CommandLine or RunTrigger.Bootstrap);
}

/// <summary>One line of a run's log.</summary>
public sealed class RunLogLine
{
    public long RunLogLineId { get; init; }
    public long RunId { get; init; }
    public DateTimeOffset At { get; init; }
    public bool IsError { get; init; }
    public required string Message { get; init; }
}

public enum RunStatus
{
    Queued,
    Running,
    Succeeded,
    Failed,

    /// <summary>Not executed because another run of the pipeline was running.</summary>
    Skipped,

    /// <summary>A user canceled the run, or the client disconnected, before the run completed.</summary>
    Cancelled,

    /// <summary>The process, or its database connection, ended before the run completed; see <see cref="Run.WillContinue"/>.</summary>
    Interrupted,
}

public enum RunTrigger
{
    Schedule,
    Button,
    Api,
    CommandLine,

    /// <summary>The first start's backfill and simulated history.</summary>
    Bootstrap,

    /// <summary>Passengers that were sent to the API: inference predicts them at once.</summary>
    Upload,
}

internal sealed class RunTable : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> runs)
    {
        runs.ToTable("runs");
        runs.HasKey(r => r.RunId);
        runs.Property(r => r.IsConcurrent).HasColumnName("is_beside");
        runs.Property(r => r.Alternative).HasColumnName("challenger");
        runs.Property(r => r.RunId).UseIdentityAlwaysColumn();
        runs.Property(r => r.Status).HasConversion<string>();
        runs.Property(r => r.Trigger).HasConversion<string>();
        runs.Property(r => r.Policy).HasConversion<string>();
        runs.Property(r => r.Counts).HasJsonColumn();
        runs.Property(r => r.Input).HasJsonColumn().HasColumnType("json"); // jsonb does not keep the order of the columns
        runs.Property(r => r.Read).HasColumnName("read_options").HasJsonColumn();
        runs.Property(r => r.Steps).HasJsonColumn().HasDefaultValueSql("'[]'"); // for older programs, which do not set it
        runs.Ignore(r => r.Duration);
        runs.Ignore(r => r.IsInProgress);
        runs.Ignore(r => r.IsCanceledByUser);
        runs.Ignore(r => r.Failure);
        runs.Ignore(r => r.IsQuarantined);
        runs.Ignore(r => r.WillContinue);
        runs.Property(r => r.Attempts).IsConcurrencyToken(); // a process that lost its locks must not overwrite the record of the next attempt
        runs.Property(r => r.Interruptions).HasDefaultValue(0); // rows of earlier versions
        runs.HasIndex(r => new { r.Pipeline, r.LogicalDate });
        runs.HasIndex(r => r.Pipeline).HasFilter("status = 'Running'"); // every run searches for interrupted runs
        runs.HasIndex(r => r.RunId).HasFilter("status = 'Interrupted'"); // the repair searches for runs to continue
        runs.HasIndex(r => r.QueuedAt).HasFilter("status = 'Queued'");
        runs.HasIndex(r => r.EndedAt).HasFilter("status = 'Failed'");
        runs.HasIndex(r => r.JobId).HasFilter("job_id is not null");
        // Rows written by a run reference it, and a referenced run cannot be deleted.
        runs.HasMany<Commit>().WithOne().HasForeignKey(c => c.RunId).OnDelete(DeleteBehavior.Restrict);
        runs.HasMany<ValidationReport>().WithOne().HasForeignKey(r => r.RunId).OnDelete(DeleteBehavior.Restrict);
        runs.HasMany<TrainingDataset>().WithOne().HasForeignKey(d => d.RunId).OnDelete(DeleteBehavior.Restrict);
        runs.HasMany<ModelVersion>().WithOne().HasForeignKey(v => v.RunId).OnDelete(DeleteBehavior.Restrict);
        runs.HasMany<Reproduction>().WithOne().HasForeignKey(r => r.RunId).OnDelete(DeleteBehavior.Restrict);
        runs.HasMany<Prediction>().WithOne().HasForeignKey(p => p.RunId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class RunLogTable : IEntityTypeConfiguration<RunLogLine>
{
    public void Configure(EntityTypeBuilder<RunLogLine> lines)
    {
        lines.ToTable("run_log");
        lines.HasKey(l => l.RunLogLineId);
        lines.Property(l => l.RunLogLineId).UseIdentityAlwaysColumn();
        lines.HasIndex(l => new { l.RunId, l.RunLogLineId });
        lines.HasOne<Run>().WithMany().HasForeignKey(l => l.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}
