using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

namespace Titanic.Web.Pipelines;

/// <summary>The permanent record of one run of one pipeline. Hangfire forgets after a day; this table does not.</summary>
public sealed class Run
{
    public long RunId { get; init; }

    /// <summary>One of <see cref="PipelineNames"/>.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The UTC day that the run stands for; null for a backfill.</summary>
    public DateOnly? LogicalDate { get; init; }

    /// <summary>
    /// For a backfill: the file or address to read, or <see cref="RunRequest.BundledDataset"/>; for a run beside others, in words, what was sent.
    /// </summary>
    public string? Backfill { get; init; }

    /// <summary>For a backfill: what broken expectations lead to; null where nothing was said.</summary>
    public IngestionPolicy? Policy { get; init; }

    /// <summary>For training: the commit or the time whose store is learned, as it was asked; null means the newest.</summary>
    public string? AsOf { get; init; }

    /// <summary>For training: the learner of ML.NET to register instead of the K-NN; null means the K-NN.</summary>
    public string? Challenger { get; init; }

    /// <summary>Carried by its asker, beside whatever else was under way, and not in its pipeline's turn.</summary>
    public bool IsBeside { get; init; }
    public RunTrigger Trigger { get; init; }
    public RunStatus Status { get; set; }

    /// <summary>How often the run was started; more than 1 after a failure or a lost process.</summary>
    public int Attempts { get; set; }

    /// <summary>One sentence on what the run did.</summary>
    public string? Summary { get; set; }
    public Dictionary<string, long> Counts { get; set; } = [];

    /// <summary>What went wrong, for people; the log holds the details.</summary>
    public string? Error { get; set; }

    /// <summary>What was thrown, for the process that ran it; not stored.</summary>
    public Exception? Failure { get; set; }
    public required string CodeVersion { get; init; }
    public string? Host { get; set; }

    /// <summary>The Hangfire job that carries the run, so that a retry continues this record.</summary>
    public string? JobId { get; init; }
    public DateTimeOffset QueuedAt { get; init; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    public TimeSpan? Duration => EndedAt - StartedAt;
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

    /// <summary>Another run of the pipeline was under way.</summary>
    Skipped,

    /// <summary>The process was asked to stop.</summary>
    Cancelled,
}

public enum RunTrigger
{
    Schedule,
    Button,
    Api,
    CommandLine,

    /// <summary>The first start's backfill and simulated history.</summary>
    Bootstrap,
}

internal sealed class RunTable : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> runs)
    {
        runs.ToTable("runs");
        runs.HasKey(r => r.RunId);
        runs.Property(r => r.RunId).UseIdentityAlwaysColumn();
        runs.Property(r => r.Status).HasConversion<string>();
        runs.Property(r => r.Trigger).HasConversion<string>();
        runs.Property(r => r.Policy).HasConversion<string>();
        runs.Property(r => r.Counts).HasJsonColumn();
        runs.Ignore(r => r.Duration);
        runs.Ignore(r => r.Failure);
        runs.HasIndex(r => new { r.Pipeline, r.LogicalDate });
        runs.HasIndex(r => r.Pipeline).HasFilter("status = 'Running'"); // every run looks for lost ones
        runs.HasIndex(r => r.JobId).HasFilter("job_id is not null");
        // What a run wrote names its run, and the run cannot be lost while it is named.
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
