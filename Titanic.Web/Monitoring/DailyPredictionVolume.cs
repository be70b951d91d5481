using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>Updates <see cref="DailyPredictionVolume"/>.</summary>
public sealed class PredictionVolumeRollup(NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>
    /// Prediction ids are assigned before the rows are committed, so a row with a smaller id can appear after a row with a larger id was
    /// counted. A day is settled only when it ended at least this long ago, which is longer than any transaction takes.
    /// </summary>
    private static readonly TimeSpan _settlingTime = TimeSpan.FromMinutes(15);

    // Exact numeric sums: floating-point sums depend on the order of the rows, which a parallel aggregate does not keep.
    private const string CountDueDays =
        """
        with due as materialized (
            select @day::date as logical_date
            union
            select logical_date from daily_answers where not is_settled
            union
            select logical_date from predictions
            where prediction_id > coalesce((select max(last_prediction_id) from daily_answers), 0)
        ), counted as (
            select a.logical_date, a.source, count(*) as answers, count(*) filter (where a.survived) as surviving,
                   sum(a.probability::numeric)::float8 as probability_sum, max(a.prediction_id) as last_prediction_id
            from predictions a
            where a.logical_date in (select logical_date from due)
            group by a.logical_date, a.source
        ), written as (
            insert into daily_answers as d (logical_date, source, answers, surviving, probability_sum, last_prediction_id, is_settled)
            select c.*, c.logical_date < @settled_before from counted c
            on conflict (logical_date, source) do update
            set answers = excluded.answers, surviving = excluded.surviving, probability_sum = excluded.probability_sum,
                last_prediction_id = excluded.last_prediction_id, is_settled = excluded.is_settled
            where (d.answers, d.surviving, d.probability_sum, d.last_prediction_id, d.is_settled)
                is distinct from (excluded.answers, excluded.surviving, excluded.probability_sum, excluded.last_prediction_id, excluded.is_settled)
        )
        select distinct c.logical_date
        from counted c
        left join daily_answers before using (logical_date, source)
        where (before.answers, before.surviving, before.probability_sum, before.last_prediction_id)
            is distinct from (c.answers, c.surviving, c.probability_sum, c.last_prediction_id)
        order by 1
        """;

    /// <summary>Counts a day, and all other days that have new predictions or are not settled. Counting again changes nothing.</summary>
    /// <returns>The days whose counts are new or changed.</returns>
    public async Task<IReadOnlyList<DateOnly>> Refresh(DateOnly day, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(CountDueDays);
        command.Parameters.AddWithValue("day", day);
        command.Parameters.AddWithValue("settled_before", DateOnly.FromDateTime((clock.GetUtcNow() - _settlingTime).UtcDateTime));
        var days = new List<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            days.Add(reader.GetFieldValue<DateOnly>(0));
        return days;
    }
}

/// <summary>
/// The predictions of one day and source: the roll-up from which the dashboard shows prediction traffic without reading the predictions of
/// settled days.
/// </summary>
public sealed class DailyPredictionVolume
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>One of <see cref="PredictionSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Number of predictions.</summary>
    public long Predictions { get; init; }

    /// <summary>Number of predictions of the class "survived".</summary>
    public long Surviving { get; init; }

    /// <summary>Sum of the predicted probabilities of survival.</summary>
    public double ProbabilitySum { get; init; }

    /// <summary>The newest counted prediction; a later one makes the day due again.</summary>
    public long LastPredictionId { get; init; }

    /// <summary>Whether the day and all of its transactions had ended when it was counted.</summary>
    public bool IsSettled { get; init; }
}

internal sealed class DailyPredictionVolumeTable : IEntityTypeConfiguration<DailyPredictionVolume>
{
    public void Configure(EntityTypeBuilder<DailyPredictionVolume> days)
    {
        days.ToTable("daily_answers");
        days.HasKey(d => new { d.LogicalDate, d.Source });
        days.Property(d => d.Predictions).HasColumnName("answers");
        days.HasIndex(d => d.LastPredictionId);
    }
}
