using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Pipelines;

/// <summary>How far the first start has come: one row, so that every web process can show it and no process does it twice.</summary>
public sealed class SetupProgress
{
    public int SetupProgressId { get; init; } = 1;

    /// <summary>What is being done, as a sentence for the page.</summary>
    public required string Step { get; set; }
    public int StepsDone { get; set; }
    public int StepsTotal { get; set; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Why it stopped; the next start takes it up again.</summary>
    public string? Error { get; set; }
}

internal sealed class SetupProgressTable : IEntityTypeConfiguration<SetupProgress>
{
    public void Configure(EntityTypeBuilder<SetupProgress> progress)
    {
        progress.ToTable("setup_progress", table => table.HasCheckConstraint("ck_setup_progress_one_row", "setup_progress_id = 1"));
        progress.HasKey(p => p.SetupProgressId);
        progress.Property(p => p.SetupProgressId).ValueGeneratedNever();
    }
}
