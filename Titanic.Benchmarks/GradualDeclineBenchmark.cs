using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Benchmarks;

/// <summary>
/// A gradual decline: every day a candidate predicts one row in a hundred differently from the champion and is truly worse by 0.2
/// percentage points, on the same rows. Each candidate alone is not significantly worse; the comparison with the reference champion limits
/// the total loss.
/// </summary>
internal static class GradualDeclineBenchmark
{
    private const int Month = 30, Days = 100, Rows = 1609;
    private const double StepDown = 0.002, Discordant = 0.01, Accuracy = 0.8;

    public static void Measure(int chains, GatePolicy policy)
    {
        foreach (var days in (int[])[Month, Days])
        {
            var (guarded, unguarded) = (MeanLoss(chains, days, policy, hasReferenceChampion: true), MeanLoss(chains, days, policy, hasReferenceChampion: false));
            Console.WriteLine(FormattableString.Invariant(
                $"# after {days} days of candidates that are each {100 * StepDown} points worse than the champion ({chains} chains): the champion has lost {100 * guarded:0.00} points, without the reference champion {100 * unguarded:0.00} points"));
            if (days == Month)
                BenchmarkResult.AtMost("gate-lost-by-a-month-of-small-steps-down", guarded / unguarded, "of-loss-without-reference-champion", 0.5);
        }
    }

    private static double MeanLoss(int chains, int days, GatePolicy policy, bool hasReferenceChampion)
    {
        var losses = new double[chains];
        Parallel.For(0, chains, chain => losses[chain] = SimulateChain(new SeededRandom((ulong)chain), days, policy, hasReferenceChampion));
        return losses.Average();
    }

    /// <returns>Loss of true accuracy after all days, 0 to 1.</returns>
    private static double SimulateChain(SeededRandom random, int days, GatePolicy policy, bool hasReferenceChampion)
    {
        bool[] champion = [.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble() < Accuracy)];
        var (reference, referenceVersion, version, lost) = (champion, 1, 1, 0.0);
        for (var day = 2; day <= days + 1; day++)
        {
            var (onlyChampion, onlyCandidate) = ((Discordant + StepDown) / 2, (Discordant - StepDown) / 2);
            var accuracy = Accuracy - lost;
            bool[] candidate = [.. champion.Select(isRight => isRight ? random.NextDouble() >= onlyChampion / accuracy : random.NextDouble() < onlyCandidate / (1 - accuracy))];
            var scored = ScoreRows(candidate);
            var decision = PromotionGate.Decide(
                new GateEvidence(Rows, 0, 0, ChampionComparison.Of(version, ScoreRows(champion), scored, policy),
                    ReferenceChampion: hasReferenceChampion && referenceVersion != version ? ChampionComparison.Of(referenceVersion, ScoreRows(reference), scored, policy) : null),
                policy);
            if (decision.Verdict != Verdict.Promote)
                continue;
            (champion, version, lost) = (candidate, day, lost + StepDown);
            if (decision.ReferenceChampion is null)
                (reference, referenceVersion) = (candidate, day);
        }
        return lost;
    }

    private static ScoredRow[] ScoreRows(bool[] isRight) => [.. isRight.Select(right => new ScoredRow(right ? 0.3 : 0.7, !right, false))];
}
