using System.Text.Json.Serialization;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Registry;

/// <summary>What the gate decides on. Members that are null by default were not measured for older versions.</summary>
/// <param name="Rows">Labelled rows, each answered by models that have not learned its person.</param>
/// <param name="CandidateAccuracy">Share 0..1 of those rows that the candidate answers right.</param>
/// <param name="BaselineAccuracy">Share 0..1 that the majority label answers right.</param>
/// <param name="Champion">The champion on the same rows; null when there is none.</param>
/// <param name="Baselines">What a model has to beat, on the same rows.</param>
/// <param name="Live">Passengers whom the champion itself answered, live, before anybody knew their outcome; null where there are none.</param>
/// <param name="Yardstick">The best champion so far on the same rows; null where that is the champion itself.</param>
/// <param name="Policy">What the decision was made by.</param>
public sealed record GateEvidence(
    int Rows,
    double CandidateAccuracy,
    double BaselineAccuracy,
    ChampionComparison? Champion,
    IReadOnlyList<BaselineComparison>? Baselines = null,
    ChampionComparison? Live = null,
    ChampionComparison? Yardstick = null,
    GatePolicy? Policy = null);

/// <summary>Candidate and an earlier version, row by row.</summary>
/// <param name="PValue">Two-sided, of McNemar's exact test.</param>
/// <param name="AccuracyGain">Accuracy of the candidate minus that of the other, with Tango's interval.</param>
/// <param name="BrierDifference">Brier score of the candidate minus that of the other, with its interval: below 0 the candidate is better.</param>
public sealed record ChampionComparison(
    int Version, int BothRight, int OnlyCandidateRight, int OnlyChampionRight, int BothWrong, double PValue,
    MetricValue? AccuracyGain = null, MetricValue? BrierDifference = null)
{
    [JsonIgnore]
    public int Rows => BothRight + OnlyCandidateRight + OnlyChampionRight + BothWrong;

    /// <param name="champions">Answers of the other version.</param>
    /// <param name="candidates">Answers of the candidate for the same rows.</param>
    public static ChampionComparison Of(int version, IReadOnlyList<ScoredRow> champions, IReadOnlyList<ScoredRow> candidates, GatePolicy policy)
    {
        var paired = PairedComparison.Of(champions, candidates);
        return new ChampionComparison(
            version, paired.BothRight, paired.OnlySecondRight, paired.OnlyFirstRight, paired.BothWrong, paired.McNemarPValue,
            GainOf(paired, policy), BrierOf(champions, candidates, policy));
    }

    internal static MetricValue? GainOf(PairedComparison paired, GatePolicy policy) =>
        paired.GainInterval(policy.SignificanceLevel) is { } interval ? new MetricValue(paired.AccuracyGain, interval.Lower, interval.Upper) : null;

    internal static MetricValue? BrierOf(IReadOnlyList<ScoredRow> others, IReadOnlyList<ScoredRow> candidates, GatePolicy policy) =>
        PairedMean.Of(others, candidates, Metrics.SquaredError, policy.SignificanceLevel) is { } mean
            ? new MetricValue(mean.Difference, mean.Interval?.Lower, mean.Interval?.Upper)
            : null;
}

/// <summary>Candidate and a rule that anybody could apply, row by row.</summary>
/// <inheritdoc cref="ChampionComparison"/>
public sealed record BaselineComparison(
    string Name, int BothRight, int OnlyCandidateRight, int OnlyBaselineRight, int BothWrong, double PValue,
    MetricValue? AccuracyGain, MetricValue? BrierDifference)
{
    public static BaselineComparison Of(string name, IReadOnlyList<ScoredRow> baselines, IReadOnlyList<ScoredRow> candidates, GatePolicy policy)
    {
        var paired = PairedComparison.Of(baselines, candidates);
        return new BaselineComparison(
            name, paired.BothRight, paired.OnlySecondRight, paired.OnlyFirstRight, paired.BothWrong, paired.McNemarPValue,
            ChampionComparison.GainOf(paired, policy), ChampionComparison.BrierOf(baselines, candidates, policy));
    }
}

/// <param name="Reason">A sentence.</param>
/// <param name="Yardstick">
/// The version that the successors of this one are held against besides itself, so that many steps that are each "not worse" cannot add
/// up; null means the version itself.
/// </param>
public sealed record GateDecision(Verdict Verdict, string Reason, GateEvidence Evidence, int? Yardstick = null);

[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    [JsonStringEnumMemberName("PROMOTE")] Promote,

    /// <summary>Not enough evidence, or nobody wants it in service.</summary>
    [JsonStringEnumMemberName("HOLD")] Hold,
    [JsonStringEnumMemberName("REJECT")] Reject,
}
