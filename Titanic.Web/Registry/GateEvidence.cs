using System.Text.Json.Serialization;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Registry;

/// <summary>
/// The measurements on which <see cref="PromotionGate"/> decides. Versions that an earlier release registered may lack the optional ones.
/// </summary>
/// <param name="Rows">Number of labeled rows; each is predicted by models that were fitted without the row's person.</param>
/// <param name="CandidateAccuracy">Accuracy of the candidate on these rows, 0..1.</param>
/// <param name="BaselineAccuracy">Accuracy of the majority class on these rows, 0..1.</param>
/// <param name="Champion">Candidate and champion on these rows; null when there is no champion.</param>
/// <param name="Baselines">Candidate and each baseline rule on these rows; null when not measured.</param>
/// <param name="Live">
/// Candidate and champion on the passengers that the champion predicted before it learned them; null when there are none.
/// </param>
/// <param name="ReferenceChampion">Candidate and reference champion on these rows; null when the champion is the reference champion.</param>
/// <param name="Policy">The policy of the decision; null before the decision.</param>
/// <param name="Alarm">The accuracy alarm that was raised at that time; null without one.</param>
public sealed record GateEvidence(
    int Rows,
    double CandidateAccuracy,
    double BaselineAccuracy,
    ChampionComparison? Champion,
    IReadOnlyList<BaselineComparison>? Baselines = null,
    ChampionComparison? Live = null,
    [property: JsonPropertyName("yardstick")] ChampionComparison? ReferenceChampion = null,
    GatePolicy? Policy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AlarmEvidence? Alarm = null);

/// <summary>An accuracy alarm of the drift detectors at the time of the decision.</summary>
/// <param name="RaisedOn">The logical date (UTC) of the alarm.</param>
/// <param name="Live">
/// Candidate and champion on the champion's live predictions of later logical dates; null when there are none.
/// </param>
public sealed record AlarmEvidence(DateOnly RaisedOn, ChampionComparison? Live);

/// <summary>
/// Paired comparison of the candidate with an earlier version on identical rows. See <see cref="PromotionGate"/> for the formulas.
/// </summary>
/// <param name="Version">Number of the earlier version.</param>
/// <param name="BothRight">Rows that both predict correctly.</param>
/// <param name="OnlyCandidateRight">Rows that only the candidate predicts correctly (b).</param>
/// <param name="OnlyChampionRight">Rows that only the earlier version predicts correctly (c).</param>
/// <param name="BothWrong">Rows that both predict wrongly.</param>
/// <param name="PValue">Two-sided p-value of the exact McNemar test, 0..1.</param>
/// <param name="AccuracyGain">
/// Accuracy of the candidate minus that of the earlier version, −1..1, with Tango's score interval; null without rows.
/// </param>
/// <param name="BrierDifference">
/// Brier score of the candidate minus that of the earlier version, −1..1, with a normal interval; below 0 the candidate is better. Null
/// without rows; without interval for a single row.
/// </param>
public sealed record ChampionComparison(
    int Version, int BothRight, int OnlyCandidateRight, int OnlyChampionRight, int BothWrong, double PValue,
    MetricValue? AccuracyGain = null, MetricValue? BrierDifference = null)
{
    /// <summary>Number of compared rows.</summary>
    [JsonIgnore]
    public int Rows => BothRight + OnlyCandidateRight + OnlyChampionRight + BothWrong;

    /// <summary>Compares two versions row by row.</summary>
    /// <param name="others">Predictions of the earlier version.</param>
    /// <param name="candidates">Predictions of the candidate for the same rows in the same order.</param>
    /// <param name="policy">Sets the level of the intervals: 1 − <see cref="GatePolicy.SignificanceLevel"/>.</param>
    /// <exception cref="ArgumentException">The two lists have different numbers of rows or different outcomes.</exception>
    public static ChampionComparison Of(int version, IReadOnlyList<ScoredRow> others, IReadOnlyList<ScoredRow> candidates, GatePolicy policy)
    {
        var paired = PairedComparison.Of(others, candidates);
        return new ChampionComparison(
            version, paired.BothCorrect, paired.OnlySecondCorrect, paired.OnlyFirstCorrect, paired.BothWrong, paired.McNemarPValue,
            GainOf(paired, policy), BrierOf(others, candidates, policy));
    }

    internal static MetricValue? GainOf(PairedComparison paired, GatePolicy policy) =>
        paired.GainInterval(policy.SignificanceLevel) is { } interval ? new MetricValue(paired.AccuracyGain, interval.Lower, interval.Upper) : null;

    internal static MetricValue? BrierOf(IReadOnlyList<ScoredRow> others, IReadOnlyList<ScoredRow> candidates, GatePolicy policy) =>
        PairedMean.Of(others, candidates, Metrics.SquaredError, policy.SignificanceLevel) is { } mean
            ? new MetricValue(mean.Difference, mean.Interval?.Lower, mean.Interval?.Upper)
            : null;
}

/// <summary>
/// Paired comparison of the candidate with a baseline rule on identical rows; the members are those of <see cref="ChampionComparison"/>.
/// </summary>
/// <param name="Name">Name of the baseline: "majority" or "female survives".</param>
/// <param name="OnlyBaselineRight">Rows that only the baseline predicts correctly.</param>
public sealed record BaselineComparison(
    string Name, int BothRight, int OnlyCandidateRight, int OnlyBaselineRight, int BothWrong, double PValue,
    MetricValue? AccuracyGain, MetricValue? BrierDifference)
{
    /// <inheritdoc cref="ChampionComparison.Of"/>
    /// <param name="name">Name of the baseline.</param>
    /// <param name="baselines">Predictions of the baseline.</param>
    public static BaselineComparison Of(string name, IReadOnlyList<ScoredRow> baselines, IReadOnlyList<ScoredRow> candidates, GatePolicy policy)
    {
        var paired = PairedComparison.Of(baselines, candidates);
        return new BaselineComparison(
            name, paired.BothCorrect, paired.OnlySecondCorrect, paired.OnlyFirstCorrect, paired.BothWrong, paired.McNemarPValue,
            ChampionComparison.GainOf(paired, policy), ChampionComparison.BrierOf(baselines, candidates, policy));
    }
}

/// <summary>The decision of <see cref="PromotionGate"/> on one version.</summary>
/// <param name="Verdict">What happens to the version.</param>
/// <param name="Reason">The reason as a text for people.</param>
/// <param name="Evidence">The measurements on which the decision is based.</param>
/// <param name="ReferenceChampion">
/// The reference champion of later candidates, if this version becomes champion; null means this version. It keeps small accepted losses
/// from adding up.
/// </param>
public sealed record GateDecision(Verdict Verdict, string Reason, GateEvidence Evidence, [property: JsonPropertyName("yardstick")] int? ReferenceChampion = null);

/// <summary>The outcome of the promotion gate.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>The version becomes champion when it is registered.</summary>
    [JsonStringEnumMemberName("PROMOTE")] Promote,

    /// <summary>
    /// The champion stays: the evidence is insufficient or contradictory, or the version was not evaluated for promotion.
    /// </summary>
    [JsonStringEnumMemberName("HOLD")] Hold,

    /// <summary>The champion stays: the version is worse than it, than the reference champion, or than a baseline.</summary>
    [JsonStringEnumMemberName("REJECT")] Reject,
}
