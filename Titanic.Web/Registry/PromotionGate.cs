using Microsoft.Extensions.Options;
using Titanic.Web.Training;

namespace Titanic.Web.Registry;

/// <summary>
/// Decides whether a new version (the candidate) replaces the champion: a paired non-inferiority test on accuracy, guarded by tests against
/// the baselines, the reference champion, live predictions and the Brier score.
/// </summary>
/// <remarks>
/// <para>
/// Compared are two models on the same n labeled rows, none of which either model was fitted on. b is the number of rows that only the
/// candidate predicts correctly, c the number that only the other model predicts correctly; b + c are the discordant rows. The accuracy
/// gain is d = (b − c) / n, in −1..1. The parameters are α = <see cref="GatePolicy.SignificanceLevel"/> and
/// δ = <see cref="GatePolicy.Margin"/>.
/// </para>
/// <list type="bullet">
/// <item>p = min(1, 2 · P(X ≤ min(b, c))) with X ~ Binomial(b + c, ½): two-sided exact McNemar test; 1 without discordant rows.</item>
/// <item>Significantly better (worse): b &gt; c (b &lt; c), b + c ≥ <see cref="GatePolicy.MinimumDiscordantRows"/> and p &lt; α.</item>
/// <item>Non-inferior: the lower limit of Tango's 1 − α score interval for d is greater than −δ.</item>
/// <item>
/// Worse probabilities: the lower limit of the 1 − α normal interval for the mean of the rows' differences in squared error (the difference
/// of the two Brier scores) is greater than <see cref="GatePolicy.BrierMargin"/>.
/// </item>
/// </list>
/// <para>The first rule that applies decides; docs/models.md has the same numbers:</para>
/// <list type="number">
/// <item>
/// Fewer than <see cref="GatePolicy.MinimumRows"/> rows: HOLD, unless the accuracy alarm is raised and the candidate is significantly better than
/// the champion on live predictions since then.
/// </item>
/// <item>Significantly worse than a baseline, or correct on exactly the same rows: REJECT.</item>
/// <item>No champion: PROMOTE if b &gt; c against every baseline, otherwise HOLD.</item>
/// <item>
/// The accuracy alarm is raised, and the candidate does not predict more live passengers since the alarm correctly than the champion (b ≤ c,
/// or there are none): HOLD.
/// </item>
/// <item>Significantly worse than the champion: HOLD if significantly better on live predictions, otherwise REJECT.</item>
/// <item>Significantly worse than the champion on live predictions, or worse probabilities: REJECT.</item>
/// <item>b ≤ c against a baseline: HOLD.</item>
/// <item>Significantly better than the champion on live predictions: PROMOTE.</item>
/// <item>Not non-inferior to the champion: HOLD.</item>
/// <item>Significantly worse than the reference champion: REJECT.</item>
/// <item>Not non-inferior to the reference champion: HOLD.</item>
/// <item>Otherwise PROMOTE.</item>
/// </list>
/// <para>
/// Error rates, for independent rows: a candidate that is less accurate by δ or more is found non-inferior with a probability of about
/// α/2, and one that is equally accurate is found significantly worse with a probability of at most α/2; 2.5% each by default. The rates
/// hold for one test, not for a sequence of versions: the reference champion limits the sum of many accepted small losses. A promotion
/// by better live predictions does not require non-inferiority; its error rate is that of the live test.
/// </para>
/// <para>
/// References: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika
/// 12, 1947, doi:10.1007/BF02295996. T. Tango, "Equivalence test and confidence interval for the difference in proportions for the
/// paired-sample design", Statistics in Medicine 17, 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8&lt;891::AID-SIM780&gt;3.0.CO;2-B.
/// G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950,
/// doi:10.1175/1520-0493(1950)078&lt;0001:VOFEIT&gt;2.0.CO;2.
/// </para>
/// </remarks>
public static class PromotionGate
{
    /// <summary>
    /// The decision for a version that was trained on request, for example with another algorithm: HOLD without a comparison.
    /// </summary>
    public static GateDecision Hold(GateEvidence evidence) => new(Verdict.Hold, "Registered on request; not evaluated for promotion.", evidence);

    /// <summary>
    /// The number of the reference champion: the version with which candidates are compared in addition to the champion. A champion that the
    /// gate promoted keeps the reference before it, unless it was significantly better than that one. Any other champion is its own
    /// reference: the first, and a manually promoted version with another verdict. A manually promoted version with the verdict PROMOTE keeps
    /// the reference of its verdict.
    /// </summary>
    public static int ReferenceChampionOf(ModelVersion champion) =>
        champion.Gate is { Verdict: Verdict.Promote, ReferenceChampion: { } reference } ? reference : champion.Version;

    /// <summary>Applies the rules of <see cref="PromotionGate"/>. The result depends on the arguments only.</summary>
    /// <param name="evidence">The measured comparisons. A null comparison was not measured, and its rules do not apply.</param>
    /// <param name="policy">A valid policy: <see cref="GatePolicy.Problems"/> is empty.</param>
    /// <returns>The verdict with its reason, and the evidence with the policy.</returns>
    public static GateDecision Decide(GateEvidence evidence, GatePolicy policy)
    {
        // The numbers are those of the rules above.
        if (evidence.Rows < policy.MinimumRows && !(evidence.Alarm?.Live is { } recent && IsBetter(recent, policy))) // 1
            return Decision(Verdict.Hold, Invariant($"Too few labeled rows for a comparison: {evidence.Rows:#,##0}; at least {policy.MinimumRows:#,##0} are required."));
        var baseline = FailedBaseline(evidence, policy);
        if (baseline is { Verdict: Verdict.Reject } failed) // 2
            return Decision(Verdict.Reject, failed.Reason);
        if (evidence.Champion is not { } champion) // 3
        {
            return baseline is { } notBeaten
                ? Decision(Verdict.Hold, notBeaten.Reason)
                : Decision(Verdict.Promote, Invariant($"No champion existed. The version predicts more of {evidence.Rows:#,##0} rows correctly than each baseline."));
        }
        if (evidence.Alarm is { } alarm && !(alarm.Live is { } since && since.OnlyCandidateRight > since.OnlyChampionRight)) // 4
            return Decision(Verdict.Hold, DescribeAlarm(alarm, champion.Version));
        var (live, reference) = (evidence.Live, evidence.ReferenceChampion);
        var isBetterLive = live is not null && IsBetter(live, policy);
        var isWorse = IsWorse(champion, policy);
        var loss = $"an accuracy loss of {Format.Decimal(100 * policy.Margin)} points";
        var versusChampion = $"champion {Describe(champion, "cross-validated", policy)}";
        return (isWorse, isBetterLive) switch
        {
            // 5
            (true, true) => Decision(Verdict.Hold,
                $"Contradictory evidence, a manual decision is required: significantly worse than {versusChampion}, but significantly better on live predictions: "
                + $"{Describe(live!, "live", policy)}."),
            (true, false) => Decision(Verdict.Reject, $"Significantly worse than {versusChampion}."),
            // 6
            _ when live is not null && IsWorse(live, policy) => Decision(Verdict.Reject, $"Significantly worse than champion {Describe(live, "live", policy)}."),
            _ when HasWorseProbabilities(champion, policy) => Decision(Verdict.Reject, DescribeBrier(champion, policy)),
            // 7, 8
            _ when baseline is { } notBeaten => Decision(Verdict.Hold, notBeaten.Reason),
            (false, true) => Decision(Verdict.Promote, $"Significantly better than champion {Describe(live!, "live", policy)}."),
            // 9
            _ when !IsNonInferior(champion, policy) => Decision(Verdict.Hold, $"Not enough evidence: {loss} cannot be ruled out against {versusChampion}."),
            // 10, 11
            _ when reference is not null && IsWorse(reference, policy) => Decision(Verdict.Reject,
                $"Not worse than the champion, but significantly worse than the reference champion, {Describe(reference, "cross-validated", policy)}."),
            _ when reference is not null && !IsNonInferior(reference, policy) => Decision(Verdict.Hold,
                $"Not worse than the champion, but {loss} cannot be ruled out against the reference champion, {Describe(reference, "cross-validated", policy)}."),
            // 12
            _ => Decision(Verdict.Promote,
                $"{(IsBetter(champion, policy) ? "Significantly better than" : "Not worse than")} {versusChampion}; {loss} is ruled out."),
        };

        GateDecision Decision(Verdict verdict, string reason) =>
            new(verdict, reason, evidence with { Policy = policy }, verdict == Verdict.Promote ? NextReferenceChampion(evidence, policy) : null);
    }

    /// <summary>
    /// Null makes the promoted version itself the reference champion: it is significantly better than the reference before it, or the
    /// first.
    /// </summary>
    private static int? NextReferenceChampion(GateEvidence evidence, GatePolicy policy) =>
        (evidence.ReferenceChampion ?? evidence.Champion) is { } before && !IsBetter(before, policy) ? before.Version : null;

    private static (Verdict Verdict, string Reason)? FailedBaseline(GateEvidence evidence, GatePolicy policy)
    {
        (Verdict Verdict, string Reason)? failure = null;
        foreach (var baseline in evidence.Baselines ?? [])
        {
            if (baseline.OnlyCandidateRight > baseline.OnlyBaselineRight)
                continue;
            var rows = Invariant($"of {evidence.Rows:#,##0} rows, only this version is correct on {baseline.OnlyCandidateRight:#,##0} and only “{LearnerNames.Display(baseline.Name)}” on {baseline.OnlyBaselineRight:#,##0} ({McNemar(baseline.PValue)})");
            var isIdentical = baseline.OnlyBaselineRight == 0; // and so is OnlyCandidateRight, which is not greater
            if (isIdentical || IsSignificant(baseline.OnlyCandidateRight, baseline.OnlyBaselineRight, baseline.PValue, policy))
                return (Verdict.Reject, isIdentical ? $"No different from a baseline: {rows}." : $"Significantly worse than a baseline: {rows}.");
            failure ??= (Verdict.Hold, $"Not better than a baseline: {rows}.");
        }
        return failure;
    }

    private static string DescribeBrier(ChampionComparison champion, GatePolicy policy)
    {
        var (value, low, high, _) = champion.BrierDifference!;
        return $"The predicted probabilities are worse than those of champion version {champion.Version}: the Brier score is higher by {Format.ThreeDecimals(value)} "
            + $"({Level(policy)} interval {Format.ThreeDecimals(low)} to {Format.ThreeDecimals(high)}), more than the margin of {Format.Decimal(policy.BrierMargin)}.";
    }

    private static string DescribeAlarm(AlarmEvidence alarm, int champion)
    {
        var rows = alarm.Live is { } live
            ? Invariant($"of {live.Rows:#,##0} live rows since then, only this version is correct on {live.OnlyCandidateRight:#,##0} and only version {champion} on {live.OnlyChampionRight:#,##0}")
            : "no live prediction since then has a known outcome";
        return $"The accuracy alarm was raised on {Format.Date(alarm.RaisedOn)}, and this version is not better on later rows: {rows}.";
    }

    private static bool IsWorse(ChampionComparison other, GatePolicy policy) =>
        other.OnlyCandidateRight < other.OnlyChampionRight && IsSignificant(other.OnlyCandidateRight, other.OnlyChampionRight, other.PValue, policy);

    private static bool IsBetter(ChampionComparison other, GatePolicy policy) =>
        other.OnlyCandidateRight > other.OnlyChampionRight && IsSignificant(other.OnlyCandidateRight, other.OnlyChampionRight, other.PValue, policy);

    /// <summary>Whether two models differ in accuracy, by the numbers of rows that only one of them predicts correctly.</summary>
    internal static bool IsSignificant(int only, int onlyOther, double pValue, GatePolicy policy) =>
        only + onlyOther >= policy.MinimumDiscordantRows && pValue < policy.SignificanceLevel;

    private static bool IsNonInferior(ChampionComparison other, GatePolicy policy) => other.AccuracyGain?.Low > -policy.Margin;

    private static bool HasWorseProbabilities(ChampionComparison other, GatePolicy policy) => other.BrierDifference?.Low > policy.BrierMargin;

    private static string Describe(ChampionComparison other, string rows, GatePolicy policy) => Invariant(
        $"version {other.Version}: of {other.Rows:#,##0} identical {rows} rows, only this version is correct on {other.OnlyCandidateRight:#,##0} and only version {other.Version} on {other.OnlyChampionRight:#,##0}, a difference of {Format.PointDifference(other.AccuracyGain?.Value)} points ({Level(policy)} interval {Format.PointDifference(other.AccuracyGain?.Low)} to {Format.PointDifference(other.AccuracyGain?.High)}; {McNemar(other.PValue)})");

    private static string McNemar(double pValue) => $"exact McNemar test, {Format.PValue(pValue)}";

    private static string Level(GatePolicy policy) => $"{Format.Decimal(100 * (1 - policy.SignificanceLevel))}%";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>Configuration section <c>Registry:Gate</c>: the parameters of <see cref="PromotionGate"/>. Stored with each decision.</summary>
public sealed record GatePolicy
{
    public const string Section = "Registry:Gate";

    /// <summary>
    /// Non-inferiority margin δ: the accuracy loss, as a share, that must be ruled out before a promotion. More than 0 and less than 1;
    /// default 0.02, which is 2 percentage points.
    /// </summary>
    public double Margin { get; init; } = 0.02;

    /// <summary>
    /// Significance level α of the McNemar tests and of the intervals, two-sided: α/2 is the probability of an error in the harmful
    /// direction. 0.0001 to 0.5; default 0.05.
    /// </summary>
    public double SignificanceLevel { get; init; } = 0.05;

    /// <summary>Minimum number of labeled rows; with fewer, the verdict is HOLD. At least 1; default 100.</summary>
    public int MinimumRows { get; init; } = 100;

    /// <summary>
    /// Minimum number of discordant rows (rows that exactly one of two models predicts correctly); with fewer, neither model is
    /// significantly better. At least 1; default 6, the smallest number for which the exact test can be below 0.05 (2 · ½⁶ = 0.03125).
    /// </summary>
    public int MinimumDiscordantRows { get; init; } = 6;

    /// <summary>
    /// Largest accepted increase of the Brier score: a version is rejected when the whole interval of the increase is above it, whatever
    /// its accuracy. At least 0 and less than 1; default 0.01.
    /// </summary>
    public double BrierMargin { get; init; } = 0.01;

    /// <summary>One message for each value that is out of range; empty for a valid policy.</summary>
    public IEnumerable<string> Problems()
    {
        if (Margin is not (> 0 and < 1))
            yield return FormattableString.Invariant($"Margin is {Margin}; it must be more than 0 and less than 1.");
        if (SignificanceLevel is not (>= 0.0001 and <= 0.5))
            yield return FormattableString.Invariant($"SignificanceLevel is {SignificanceLevel}; it must be between 0.0001 and 0.5.");
        if (MinimumRows < 1)
            yield return FormattableString.Invariant($"MinimumRows is {MinimumRows:#,##0}; it must be at least 1.");
        if (MinimumDiscordantRows < 1)
            yield return FormattableString.Invariant($"MinimumDiscordantRows is {MinimumDiscordantRows:#,##0}; it must be at least 1.");
        if (BrierMargin is not (>= 0 and < 1))
            yield return FormattableString.Invariant($"BrierMargin is {BrierMargin}; it must be at least 0 and less than 1.");
    }

    internal sealed class GatePolicyValidator : IValidateOptions<GatePolicy>
    {
        public ValidateOptionsResult Validate(string? name, GatePolicy policy)
        {
            string[] problems = [.. policy.Problems().Select(problem => $"{Section}:{problem}")];
            return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
