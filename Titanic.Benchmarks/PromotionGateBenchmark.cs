using Titanic.Web.Registry;

namespace Titanic.Benchmarks;

/// <summary>
/// Error rates of the promotion gate under its default policy: simulated versions with a known true difference, then real K-NNs that are
/// retrained day by day on passengers of the stream's population. Seeded, so every machine gets the same values.
/// </summary>
internal static class PromotionGateBenchmark
{
    private static readonly GatePolicy _policy = new();

    public static async Task Measure(bool isQuick)
    {
        var trials = isQuick ? 1_000 : 10_000;
        PrintComment($"policy: margin {_policy.Margin}, significance level {_policy.SignificanceLevel}, at least {_policy.MinimumRows} rows, {_policy.MinimumDiscordantRows} discordant rows, Brier margin {_policy.BrierMargin}; {trials} trials each");
        PrintComment($"| rows | true accuracy difference | predicted differently | promoted | held | rejected |");
        PrintComment($"|---:|---:|---:|---:|---:|---:|");
        foreach (var rows in (int[])[30, 300, 3000])
        {
            var worse = Shares(trials, rows, gain: -0.03, discordant: 0.08);
            var equal = Shares(trials, rows, gain: 0, discordant: 0.08);
            BenchmarkResult.AtMost($"gate-worse-by-3-points-promoted-of-{rows}-rows", worse.Promoted, "share", 0.05);
            if (rows == 3000)
                BenchmarkResult.AtLeast("gate-equal-promoted-of-3000-rows", equal.Promoted, "share", 0.8);
            if (rows == 30)
            {
                BenchmarkResult.AtLeast("gate-equal-held-of-30-rows", equal.Held, "share", 0.8);
                BenchmarkResult.AtMost("gate-equal-rejected-of-30-rows", equal.Rejected, "share", 0.005);
            }
        }
        foreach (var rows in (int[])[300, 1309, 3000])
        {
            foreach (var gain in (double[])[0.01, -0.01, -0.02])
                Shares(trials, rows, gain, discordant: 0.08);
            foreach (var discordant in (double[])[0.02, 0.05, 0.1])
                Shares(trials, rows, gain: 0, discordant);
            foreach (var discordant in (double[])[0.05, 0.1])
                Shares(trials, rows, gain: -0.03, discordant);
        }
        Shares(trials, 1309, gain: 0, discordant: 0.08);
        Shares(trials, 1309, gain: -0.03, discordant: 0.08);
        // All discordant rows favor the champion: the hardest case for a confidence interval.
        foreach (var rows in (int[])[189, 300, 3000])
            BenchmarkResult.AtMost($"gate-worse-by-the-margin-one-sided-promoted-of-{rows}-rows", Shares(trials, rows, gain: -_policy.Margin, discordant: _policy.Margin).Promoted, "share", 0.05);
        GradualDeclineBenchmark.Measure(isQuick ? 50 : 500, _policy);
        GateSimulation.Measure(isQuick ? 10 : 100, _policy);
        await Task.CompletedTask;
    }

    private static VerdictShares Shares(int trials, int rows, double gain, double discordant)
    {
        var verdicts = new Verdict[trials];
        Parallel.For(0, trials, trial => verdicts[trial] = PromotionGate.Decide(new SimulatedComparison(gain, discordant, (ulong)trial).Evidence(rows, _policy), _policy).Verdict);
        var shares = VerdictShares.Of(verdicts);
        PrintComment($"| {rows} | {100 * gain:0.#} points | {100 * discordant:0.#}% | {100 * shares.Promoted:0.0}% | {100 * shares.Held:0.0}% | {100 * shares.Rejected:0.0}% |");
        return shares;
    }

    private static void PrintComment(FormattableString line) => Console.WriteLine("# " + FormattableString.Invariant(line));
}

internal sealed record VerdictShares(double Promoted, double Held, double Rejected)
{
    public static VerdictShares Of(IReadOnlyCollection<Verdict> verdicts) => new(
        Share(verdicts, Verdict.Promote), Share(verdicts, Verdict.Hold), Share(verdicts, Verdict.Reject));

    private static double Share(IReadOnlyCollection<Verdict> verdicts, Verdict verdict) => verdicts.Count(each => each == verdict) / (double)verdicts.Count;
}
