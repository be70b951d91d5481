using System.Text.Json.Serialization;

namespace Titanic.Web.Registry;

/// <summary>
/// Decides whether a new version takes over. The policy is non-inferiority: fresh data are worth having, so a version that is not
/// significantly worse than the champion on identical held-out rows is promoted; one that is worse, or no better than knowing only the
/// majority, never is.
/// </summary>
public static class PromotionGate
{
    /// <summary>A worse version is refused when chance explains the difference less often than this (two-sided exact McNemar).</summary>
    public const double SignificanceLevel = 0.05;

    /// <summary>Below this many labelled rows no comparison is worth its name, and the champion stays.</summary>
    public const int MinimumRows = 100;

    /// <summary>For a version that somebody asked for: it is held beside the champion, but never takes over by itself.</summary>
    public static GateDecision Hold(GateEvidence evidence) => new(Verdict.Hold, "Registered because asked; not judged for service.", evidence);

    public static GateDecision Decide(GateEvidence evidence)
    {
        if (evidence.Rows < MinimumRows)
            return Decision(Verdict.Hold, $"{evidence.Rows} labelled rows are too few to judge; at least {MinimumRows} are needed.");
        if (evidence.CandidateAccuracy <= evidence.BaselineAccuracy)
            return Decision(Verdict.Reject, $"Accuracy {evidence.CandidateAccuracy:0.0000} does not beat the majority baseline's {evidence.BaselineAccuracy:0.0000}.");
        if (evidence.Champion is not { } champion)
            return Decision(Verdict.Promote, "There is no champion yet, and the version beats the majority baseline.");

        var difference = champion.OnlyCandidateRight - champion.OnlyChampionRight;
        var comparison = $"of {evidence.Rows} identical held-out rows {champion.OnlyCandidateRight} were right only for this version and {champion.OnlyChampionRight} only for champion version {champion.Version} (exact McNemar p = {champion.PValue:0.0000})";
        return difference < 0 && champion.PValue < SignificanceLevel
            ? Decision(Verdict.Reject, $"Significantly worse: {comparison}.")
            : Decision(Verdict.Promote, $"Not significantly worse: {comparison}.");

        GateDecision Decision(Verdict verdict, string reason) => new(verdict, reason, evidence);
    }
}

/// <param name="Rows">Labelled rows that both models answered without having learned them.</param>
/// <param name="CandidateAccuracy">Share 0..1 of those rows that the candidate answers right.</param>
/// <param name="BaselineAccuracy">Share 0..1 that the majority label answers right.</param>
/// <param name="Champion">The paired comparison; null when there is no champion.</param>
public sealed record GateEvidence(int Rows, double CandidateAccuracy, double BaselineAccuracy, ChampionComparison? Champion);

/// <summary>Discordant rows of candidate and champion, and how likely chance alone would split them so unevenly.</summary>
public sealed record ChampionComparison(int Version, int BothRight, int OnlyCandidateRight, int OnlyChampionRight, int BothWrong, double PValue);

public sealed record GateDecision(Verdict Verdict, string Reason, GateEvidence Evidence);

[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    [JsonStringEnumMemberName("PROMOTE")] Promote,

    /// <summary>Not enough evidence, or nobody wants it in service.</summary>
    [JsonStringEnumMemberName("HOLD")] Hold,
    [JsonStringEnumMemberName("REJECT")] Reject,
}
