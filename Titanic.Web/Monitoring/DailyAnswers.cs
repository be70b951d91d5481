using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>
/// One day's answers to one kind of asker: the roll-up by which the dashboard tells who asks, what they are told, and how the questions
/// shift, without reading the answers of days that are over.
/// </summary>
public sealed class DailyAnswers
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>One of <see cref="PredictionSources"/>.</summary>
    public required string Source { get; init; }
    public long Answers { get; init; }

    /// <summary>Answers that say "survived".</summary>
    public long Surviving { get; init; }

    /// <summary>Sum of the probabilities of survival.</summary>
    public double ProbabilitySum { get; init; }

    /// <summary>The newest answer counted; a later one makes the day due again.</summary>
    public long LastPredictionId { get; init; }

    /// <summary>The day was over when it was counted, and every transaction of it.</summary>
    public bool IsSettled { get; init; }
}

internal sealed class DailyAnswersTable : IEntityTypeConfiguration<DailyAnswers>
{
    public void Configure(EntityTypeBuilder<DailyAnswers> days)
    {
        days.ToTable("daily_answers");
        days.HasKey(d => new { d.LogicalDate, d.Source });
        days.HasIndex(d => d.LastPredictionId);
    }
}
