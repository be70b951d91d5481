using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Registry;

/// <summary>
/// Decides whether a new version takes over. The policy is non-inferiority: fresh data are worth having, so a version takes over when
/// the rows rule out that it is worse by the margin; one that is shown to be worse, than the champion or than a rule that anybody could
/// apply, is refused; where the rows cannot tell, the champion stays.
/// </summary>
public static class PromotionGate
{
    /// <summary>For a version that somebody asked for: it is held beside the champion, but never takes over by itself.</summary>
    public static GateDecision Hold(GateEvidence evidence) => new(Verdict.Hold, "Registered because asked; not judged for service.", evidence);

    /// <summary>Which version the successors of a champion are held against besides itself. Whoever a person put in service sets a new standard.</summary>
    public static int YardstickOf(ModelVersion champion) =>
        champion.Gate is { Verdict: Verdict.Promote, Yardstick: { } yardstick } ? yardstick : champion.Version;

    public static GateDecision Decide(GateEvidence evidence, GatePolicy policy)
    {
        if (evidence.Rows < policy.MinimumRows)
            return Decision(Verdict.Hold, Invariant($"{evidence.Rows} labelled rows are too few to judge; at least {policy.MinimumRows} are needed."));
        var baseline = FailedBaseline(evidence, policy);
        if (baseline is { Verdict: Verdict.Reject } refused)
            return Decision(Verdict.Reject, refused.Reason);
        if (evidence.Champion is not { } champion)
            return baseline is { } doubt ? Decision(Verdict.Hold, doubt.Reason) : Decision(Verdict.Promote, Invariant($"There is no champion yet, and the version beats the baselines on {evidence.Rows} rows."));
        var (live, yardstick) = (evidence.Live, evidence.Yardstick);
        var isBetterLive = live is not null && IsBetter(live, policy);
        var isWorse = IsWorse(champion, policy);
        return (isWorse, isBetterLive) switch
        {
            (true, true) => Decision(Verdict.Hold, $"The evidence disagrees, and a person has to decide: worse than champion {Told(champion, "held-out", policy)}, but better live: {Told(live!, "live", policy)}."),
            (true, false) => Decision(Verdict.Reject, $"Significantly worse than champion {Told(champion, "held-out", policy)}."),
            _ when live is not null && IsWorse(live, policy) => Decision(Verdict.Reject, $"Significantly worse than champion {Told(live, "live", policy)}."),
            _ when HasWorseProbabilities(champion, policy) => Decision(Verdict.Reject, $"Its probabilities are worse than those of champion version {champion.Version}: the Brier score is higher by {Number(champion.BrierDifference!.Value)} ({Number(champion.BrierDifference.Low)} to {Number(champion.BrierDifference.High)}), more than {Number(policy.BrierMargin)}."),
            _ when baseline is { } doubt => Decision(Verdict.Hold, doubt.Reason),
            (false, true) => Decision(Verdict.Promote, $"Significantly better than champion {Told(live!, "live", policy)}."),
            _ when !IsNotWorse(champion, policy) => Decision(Verdict.Hold, $"Not enough evidence: a loss of {Points(policy.Margin)} points cannot be ruled out against champion {Told(champion, "held-out", policy)}."),
            _ when yardstick is not null && IsWorse(yardstick, policy) => Decision(Verdict.Reject, $"Not worse than the champion, but significantly worse than the best one before, {Told(yardstick, "held-out", policy)}."),
            _ when yardstick is not null && !IsNotWorse(yardstick, policy) => Decision(Verdict.Hold, $"Not worse than the champion, but many such steps must not add up: a loss of {Points(policy.Margin)} points cannot be ruled out against the best one before, {Told(yardstick, "held-out", policy)}."),
            _ => Decision(Verdict.Promote, $"{(IsBetter(champion, policy) ? "Significantly better than" : "Not worse than")} champion {Told(champion, "held-out", policy)}; a loss of {Points(policy.Margin)} points is ruled out."),
        };

        GateDecision Decision(Verdict verdict, string reason) =>
            new(verdict, reason, evidence with { Policy = policy }, verdict == Verdict.Promote ? NextYardstick(evidence, policy) : null);
    }

    /// <summary>A version that is better than the yardstick becomes it.</summary>
    private static int? NextYardstick(GateEvidence evidence, GatePolicy policy) =>
        (evidence.Yardstick ?? evidence.Champion) is { } before && !IsBetter(before, policy) ? before.Version : null;

    private static (Verdict Verdict, string Reason)? FailedBaseline(GateEvidence evidence, GatePolicy policy)
    {
        foreach (var baseline in evidence.Baselines ?? [])
        {
            if (baseline.OnlyCandidateRight > baseline.OnlyBaselineRight)
                continue;
            var rows = Invariant($"of {evidence.Rows} rows {baseline.OnlyCandidateRight} were right only for this version and {baseline.OnlyBaselineRight} only for “{baseline.Name}” (exact McNemar p = {baseline.PValue:0.0000})");
            var isNoModel = baseline.OnlyBaselineRight == 0;
            return isNoModel || IsSignificant(baseline.OnlyCandidateRight, baseline.OnlyBaselineRight, baseline.PValue, policy)
                ? (Verdict.Reject, isNoModel ? $"It answers as the baseline “{baseline.Name}” does: {rows}." : $"Significantly worse than a baseline: {rows}.")
                : (Verdict.Hold, $"Not shown to beat a baseline: {rows}.");
        }
        return null;
    }

    private static bool IsWorse(ChampionComparison other, GatePolicy policy) =>
        other.OnlyCandidateRight < other.OnlyChampionRight && IsSignificant(other.OnlyCandidateRight, other.OnlyChampionRight, other.PValue, policy);

    private static bool IsBetter(ChampionComparison other, GatePolicy policy) =>
        other.OnlyCandidateRight > other.OnlyChampionRight && IsSignificant(other.OnlyCandidateRight, other.OnlyChampionRight, other.PValue, policy);

    private static bool IsSignificant(int only, int onlyOther, double pValue, GatePolicy policy) =>
        only + onlyOther >= policy.MinimumDiscordantRows && pValue < policy.SignificanceLevel;

    private static bool IsNotWorse(ChampionComparison other, GatePolicy policy) => other.AccuracyGain?.Low > -policy.Margin;

    private static bool HasWorseProbabilities(ChampionComparison other, GatePolicy policy) => other.BrierDifference?.Low > policy.BrierMargin;

    private static string Told(ChampionComparison other, string rows, GatePolicy policy) => Invariant(
        $"version {other.Version}: of {other.Rows} identical {rows} rows {other.OnlyCandidateRight} were right only for this version and {other.OnlyChampionRight} only for version {other.Version}, a difference of {Signed(other.AccuracyGain?.Value)} points ({100 * (1 - policy.SignificanceLevel):0.##} % interval {Signed(other.AccuracyGain?.Low)} to {Signed(other.AccuracyGain?.High)}; exact McNemar p = {other.PValue:0.0000})");

    private static string Points(double share) => (100 * share).ToString("0.##", CultureInfo.InvariantCulture);

    private static string Signed(double? share) => (100 * share)?.ToString("+0.##;−0.##;0", CultureInfo.InvariantCulture) ?? "?";

    private static string Number(double? value) => value?.ToString("0.0000;−0.0000;0", CultureInfo.InvariantCulture) ?? "?";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>Configuration section <c>Registry:Gate</c>: how much the gate wants to know, and how much a version may lose. Stored with each decision.</summary>
public sealed record GatePolicy
{
    public const string Section = "Registry:Gate";

    /// <summary>A version takes over when a loss of accuracy of this size (0..1) or more is ruled out.</summary>
    public double Margin { get; init; } = 0.02;

    /// <summary>Two-sided, of McNemar's test and of the intervals: half of it lies in the direction of harm.</summary>
    public double SignificanceLevel { get; init; } = 0.05;

    /// <summary>Below so many rows no comparison is worth its name, and the champion stays.</summary>
    public int MinimumRows { get; init; } = 100;

    /// <summary>
    /// Below so many rows that only one of two models answers right, neither is called better or worse. Six is where the exact test can
    /// first fall below 5 %.
    /// </summary>
    public int MinimumDiscordantRows { get; init; } = 6;

    /// <summary>A version whose Brier score is worse by more than this, with all of its interval, is refused however its answers come out.</summary>
    public double BrierMargin { get; init; } = 0.01;

    public IEnumerable<string> Problems()
    {
        if (Margin is not (> 0 and < 1))
            yield return FormattableString.Invariant($"Margin is {Margin}; it must be more than 0 and less than 1.");
        if (SignificanceLevel is not (>= 0.0001 and <= 0.5))
            yield return FormattableString.Invariant($"SignificanceLevel is {SignificanceLevel}; it must be 0.0001 to 0.5.");
        if (MinimumRows < 1)
            yield return FormattableString.Invariant($"MinimumRows is {MinimumRows}; it must be at least 1.");
        if (MinimumDiscordantRows < 1)
            yield return FormattableString.Invariant($"MinimumDiscordantRows is {MinimumDiscordantRows}; it must be at least 1.");
        if (BrierMargin is not (>= 0 and < 1))
            yield return FormattableString.Invariant($"BrierMargin is {BrierMargin}; it must be at least 0 and less than 1.");
    }

    internal sealed class Validator : IValidateOptions<GatePolicy>
    {
        public ValidateOptionsResult Validate(string? name, GatePolicy policy)
        {
            string[] problems = [.. policy.Problems().Select(problem => $"Configuration section '{Section}': {problem}")];
            return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
