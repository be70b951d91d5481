using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>Reads the state of the drift alarms, now or as it was stored at an instant.</summary>
public sealed class DriftReader(TitanicDb db, DetectionPowerCache power)
{
    /// <summary>The looks over which the mean number of outcomes per look is computed.</summary>
    private const int VolumeLooks = 14;

    /// <summary>The falls whose detection the page describes, as shares.</summary>
    private static readonly double[] DescribedFalls = [0.1, 0.2];

    /// <summary>The state after the last look that was stored at an instant.</summary>
    /// <param name="asOf">The instant, inclusive; null means now.</param>
    /// <returns>Null if no period had started by then.</returns>
    public async Task<DriftState?> Read(DateTimeOffset? asOf, CancellationToken cancellation)
    {
        var until = asOf ?? DateTimeOffset.MaxValue;
        var period = await db.DriftPeriods.AsNoTracking()
            .Where(p => p.CreatedAt <= until)
            .OrderByDescending(p => p.PeriodId).FirstOrDefaultAsync(cancellation);
        if (period is null)
            return null;
        var looks = await db.DriftLooks.AsNoTracking()
            .Where(look => look.PeriodId == period.PeriodId && look.CreatedAt <= until).OrderBy(look => look.Number).ToListAsync(cancellation);
        return new DriftState(
            period, looks, StateOfAccuracy(period, looks),
            [.. MonitoredFeature.All.Where(feature => period.Reference.ContainsKey(feature.Name)).Select(feature => StateOf(feature, period, looks))]);
    }

    /// <summary>
    /// The day on which the accuracy alarm of the newest period was raised; null without one. The training pipeline asks for it, without the
    /// detection power that <see cref="Read"/> simulates for people.
    /// </summary>
    public Task<DateOnly?> FindAccuracyAlarm(CancellationToken cancellation) =>
        LooksOfNewestPeriod.Where(look => look.IsAccuracyAlarm).MinAsync(look => (DateOnly?)look.LogicalDate, cancellation);

    /// <summary>
    /// The first logical date of the passengers that a fall in accuracy affects: those whose outcomes arrived without delay on the estimated day
    /// of the fall. Null while no accuracy alarm is raised.
    /// </summary>
    public async Task<DateOnly?> FindFall(CancellationToken cancellation)
    {
        var looks = await LooksOfNewestPeriod.OrderBy(look => look.Number).ToListAsync(cancellation);
        if (!looks.Exists(look => look.IsAccuracyAlarm))
            return null;
        var period = await db.DriftPeriods.AsNoTracking().SingleAsync(p => p.PeriodId == looks[0].PeriodId, cancellation);
        return LikeliestFall(period, looks) is { } since
            ? since.AddDays(looks.Single(look => look.LogicalDate == since).Delays is [var shortest, ..] ? -shortest.Days : 0)
            : null;
    }

    /// <summary>The input alarms of the newest period, with the day on which each was raised.</summary>
    public async Task<IReadOnlyList<(MonitoredFeature Feature, DateOnly RaisedOn)>> FindInputAlarms(CancellationToken cancellation)
    {
        var looks = await LooksOfNewestPeriod.Where(look => look.IsInputAlarm).OrderBy(look => look.Number).ToListAsync(cancellation);
        return
        [
            .. from feature in MonitoredFeature.All
               let raised = looks.Find(look => look.Features.Any(of => of.Name == feature.Name && of.IsAlarm))
               where raised is not null
               select (feature, raised.LogicalDate),
        ];
    }

    /// <summary>The evidence of every detector at the newest look; empty before the first one.</summary>
    public async Task<IReadOnlyList<DetectorEvidence>> ReadEvidence(CancellationToken cancellation)
    {
        if (await LooksOfNewestPeriod.OrderByDescending(look => look.Number).FirstOrDefaultAsync(cancellation) is not { } newest)
            return [];
        var hasAccuracyAlarm = await FindAccuracyAlarm(cancellation) is not null;
        var inputAlarms = await FindInputAlarms(cancellation);
        return
        [
            new(DetectorEvidence.Accuracy, newest.LogValue, newest.LogThreshold, hasAccuracyAlarm),
            .. newest.Features.Select(feature => new DetectorEvidence(
                feature.Name, feature.LogValue ?? double.NegativeInfinity, feature.LogThreshold, inputAlarms.Any(alarm => alarm.Feature.Name == feature.Name))),
        ];
    }

    /// <summary>The first look of each alarm by day, oldest first, for marks on a time axis.</summary>
    /// <param name="from">The first day.</param>
    /// <param name="asOf">Only looks that were stored at this instant, inclusive; null means now.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<IReadOnlyList<RaisedAlarm>> ReadAlarms(DateOnly from, DateTimeOffset? asOf, CancellationToken cancellation) => await db.Database.SqlQuery<RaisedAlarm>(
        $"""
        select logical_date, is_accuracy_alarm and not before_accuracy as is_accuracy, is_input_alarm and not before_input as is_input
        from (
            select logical_date, is_accuracy_alarm, is_input_alarm,
                   lag(is_accuracy_alarm, 1, false) over by_look as before_accuracy, lag(is_input_alarm, 1, false) over by_look as before_input
            from drift_looks
            where {asOf}::timestamptz is null or created_at <= {asOf}
            window by_look as (partition by period_id order by number)) looks
        where logical_date >= {from} and (is_accuracy_alarm and not before_accuracy or is_input_alarm and not before_input)
        order by logical_date
        """).ToListAsync(cancellation);

    /// <summary>The first look of each new champion by day, oldest first, for marks on a time axis.</summary>
    /// <param name="from">The first day.</param>
    /// <param name="asOf">Only looks that were stored at this instant, inclusive; null means now.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<IReadOnlyList<ChampionChange>> ReadChampionChanges(DateOnly from, DateTimeOffset? asOf, CancellationToken cancellation) => await db.Database.SqlQuery<ChampionChange>(
        $"""
        select logical_date, champion_version as version
        from (
            select logical_date, champion_version, lag(champion_version) over (order by logical_date, period_id, number) as before
            from drift_looks
            where {asOf}::timestamptz is null or created_at <= {asOf}) looks
        where logical_date >= {from} and champion_version <> before
        order by logical_date
        """).ToListAsync(cancellation);

    private IQueryable<DriftLook> LooksOfNewestPeriod =>
        db.DriftLooks.AsNoTracking().Where(look => look.PeriodId == db.DriftPeriods.Max(period => (long?)period.PeriodId));

    private AccuracyState StateOfAccuracy(DriftPeriod period, List<DriftLook> looks)
    {
        var alarm = looks.Find(look => look.IsAccuracyAlarm);
        var newest = looks.LastOrDefault();
        var rowsPerLook = looks.TakeLast(VolumeLooks).Select(look => look.Rows).DefaultIfEmpty().Average();
        var since = alarm is null ? null : LikeliestFall(period, looks);
        var detector = new AccuracyDetector(AccuracyDetector.BaselineOf(period.HeldOut), period.Options);
        return new(
            detector.Baseline, newest?.LogValue ?? double.NegativeInfinity, detector.LogThreshold, alarm?.LogicalDate, since, FirstPredicted(looks, since),
            new Proportion(looks.Sum(look => look.Correct), looks.Sum(look => look.Rows)), OutcomeDelays.Of(looks.SelectMany(look => look.Delays)), rowsPerLook,
            rowsPerLook == 0 ? [] : [.. DescribedFalls.Select(fall => period.HeldOut.Value!.Value - fall).Where(accuracy => accuracy > 0)
                .Select(accuracy => power.Get(period.HeldOut, period.Options, rowsPerLook, accuracy))]);
    }

    /// <summary>The first logical date of the predictions that the looks since a day have counted: outcomes can arrive late.</summary>
    private static DateOnly? FirstPredicted(IEnumerable<DriftLook> looks, DateOnly? since) => looks
        .Where(look => look.LogicalDate >= since).Min(look => look.Delays is [.., var longest] ? look.LogicalDate.AddDays(-longest.Days) : (DateOnly?)null);

    /// <summary>The first look of the part of the period whose outcomes are least likely with the accuracy p0: the maximum likelihood estimate.</summary>
    private static DateOnly? LikeliestFall(DriftPeriod period, List<DriftLook> looks)
    {
        var baseline = AccuracyDetector.BaselineOf(period.HeldOut);
        var (best, since) = (0.0, (DateOnly?)null);
        var (correct, rows) = (0, 0);
        for (var start = looks.Count - 1; start >= 0; start--)
        {
            (correct, rows) = (correct + looks[start].Correct, rows + looks[start].Rows);
            var accuracy = rows == 0 ? 1 : (double)correct / rows;
            if (accuracy >= baseline)
                continue;
            var logRatio = (correct == 0 ? 0 : correct * Math.Log(accuracy / baseline)) + ((rows - correct) * Math.Log((1 - accuracy) / (1 - baseline)));
            if (logRatio > best)
                (best, since) = (logRatio, looks[start].LogicalDate);
        }
        return since;
    }

    private static FeatureState StateOf(MonitoredFeature feature, DriftPeriod period, List<DriftLook> looks)
    {
        var reference = period.Reference[feature.Name];
        var byDay = looks.Select(look => (look.LogicalDate, Look: look.Features.Single(of => of.Name == feature.Name))).Where(day => day.Look.Bins.Any(n => n > 0)).ToList();
        var alarm = byDay.Find(day => day.Look.IsAlarm);
        var change = alarm.Look is null ? 0 : new InputDetector(reference, null, [.. byDay.Select(day => day.Look.Bins)]).LikeliestChange;
        var current = FeatureLook.SumRows(byDay.Skip(change).Select(day => day.Look), feature);
        var newest = byDay.LastOrDefault().Look;
        return new(
            feature, newest?.LogValue ?? double.NegativeInfinity, InputDetector.LogThreshold(period.Options, period.Reference.Count),
            alarm.Look is null ? null : alarm.LogicalDate, alarm.Look is null ? null : byDay[change].LogicalDate,
            byDay.Count == 0 ? null : byDay[change].LogicalDate, reference, current, EffectSizes.Of(reference, current));
    }
}

/// <summary>The state of the drift alarms after the last of <paramref name="Looks"/>.</summary>
public sealed record DriftState(DriftPeriod Period, IReadOnlyList<DriftLook> Looks, AccuracyState Accuracy, IReadOnlyList<FeatureState> Features)
{
    /// <summary>The first day of an alarm of any feature; null without one.</summary>
    public DateOnly? InputAlarm => Features.Min(feature => feature.Alarm);
}

/// <summary>The accuracy alarm.</summary>
/// <param name="Baseline">p0: no alarm is wanted while the accuracy is at least this.</param>
/// <param name="LogValue">ln of the evidence; -∞ before the first outcome.</param>
/// <param name="LogThreshold">ln of the evidence that raises the alarm.</param>
/// <param name="Alarm">The day of the alarm; null without one.</param>
/// <param name="Since">Estimated day of the fall; null without an alarm.</param>
/// <param name="FirstPredicted">First logical date of the predictions whose outcomes arrived since then; null without an alarm.</param>
/// <param name="Realized">Correct predictions of the period with a known outcome.</param>
/// <param name="Delays">Delays of the outcomes of the period; null unless both outcomes have a row.</param>
/// <param name="RowsPerLook">Mean number of outcomes of the newest looks.</param>
/// <param name="Power">How soon falls are found at this volume; empty without outcomes.</param>
public sealed record AccuracyState(
    double Baseline, double LogValue, double LogThreshold, DateOnly? Alarm, DateOnly? Since, DateOnly? FirstPredicted, Proportion Realized, OutcomeDelays? Delays,
    double RowsPerLook, IReadOnlyList<DetectionPower> Power);

/// <summary>The alarm of one feature.</summary>
/// <param name="LogValue">ln of the evidence; -∞ before the first row.</param>
/// <param name="LogThreshold">ln of the evidence that raises the alarm.</param>
/// <param name="Alarm">The day of the alarm; null without one.</param>
/// <param name="Since">Estimated day of the change; null without an alarm.</param>
/// <param name="CurrentFrom">First day of the current rows: the change, or without an alarm the start of the period; null without rows.</param>
/// <param name="Reference">Training rows by category.</param>
/// <param name="Current">New rows by category.</param>
/// <param name="Effect">Null without new rows.</param>
public sealed record FeatureState(
    MonitoredFeature Feature, double LogValue, double LogThreshold, DateOnly? Alarm, DateOnly? Since, DateOnly? CurrentFrom,
    IReadOnlyList<long> Reference, IReadOnlyList<long> Current, EffectSizes? Effect);

/// <summary>The evidence of one detector.</summary>
/// <param name="Detector"><see cref="Accuracy"/>, or the name of a <see cref="MonitoredFeature"/>.</param>
/// <param name="LogValue">ln of the evidence; -∞ before the first row.</param>
/// <param name="LogThreshold">ln of the evidence that raises the alarm.</param>
/// <param name="IsAlarm">Whether the alarm is raised in this period.</param>
public sealed record DetectorEvidence(string Detector, double LogValue, double LogThreshold, bool IsAlarm)
{
    public const string Accuracy = "accuracy";
}

/// <summary>A day on which an alarm was raised.</summary>
public sealed record RaisedAlarm(DateOnly LogicalDate, bool IsAccuracy, bool IsInput)
{
    /// <summary>The kind of the alarm as text.</summary>
    public string Name => (IsAccuracy, IsInput) switch
    {
        (true, true) => "accuracy and input alarm",
        (true, false) => "accuracy alarm",
        _ => "input alarm",
    };
}

/// <summary>The first day on which a version was the champion.</summary>
public sealed record ChampionChange(DateOnly LogicalDate, int Version);

/// <summary>Keeps computed detection powers: a simulation takes about 0.1 s, and pages ask for the same ones all day.</summary>
public sealed class DetectionPowerCache
{
    private const int MaximumEntries = 200;

    private readonly ConcurrentDictionary<(Proportion HeldOut, double Rate, int Horizon, string Falls, double Rows, double Accuracy), DetectionPower> _computed = new();

    /// <inheritdoc cref="DetectionPower.Of"/>
    public DetectionPower Get(Proportion heldOut, DriftOptions options, double rowsPerDay, double accuracy)
    {
        if (_computed.Count >= MaximumEntries)
            _computed.Clear();
        var falls = string.Join(' ', options.Falls.Select(fall => BitConverter.DoubleToInt64Bits(fall)));
        return _computed.GetOrAdd(
            (heldOut, options.FalseAlarmRate, options.HorizonDays, falls, rowsPerDay, accuracy), _ => DetectionPower.Of(heldOut, options, rowsPerDay, accuracy));
    }
}
