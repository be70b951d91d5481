using System.Text.Json;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

public sealed class PromotionGateTests
{
    [Theory]
    // rows, accuracy, majority's, champion's p value with the rows that only candidate / only champion answer right
    [InlineData(Verdict.Hold, 99, 0.9, 0.6, null, 0, 0)] // too few rows, however good
    [InlineData(Verdict.Hold, 99, 0.5, 0.6, null, 0, 0)] // … and however bad
    [InlineData(Verdict.Promote, 100, 0.7, 0.6, null, 0, 0)] // the first of its name
    [InlineData(Verdict.Reject, 100, 0.6, 0.6, null, 0, 0)] // no better than knowing the majority
    [InlineData(Verdict.Reject, 1000, 0.59, 0.6, 0.0001, 90, 10)] // … even if the champion is worse still
    [InlineData(Verdict.Promote, 1000, 0.8, 0.6, 0.0001, 90, 10)] // significantly better
    [InlineData(Verdict.Promote, 1000, 0.8, 0.6, 1.0, 0, 0)] // the same answers
    [InlineData(Verdict.Promote, 1000, 0.8, 0.6, 0.0501, 10, 20)] // worse, but chance may explain it
    [InlineData(Verdict.Promote, 1000, 0.8, 0.6, 0.05, 10, 20)] // the level itself is not below the level
    [InlineData(Verdict.Reject, 1000, 0.8, 0.6, 0.0499, 10, 20)] // significantly worse
    public void The_verdict_follows_the_policy(
        Verdict verdict, int rows, double accuracy, double majority, double? pValue, int onlyCandidateRight, int onlyChampionRight)
    {
        var champion = pValue is { } p ? new ChampionComparison(7, 500, onlyCandidateRight, onlyChampionRight, 100, p) : null;
        var evidence = new GateEvidence(rows, accuracy, majority, champion);

        var decision = PromotionGate.Decide(evidence);

        Assert.Equal((verdict, evidence), (decision.Verdict, decision.Evidence));
    }

    [Fact]
    public void The_reason_names_what_was_compared()
    {
        var decision = PromotionGate.Decide(new GateEvidence(1000, 0.8, 0.6, new ChampionComparison(7, 500, 10, 30, 100, 0.0022)));

        Assert.Equal(
            "Significantly worse: of 1000 identical held-out rows 10 were right only for this version and 30 only for champion version 7 (exact McNemar p = 0.0022).",
            decision.Reason);
    }

    [Theory]
    [InlineData(Verdict.Promote, "\"PROMOTE\"")]
    [InlineData(Verdict.Hold, "\"HOLD\"")]
    [InlineData(Verdict.Reject, "\"REJECT\"")]
    public void A_verdict_is_a_word_in_JSON(Verdict verdict, string json)
    {
        Assert.Equal(json, JsonSerializer.Serialize(verdict));
        Assert.Equal(verdict, JsonSerializer.Deserialize<Verdict>(json));
    }
}
