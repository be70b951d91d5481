using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Benchmarks;

/// <summary>
/// A champion that is right about 80 % of the passengers, and a candidate that answers a share of them otherwise and is truly better by a
/// known gain. Rows are drawn one by one, with probabilities that fit the answers: where the two differ, both are unsure.
/// </summary>
internal sealed class GateTrial(double gain, double discordant, ulong seed)
{
    private const double ChampionAccuracy = 0.8, Died = 0.618;

    /// <summary>How often "female survives" is right where the champion is, and where it is not: 0.78 in all.</summary>
    private const double RuleRightToo = 0.905, RuleRightAlone = 0.28;

    private readonly SeededRandom _random = new(seed);

    /// <param name="rows">Held out; a third of them, but no more than 100, were answered live as well.</param>
    public GateEvidence Evidence(int rows, GatePolicy policy)
    {
        var (held, live) = (Draw(rows), Draw(Math.Min(100, rows / 3)));
        BaselineComparison[] baselines =
        [
            BaselineComparison.Of("majority", [.. held.Candidate.Select(row => new ScoredRow(1 - Died, false, row.Actual))], held.Candidate, policy),
            BaselineComparison.Of("female survives", held.Rule, held.Candidate, policy),
        ];
        return new GateEvidence(
            rows, held.Candidate.Count(row => row.Predicted == row.Actual) / (double)rows, Died,
            ChampionComparison.Of(1, held.Champion, held.Candidate, policy), baselines, ChampionComparison.Of(1, live.Champion, live.Candidate, policy));
    }

    private (ScoredRow[] Champion, ScoredRow[] Candidate, ScoredRow[] Rule) Draw(int rows)
    {
        var (onlyCandidate, onlyChampion) = ((discordant + gain) / 2, (discordant - gain) / 2);
        var (champion, candidate, rule) = (new ScoredRow[rows], new ScoredRow[rows], new ScoredRow[rows]);
        for (var row = 0; row < rows; row++)
        {
            var (survived, kind) = (_random.NextDouble() >= Died, _random.NextDouble());
            var (championRight, candidateRight) = kind < onlyCandidate ? (false, true)
                : kind < discordant ? (true, false)
                : kind < discordant + ChampionAccuracy - onlyChampion ? (true, true)
                : (false, false);
            var sureness = _random.NextDouble() * (championRight == candidateRight ? 0.45 : 0.1);
            champion[row] = Answer(championRight, survived, sureness);
            candidate[row] = Answer(candidateRight, survived, sureness);
            rule[row] = Answer(_random.NextDouble() < (championRight ? RuleRightToo : RuleRightAlone), survived, 0.25);
        }
        return (champion, candidate, rule);
    }

    /// <param name="sureness">How far the probability is from one half.</param>
    private static ScoredRow Answer(bool isRight, bool survived, double sureness) =>
        new(isRight == survived ? 0.5 + sureness : 0.5 - sureness, isRight == survived, survived);
}
