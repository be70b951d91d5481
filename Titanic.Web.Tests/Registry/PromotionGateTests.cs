using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Registry;

public sealed class PromotionGateTests
{
    private static readonly GatePolicy _policy = new();

    [Theory]
    // rows, rows that only the candidate / only the champion predicts correctly; Tango's limits as in PairedComparisonTests
    [InlineData(Verdict.Hold, 99, 50, 0)] // too few rows, however accurate
    [InlineData(Verdict.Hold, 99, 0, 50)] // too few rows, however inaccurate
    [InlineData(Verdict.Promote, 100, 30, 10)] // just enough rows
    [InlineData(Verdict.Hold, 150, 0, 0)] // identical predictions, but a loss of 2.5 points cannot be ruled out
    [InlineData(Verdict.Promote, 300, 0, 0)] // identical predictions on more rows: 1.3 points are ruled out
    [InlineData(Verdict.Hold, 300, 4, 7)] // up to 3.6 points worse
    [InlineData(Verdict.Promote, 1319, 4, 7)]
    [InlineData(Verdict.Promote, 3000, 120, 120)] // up to 1.02 points worse
    [InlineData(Verdict.Hold, 1000, 20, 33)] // p = 0.098, but up to 2.8 points worse
    [InlineData(Verdict.Reject, 1319, 40, 65)] // significantly worse
    [InlineData(Verdict.Reject, 100_000, 100, 200)] // significantly worse, though by only 0.1 points
    [InlineData(Verdict.Promote, 300, 30, 10)] // significantly better
    [InlineData(Verdict.Hold, 200, 0, 5)] // five cannot be significant, and do not rule a loss out
    [InlineData(Verdict.Reject, 200, 0, 6)] // six can: p = 0.031
    public void The_verdict_depends_on_the_discordant_rows(Verdict verdict, int rows, int onlyCandidate, int onlyChampion) =>
        Assert.Equal(verdict, Decide(Evidence(rows, Against(7, rows, onlyCandidate, onlyChampion))).Verdict);

    /// <summary>Five to none: p = 0.0625, which is below this significance level.</summary>
    [Fact]
    public void Too_few_discordant_rows_are_never_significant() => Assert.Equal(
        Verdict.Hold, PromotionGate.Decide(Evidence(200, Against(7, 200, 0, 5)), _policy with { SignificanceLevel = 0.1 }).Verdict);

    [Theory]
    [InlineData(Verdict.Promote, 30, 10)]
    [InlineData(Verdict.Reject, 0, 0)] // no different from the baseline
    [InlineData(Verdict.Hold, 20, 20)]
    [InlineData(Verdict.Hold, 20, 25)]
    [InlineData(Verdict.Reject, 10, 30)]
    public void The_first_version_must_beat_all_baselines(Verdict verdict, int onlyCandidate, int onlyBaseline)
    {
        var decision = Decide(Evidence(1309, null) with { Baselines = [Baseline("majority", 1309, 300, 60), Baseline("female survives", 1309, onlyCandidate, onlyBaseline)] });

        Assert.Equal(verdict, decision.Verdict);
        Assert.Equal(
            verdict != Verdict.Promote, decision.Reason.Contains($"“{LearnerNames.Display("female survives")}”", StringComparison.Ordinal));
    }

    [Fact]
    public void Rejects_a_version_worse_than_one_baseline_even_if_another_is_undecided() => Assert.Equal(
        Verdict.Reject,
        Decide(Evidence(1309, null) with { Baselines = [Baseline("majority", 1309, 20, 25), Baseline("female survives", 1309, 10, 30)] }).Verdict);

    [Fact]
    public void Rejects_a_version_worse_than_the_champion_even_if_a_baseline_is_undecided() => Assert.Equal(
        Verdict.Reject, Decide(Evidence(1309, Against(7, 1309, 10, 40)) with { Baselines = [Baseline("majority", 1309, 20, 25)] }).Verdict);

    [Fact]
    public void Rejects_a_version_worse_than_a_baseline_even_if_better_than_the_champion() => Assert.Equal(
        Verdict.Reject, Decide(Evidence(1309, Against(7, 1309, 90, 10)) with { Baselines = [Baseline("majority", 1309, 10, 90)] }).Verdict);

    [Theory]
    [InlineData(Verdict.Promote, 3, 2)]
    [InlineData(Verdict.Hold, 2, 2)]
    [InlineData(Verdict.Hold, 0, 3)]
    [InlineData(Verdict.Hold, null, null)] // no outcome since the alarm
    public void After_an_accuracy_alarm_a_version_must_be_better_on_later_rows(Verdict verdict, int? onlyCandidate, int? onlyChampion)
    {
        var alarm = new AlarmEvidence(new DateOnly(2026, 11, 20), onlyCandidate is { } better ? Against(7, 30, better, onlyChampion!.Value) : null);

        var decision = Decide(Evidence(1309, Against(7, 1309, 4, 4)) with { Alarm = alarm });

        Assert.Equal(verdict, decision.Verdict);
        Assert.Equal(verdict == Verdict.Hold, decision.Reason.StartsWith("The accuracy alarm was raised on 2026-11-20, and this version is not better on later rows", StringComparison.Ordinal));
    }

    [Fact]
    public void Rejects_a_version_that_is_worse_than_the_champion_although_it_is_better_since_an_alarm() => Assert.Equal(
        Verdict.Reject, Decide(Evidence(1309, Against(7, 1309, 10, 40)) with { Alarm = new(new DateOnly(2026, 11, 20), Against(7, 30, 3, 2)) }).Verdict);

    [Theory]
    [InlineData(Verdict.Promote, 0, 0, 10, 10)] // no significant difference
    [InlineData(Verdict.Reject, 0, 0, 2, 12)] // p = 0.013: worse on live predictions
    [InlineData(Verdict.Promote, 20, 33, 12, 2)] // otherwise on hold, but better on live predictions
    [InlineData(Verdict.Hold, 10, 40, 12, 2)] // worse on all rows, better on live predictions: a manual decision is required
    [InlineData(Verdict.Promote, 0, 0, 0, 5)] // too few discordant rows to be significant
    [InlineData(Verdict.Reject, 0, 0, 0, 6)] // just enough
    public void Live_predictions_affect_the_verdict(Verdict verdict, int onlyCandidate, int onlyChampion, int onlyCandidateLive, int onlyChampionLive) => Assert.Equal(
        verdict,
        Decide(Evidence(1000, Against(7, 1000, onlyCandidate, onlyChampion)) with { Live = Against(7, 100, onlyCandidateLive, onlyChampionLive) }).Verdict);

    [Theory]
    [InlineData(Verdict.Promote, 3, 10, 12, 3)] // not worse than the reference champion, which stays
    [InlineData(Verdict.Promote, null, 30, 10, null)] // better: it becomes the reference champion
    [InlineData(Verdict.Hold, null, 20, 33, null)]
    [InlineData(Verdict.Reject, null, 10, 40, null)]
    public void The_reference_champion_keeps_small_losses_from_adding_up(Verdict verdict, int? reference, int onlyCandidate, int onlyBest, int? unused)
    {
        Assert.Equal(reference is null, unused is null);
        var decision = Decide(Evidence(1000, Against(7, 1000, 0, 1)) with { ReferenceChampion = Against(3, 1000, onlyCandidate, onlyBest) });

        Assert.Equal((verdict, reference), (decision.Verdict, decision.ReferenceChampion));
    }

    [Fact]
    public void The_reference_champion_stays_until_a_version_is_significantly_better()
    {
        Assert.Equal(7, Decide(Evidence(1319, Against(7, 1319, 4, 7))).ReferenceChampion);
        Assert.Null(Decide(Evidence(1319, Against(7, 1319, 65, 40))).ReferenceChampion);
        Assert.Null(Decide(Evidence(1319, null)).ReferenceChampion);
    }

    [Fact]
    public void Rejects_much_worse_probabilities_with_identical_classes()
    {
        var same = Against(7, 1000, 0, 0);

        Assert.Equal(Verdict.Reject, Decide(Evidence(1000, same with { BrierDifference = new MetricValue(0.02, 0.011, 0.029) })).Verdict);
        Assert.Equal(Verdict.Promote, Decide(Evidence(1000, same with { BrierDifference = new MetricValue(0.02, 0.009, 0.031) })).Verdict);
    }

    [Fact]
    public void The_decision_states_the_comparison_and_stores_the_policy()
    {
        var decision = Decide(Evidence(1319, Against(7, 1319, 40, 65)));

        Assert.Equal(
            "Significantly worse than champion version 7: of 1,319 identical cross-validated rows, only this version is correct on 40 and only version 7 on 65, "
            + "a difference of −1.9 points (95% interval −3.5 to −0.4; exact McNemar test, p = 0.0187).",
            decision.Reason);
        Assert.Equal(_policy, decision.Evidence.Policy);
    }

    [Fact]
    public void Reads_decisions_of_earlier_releases()
    {
        var decision = JsonSerializer.Deserialize<GateDecision>(
            """{"verdict":"PROMOTE","reason":"Not significantly worse.","evidence":{"rows":241,"candidateAccuracy":0.8,"baselineAccuracy":0.6,"champion":{"version":1,"bothRight":190,"onlyCandidateRight":1,"onlyChampionRight":2,"bothWrong":48,"pValue":1}}}""",
            JsonSerializerOptions.Web)!;

        Assert.Equal((Verdict.Promote, null, 241), (decision.Verdict, decision.ReferenceChampion, decision.Evidence.Champion!.Rows));
        Assert.Null(decision.Evidence.Baselines);
    }

    [Theory]
    [InlineData("Margin", "0", "Margin is 0")]
    [InlineData("SignificanceLevel", "0.9", "SignificanceLevel is 0.9")]
    [InlineData("MinimumRows", "0", "MinimumRows is 0")]
    [InlineData("MinimumDiscordantRows", "0", "MinimumDiscordantRows is 0")]
    [InlineData("BrierMargin", "1", "BrierMargin is 1")]
    public void An_invalid_policy_fails_the_options_validation(string setting, string value, string message)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"{GatePolicy.Section}:{setting}", value)]).Build();
        using var services = new ServiceCollection().AddRegistry(configuration).BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<GatePolicy>>().Value);

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_the_policy_from_the_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"{GatePolicy.Section}:Margin", "0.05")]).Build();
        using var services = new ServiceCollection().AddRegistry(configuration).BuildServiceProvider();

        Assert.Equal(_policy with { Margin = 0.05 }, services.GetRequiredService<IOptions<GatePolicy>>().Value);
    }

    [Theory]
    [InlineData(Verdict.Promote, "\"PROMOTE\"")]
    [InlineData(Verdict.Hold, "\"HOLD\"")]
    [InlineData(Verdict.Reject, "\"REJECT\"")]
    public void Serializes_verdicts_as_uppercase_strings(Verdict verdict, string json)
    {
        Assert.Equal(json, JsonSerializer.Serialize(verdict));
        Assert.Equal(verdict, JsonSerializer.Deserialize<Verdict>(json));
    }

    private static GateDecision Decide(GateEvidence evidence) => PromotionGate.Decide(evidence, _policy);

    private static GateEvidence Evidence(int rows, ChampionComparison? champion) =>
        new(rows, 0.8, 0.6, champion, [Baseline("majority", rows, 30, 10), Baseline("female survives", rows, 30, 10)]);

    private static ChampionComparison Against(int version, int rows, int onlyCandidate, int onlyOther) =>
        ChampionComparison.Of(version, Predictions(rows, onlyOther, onlyCandidate), Predictions(rows, onlyCandidate, onlyOther, isSecond: true), _policy);

    private static BaselineComparison Baseline(string name, int rows, int onlyCandidate, int onlyBaseline) =>
        BaselineComparison.Of(name, Predictions(rows, onlyBaseline, onlyCandidate), Predictions(rows, onlyCandidate, onlyBaseline, isSecond: true), _policy);

    /// <summary>
    /// Predictions for passengers who all died: correct except for <paramref name="onlyOther"/> rows. The discordant rows come first, in
    /// the same order for both models.
    /// </summary>
    private static ScoredRow[] Predictions(int rows, int onlyThis, int onlyOther, bool isSecond = false)
    {
        ScoredRow right = new(0.3, false, false, onlyThis), wrong = new(0.7, true, false, onlyOther);
        ScoredRow[] alone = isSecond ? [wrong, right] : [right, wrong];
        return [.. alone, new ScoredRow(0.3, false, false, rows - onlyThis - onlyOther)];
    }
}
