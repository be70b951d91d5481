using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.WhatIf;

/// <summary>Reads the what-if history of a window.</summary>
public sealed class WhatIfReports(TitanicDb db, NpgsqlDataSource postgres, WhatIfRows rows, IOptions<GatePolicy> gate)
{
    /// <summary>
    /// Sums the daily totals of the window, and counts the days that have changed since. With a point in time, counts all days from the
    /// predictions and outcomes that were stored by then; the window then has at most <see cref="PerformanceReports.MaximumDays"/> days.
    /// </summary>
    /// <exception cref="InvalidDataException">The artifact of a version is corrupt.</exception>
    public async Task<WhatIfReport> Read(PerformanceQuery query, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        var (from, to) = (query.Window.From, query.Window.To);
        var uncounted = query.AsOf is null
            ? (await WhatIfRollup.ReadDueDays(connection, null, cancellation)).FindAll(day => !(day < from || day > to))
            : [.. Enumerable.Range(0, query.Window.Days).Select(from!.Value.AddDays)];
        var totals = query.AsOf is null ? await ReadTotals(query.Window, uncounted, cancellation) : [.. ServingPolicies.All.Select(_ => PolicyCounts.None)];
        foreach (var day in uncounted)
        {
            var counts = await rows.Count(connection, day, query.AsOf?.CommitId, query.Rows.AsOf, cancellation);
            for (var policy = 0; policy < totals.Length; policy++)
                totals[policy] += counts[policy];
        }
        return WhatIfReport.Of(totals, gate.Value);
    }

    private async Task<PolicyCounts[]> ReadTotals(PerformanceWindow window, List<DateOnly> without, CancellationToken cancellation)
    {
        var totals = await db.DailyPolicyPerformance
            .Where(day => (window.From == null || day.LogicalDate >= window.From) && (window.To == null || day.LogicalDate <= window.To) && !without.Contains(day.LogicalDate))
            .GroupBy(day => day.Policy)
            .Select(days => new
            {
                Policy = days.Key,
                Counts = new PolicyCounts(
                    days.Sum(day => day.Rows), days.Sum(day => day.Correct), days.Sum(day => day.OnlyServedCorrect), days.Sum(day => day.OnlyPolicyCorrect),
                    days.Sum(day => day.SquaredError), days.Sum(day => day.LeftOut)),
            })
            .ToDictionaryAsync(of => of.Policy, of => of.Counts, cancellation);
        return [.. ServingPolicies.All.Select(policy => totals.GetValueOrDefault(policy, PolicyCounts.None))];
    }
}

/// <summary>The live predictions of a window under each policy.</summary>
/// <param name="Policies">In the order of <see cref="ServingPolicies.All"/>; all have the same number of rows.</param>
/// <param name="MinimumDiscordantRows">Below this number of predictions that are correct only one way, no difference is significant.</param>
public sealed record WhatIfReport(IReadOnlyList<PolicyPerformance> Policies, int MinimumDiscordantRows)
{
    /// <summary>The predictions as they were served.</summary>
    public PolicyPerformance Served => Policies[0];

    /// <param name="counts">The counts of <see cref="ServingPolicies.All"/>, in this order.</param>
    internal static WhatIfReport Of(IReadOnlyList<PolicyCounts> counts, GatePolicy gate) =>
        new([.. ServingPolicies.All.Zip(counts, (policy, of) => PolicyPerformance.Of(policy, of, gate))], gate.MinimumDiscordantRows);
}

/// <summary>The performance under one policy.</summary>
/// <param name="Policy">served, gate, newest or first.</param>
/// <param name="Rows">Number of compared predictions; the same for all policies.</param>
/// <param name="Accuracy">With its 95% interval; the value is null without rows.</param>
/// <param name="Brier">Brier score: mean squared error of the probability, 0 (best) to 1; null without rows.</param>
/// <param name="Difference">The paired comparison with what was served; null for <c>served</c>.</param>
/// <param name="LeftOut">
/// Live predictions with a known outcome that are not compared, because the version of this policy has learned the passenger or because no
/// version was registered yet; for <c>served</c>, because of any policy.
/// </param>
public sealed record PolicyPerformance(string Policy, int Rows, MetricValue Accuracy, double? Brier, PolicyDifference? Difference, int LeftOut)
{
    internal static PolicyPerformance Of(string policy, PolicyCounts counts, GatePolicy gate) => new(
        policy, counts.Rows, MetricValue.Of(new Proportion(counts.Correct, counts.Rows)), counts.Rows == 0 ? null : counts.SquaredError / counts.Rows,
        policy == ServingPolicies.Served ? null : PolicyDifference.Of(policy, counts, gate), counts.LeftOut);
}

/// <summary>A policy compared with what was served, on the same predictions.</summary>
/// <param name="BothRight">Predictions that are correct as served and under the policy.</param>
/// <param name="OnlyServedRight">Predictions that are correct only as served.</param>
/// <param name="OnlyPolicyRight">Predictions that are correct only under the policy.</param>
/// <param name="BothWrong">Predictions that are wrong both ways.</param>
/// <param name="PValue">Two-sided p-value of the exact McNemar test, 0..1.</param>
/// <param name="AccuracyGain">Accuracy of the policy minus that of what was served, with Tango's 95% interval; null without rows.</param>
/// <param name="Better">
/// <c>served</c> or the policy, if the difference is significant as in the promotion gate, which requires a minimum number of predictions that are correct only one
/// way; null if it is not.
/// </param>
public sealed record PolicyDifference(int BothRight, int OnlyServedRight, int OnlyPolicyRight, int BothWrong, double PValue, MetricValue? AccuracyGain, string? Better)
{
    internal static PolicyDifference Of(string policy, PolicyCounts counts, GatePolicy gate)
    {
        var bothRight = counts.Correct - counts.OnlyPolicyCorrect;
        var paired = new PairedComparison(
            bothRight, counts.OnlyServedCorrect, counts.OnlyPolicyCorrect, counts.Rows - bothRight - counts.OnlyServedCorrect - counts.OnlyPolicyCorrect);
        var isSignificant = PromotionGate.IsSignificant(paired.OnlyFirstCorrect, paired.OnlySecondCorrect, paired.McNemarPValue, gate);
        return new PolicyDifference(
            paired.BothCorrect, paired.OnlyFirstCorrect, paired.OnlySecondCorrect, paired.BothWrong, paired.McNemarPValue,
            paired.GainInterval() is { } interval ? new MetricValue(paired.AccuracyGain, interval.Lower, interval.Upper) : null,
            !isSignificant ? null : paired.OnlySecondCorrect > paired.OnlyFirstCorrect ? policy : ServingPolicies.Served);
    }
}
