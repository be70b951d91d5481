using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Benchmarks;

/// <summary>
/// Simulates a champion with an accuracy of 80% and a candidate that predicts a share of the rows differently and whose true accuracy is
/// higher by a known gain. Rows are drawn independently. Probabilities match the predictions: where the two models differ, both are close
/// to one half.
/// </summary>
internal sealed class SimulatedComparison(double gain, double discordant, ulong seed)
{
    private const double ChampionAccuracy = 0.8, DeathRate = 0.618;

    /// <summary>Accuracy of the rule "female survives" on rows where the champion is right and where it is wrong; 0.78 overall.</summary>
    private const double RuleAccuracyWhereChampionIsRight = 0.905, RuleAccuracyWhereChampionIsWrong = 0.28;

    private readonly SeededRandom _random = new(seed);

    /// <param name="rows">Number of cross-validated rows. A third of them, at most 100, also have live predictions.</param>
    public GateEvidence Evidence(int rows, GatePolicy policy)
    {
        var (held, live) = (Draw(rows), Draw(Math.Min(100, rows / 3)));
        BaselineComparison[] baselines =
        [
            BaselineComparison.Of("majority", [.. held.Candidate.Select(row => new ScoredRow(1 - DeathRate, false, row.Actual))], held.Candidate, policy),
            BaselineComparison.Of("female survives", held.Rule, held.Candidate, policy),
        ];
        return new GateEvidence(
            rows, held.Candidate.Count(row => row.Predicted == row.Actual) / (double)rows, DeathRate,
            ChampionComparison.Of(1, held.Champion, held.Candidate, policy), baselines, ChampionComparison.Of(1, live.Champion, live.Candidate, policy));
    }

    private (ScoredRow[] Champion, ScoredRow[] Candidate, ScoredRow[] Rule) Draw(int rows)
    {
        var (onlyCandidate, onlyChampion) = ((discordant + gain) / 2, (discordant - gain) / 2);
        var (champion, candidate, rule) = (new ScoredRow[rows], new ScoredRow[rows], new ScoredRow[rows]);
        for (var row = 0; row < rows; row++)
        {
            var (survived, kind) = (_random.NextDouble() >= DeathRate, _random.NextDouble());
            var (championRight, candidateRight) = kind < onlyCandidate ? (false, true)
                : kind < discordant ? (true, false)
                : kind < discordant + ChampionAccuracy - onlyChampion ? (true, true)
                : (false, false);
            var confidence = _random.NextDouble() * (championRight == candidateRight ? 0.45 : 0.1);
            champion[row] = CreateRow(championRight, survived, confidence);
            candidate[row] = CreateRow(candidateRight, survived, confidence);
            rule[row] = CreateRow(_random.NextDouble() < (championRight ? RuleAccuracyWhereChampionIsRight : RuleAccuracyWhereChampionIsWrong), survived, 0.25);
        }
        return (champion, candidate, rule);
    }

    /// <param name="confidence">Distance of the probability from one half, 0 to 0.5.</param>
    private static ScoredRow CreateRow(bool isRight, bool survived, double confidence) =>
        new(isRight == survived ? 0.5 + confidence : 0.5 - confidence, isRight == survived, survived);
}
