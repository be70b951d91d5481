using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>
/// Evaluates the drift detectors once for each logical date. A period of the detectors ends, and the next one starts with the champion of
/// that time,
/// <list type="bullet">
/// <item>at the end of its horizon,</item>
/// <item>when a champion has training rows in this store after an imported one,</item>
/// <item>when a version is promoted while the accuracy alarm is raised: the next period tells whether the new champion is better,</item>
/// <item>when the settings change.</item>
/// </list>
/// Any other promotion does not end it, because a detector that starts anew with every version would never see enough rows.
/// </summary>
public sealed class DriftMonitor(TitanicDb db, DriftRows rows, ModelRegistry registry, IOptions<DriftOptions> options, IOptions<StreamOptions> stream)
{
    /// <summary>Adds the look of a day, or starts the first period.</summary>
    /// <param name="day">The day.</param>
    /// <param name="clock">Gives the time of storing.</param>
    /// <param name="cancellation">Cancels and rolls back the look.</param>
    /// <returns>A summary; null if there is no champion, or if the look of this or a later day exists.</returns>
    public async Task<string?> Look(DateOnly day, TimeProvider clock, CancellationToken cancellation)
    {
        // One snapshot: a row must not be counted in two looks or in none.
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var period = await db.DriftPeriods.SingleOrDefaultAsync(p => p.EndedOn == null, cancellation);
        List<DriftLook> looks = period is null
            ? []
            : await db.DriftLooks.AsNoTracking().Where(look => look.PeriodId == period.PeriodId).OrderBy(look => look.Number).ToListAsync(cancellation);
        if (day <= (looks is [.., var newest] ? newest.LogicalDate : period?.StartedOn) || await registry.FindChampion(cancellation) is not { } champion)
            return null;
        string? summary = null;
        DriftPeriod? started = null;
        if (period is null)
        {
            started = await Start(champion, day, "First monitoring run with a champion.", null, cancellation);
        }
        else
        {
            var look = await Evaluate(period, looks, champion.Version, day, cancellation);
            look.CreatedAt = clock.GetUtcNow();
            db.DriftLooks.Add(look);
            summary = Describe(look, looks);
            if (ReasonToRestart(period, [.. looks, look], champion) is { } reason)
            {
                period.EndedOn = day;
                await db.SaveChangesAsync(cancellation);
                // After an alarm only the predictions of the new champion count; else an outcome counts whenever it arrives.
                long? uncounted = AlarmOfReplacedChampion([.. looks, look]) is null ? period.LastUncountedPredictionId : null;
                started = await Start(champion, day, reason, uncounted, cancellation);
            }
        }
        if (started is not null)
        {
            started.CreatedAt = clock.GetUtcNow();
            db.DriftPeriods.Add(started);
            summary = $"{summary} Drift detectors started with version {started.ModelVersion}. {started.Reason}".TrimStart();
        }
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return summary;
    }

    /// <summary>Computes all looks of a period again from the predictions and outcomes, to compare them with the stored looks.</summary>
    public async Task<IReadOnlyList<DriftLook>> Recompute(long periodId, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var period = await db.DriftPeriods.AsNoTracking().SingleAsync(p => p.PeriodId == periodId, cancellation);
        var looks = new List<DriftLook>();
        foreach (var stored in await db.DriftLooks.AsNoTracking().Where(look => look.PeriodId == periodId).OrderBy(look => look.Number).ToListAsync(cancellation))
        {
            var range = new DriftRange(period, looks.LastOrDefault(), stored.AsOfCommitId, stored.LastPredictionId);
            looks.Add(Compute(period, looks, stored.ChampionVersion, stored.LogicalDate, await rows.Read(range, cancellation)));
        }
        return looks;
    }

    private async Task<DriftLook> Evaluate(DriftPeriod period, List<DriftLook> looks, int champion, DateOnly day, CancellationToken cancellation)
    {
        var (commit, prediction) = await rows.Newest(cancellation);
        return Compute(period, looks, champion, day, await rows.Read(new DriftRange(period, looks.LastOrDefault(), commit, prediction), cancellation));
    }

    private static DriftLook Compute(DriftPeriod period, IReadOnlyList<DriftLook> looks, int champion, DateOnly day, DriftWindow window)
    {
        var settings = period.Options;
        var accuracy = new AccuracyDetector(AccuracyDetector.BaselineOf(period.HeldOut), settings, looks.LastOrDefault()?.LogStatistics);
        var correct = window.Labeled.Count(row => row.IsCorrect);
        accuracy.Add(correct, window.Labeled.Count);
        var threshold = period.Reference.Count == 0 ? 0 : InputDetector.LogThreshold(settings, period.Reference.Count);
        FeatureLook[] features =
        [
            .. MonitoredFeature.All.Where(feature => period.Reference.ContainsKey(feature.Name)).Select(feature =>
            {
                int[] categories = feature == MonitoredFeature.Outcome
                    ? [.. window.Labeled.Select(row => feature.CategoryOf(row.Row))]
                    : [.. window.Predicted.Select(feature.CategoryOf)];
                var earlier = looks.Select(look => look.Features.Single(of => of.Name == feature.Name)).ToList();
                var detector = new InputDetector(period.Reference[feature.Name], FeatureLook.SumRows(earlier, feature), [.. earlier.Where(of => of.Bins.Any(n => n > 0)).Select(of => of.Bins)]);
                var bins = detector.Add(categories, SeededRandom.For(period.Seed, $"drift {period.PeriodId} {feature.Name}", day));
                return new FeatureLook(feature.Name, CountRows(categories, feature), bins, double.IsFinite(detector.LogValue) ? detector.LogValue : null, threshold);
            }),
        ];
        return new DriftLook
        {
            PeriodId = period.PeriodId,
            LogicalDate = day,
            Number = looks.Count + 1,
            ChampionVersion = champion,
            AsOfCommitId = window.AsOfCommitId,
            LastPredictionId = window.LastPredictionId,
            Rows = window.Labeled.Count,
            Correct = correct,
            Delays =
            [
                .. window.Labeled.GroupBy(row => row.DelayDays).OrderBy(rows => rows.Key)
                    .Select(rows => new DelayedOutcomes(rows.Key, rows.Count(row => !row.Row.Survived), rows.Count(row => row.Row.Survived))),
            ],
            LogStatistics = [.. accuracy.LogStatistics],
            LogValue = accuracy.LogValue,
            LogThreshold = accuracy.LogThreshold,
            Features = features,
            IsAccuracyAlarm = accuracy.IsAlarm,
            IsInputAlarm = features.Any(feature => feature.IsAlarm),
        };
    }

    private static DriftLook? AlarmOfReplacedChampion(List<DriftLook> looks) =>
        looks.Find(look => look.IsAccuracyAlarm) is { } alarm && looks[^1].ChampionVersion != alarm.ChampionVersion ? alarm : null;

    private string? ReasonToRestart(DriftPeriod period, List<DriftLook> looks, ModelVersion champion)
    {
        if (AlarmOfReplacedChampion(looks) is { } alarm)
            return $"Version {looks[^1].ChampionVersion} was promoted after the accuracy alarm of {Format.Date(alarm.LogicalDate)}.";
        if (looks.Count >= period.HorizonDays)
            return $"The horizon of {Quantity.Of(period.HorizonDays, "look")} ended.";
        if (period.Reference.Count == 0 && champion.TrainingDatasetId is not null)
            return $"Version {champion.Version} is the first champion whose training rows are in this store.";
        return period.HasOptions(options.Value) ? null : $"The settings {DriftOptions.Section} were changed.";
    }

    /// <param name="uncounted">See <see cref="DriftPeriod.LastUncountedPredictionId"/>; null means the newest prediction.</param>
    private async Task<DriftPeriod> Start(ModelVersion champion, DateOnly day, string reason, long? uncounted, CancellationToken cancellation)
    {
        var heldOut = HeldOut(champion);
        var (commit, prediction) = await rows.Newest(cancellation);
        return new DriftPeriod
        {
            StartedOn = day,
            Reason = reason,
            ModelVersion = champion.Version,
            HeldOutCorrect = heldOut.Successes,
            HeldOutRows = heldOut.Trials,
            Reference = await rows.ReadReference(champion, cancellation),
            FalseAlarmRate = options.Value.FalseAlarmRate,
            HorizonDays = options.Value.HorizonDays,
            AccuracyFalls = options.Value.Falls,
            Seed = stream.Value.Seed,
            LastPredictionId = prediction,
            LastUncountedPredictionId = uncounted ?? prediction,
            AsOfCommitId = commit,
        };
    }

    /// <summary>
    /// Correct predictions of the champion's first evaluation, a cross-validation, which predicts each row once in each repeat: the mean of
    /// the repeats, rounded down.
    /// </summary>
    private static Proportion HeldOut(ModelVersion champion)
    {
        var confusion = champion.Evaluations[0].Confusion;
        return new((int)Math.Floor(confusion.TrueNegatives + confusion.TruePositives), champion.Evaluations[0].Rows);
    }

    private static int[] CountRows(IEnumerable<int> categories, MonitoredFeature feature)
    {
        var counts = new int[feature.Categories.Count];
        foreach (var category in categories)
            counts[category]++;
        return counts;
    }

    private static string Describe(DriftLook look, List<DriftLook> earlier)
    {
        var before = earlier.SelectMany(of => of.Features).Where(of => of.IsAlarm).Select(of => of.Name).ToHashSet();
        string[] raised = [.. MonitoredFeature.All.Where(feature => look.Features.Any(of => of.Name == feature.Name && of.IsAlarm) && !before.Contains(feature.Name)).Select(feature => feature.Title)];
        string?[] parts =
        [
            $"Drift detectors evaluated with {Quantity.Of(look.Rows, "new outcome")}.",
            look.IsAccuracyAlarm && !earlier.Exists(of => of.IsAccuracyAlarm) ? "Accuracy alarm raised." : null,
            raised.Length > 0 ? $"Input alarm raised: {string.Join(", ", raised)}." : null,
        ];
        return string.Join(' ', parts.OfType<string>());
    }
}
