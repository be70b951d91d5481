using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// Real K-NNs, as the training pipeline holds them against each other: 1309 people of the stream's population, then thirty days of ten
/// more. Each day the K-NN that has learned them all is judged; and beside it one that has learned some outcomes wrongly.
/// </summary>
internal static class GateDays
{
    private const int First = 1309, Days = 30, PerDay = 10, People = 100_000;

    /// <summary>Of the outcomes the bad learner is told the opposite: this costs it about three points of accuracy.</summary>
    private const double WrongShare = 0.3;

    private static readonly KnnTrainer _trainer = new(new KnnOptions(), BinnedEncoder.Id);

    public static void Measure(int chains, GatePolicy policy)
    {
        var everybody = WeightedSamples.FromRows(BinnedEncoder.FeatureNames, GeneratedList.People(1, People).Select(person => new WeightedSample(BinnedEncoder.Encode(person).Features, person.Survived!.Value)));
        var results = new Chain[chains];
        Parallel.For(0, chains, chain => results[chain] = Live(chain, everybody, policy));

        var fresh = VerdictShares.Of([.. results.SelectMany(chain => chain.Fresh)]);
        var wrong = VerdictShares.Of([.. results.SelectMany(chain => chain.Wrong)]);
        Say($"real K-NNs, {chains} x {Days} days, fresh by {PerDay} of some 1500 people: promoted {100 * fresh.Promoted:0.0} %, held {100 * fresh.Held:0.0} %, rejected {100 * fresh.Rejected:0.0} %; after {Days} days the champion is {100 * results.Average(chain => chain.Gain):0.00} points better than the first, the newest candidate {100 * results.Average(chain => chain.GainOfNewest):0.00}");
        Say($"real K-NNs told {100 * WrongShare:0} % of the outcomes wrongly, truly {100 * results.Average(chain => chain.LossOfWrong):0.0} points worse: promoted {100 * wrong.Promoted:0.0} %, held {100 * wrong.Held:0.0} %, rejected {100 * wrong.Rejected:0.0} %");
        Figure.AtLeast("gate-real-fresh-knn-promoted", fresh.Promoted, "share", 0.8);
        Figure.AtMost("gate-real-worse-knn-promoted", wrong.Promoted, "share", 0.05);
    }

    private static Chain Live(int chain, WeightedSamples everybody, GatePolicy policy)
    {
        var people = GeneratedList.People(1_000_000L * (chain + 1), First + Days * PerDay).ToList();
        var random = new SeededRandom((ulong)chain);
        bool[] told = [.. people.Select(person => random.NextDouble() < WrongShare ? !person.Survived!.Value : person.Survived!.Value)];
        var (fresh, wrong, wrongLosses) = (new List<Verdict>(), new List<Verdict>(), new List<double>());
        var (champion, yardstick) = (Fit(people[..First]), (CrossFit?)null);
        var (championRows, newest) = (First, First);
        var (championVersion, yardstickVersion) = (1, 1);
        for (var day = 1; day <= Days; day++)
        {
            newest = First + day * PerDay;
            var folds = Folds(people[..newest]);
            var candidate = CrossFit.Of(_trainer, BinnedEncoder.Schema, folds);
            var decision = Judge(candidate);
            fresh.Add(decision.Verdict);
            var badly = Folds([.. people.Take(newest).Select((person, i) => person with { Survived = told[i] })]);
            wrong.Add(Judge(CrossFit.Of(_trainer, BinnedEncoder.Schema, badly)).Verdict);
            wrongLosses.Add(Accuracy(people[..championRows]) - Accuracy([.. people.Take(newest).Select((person, i) => person with { Survived = told[i] })]));
            if (decision.Verdict == Verdict.Promote)
            {
                (yardstick, yardstickVersion) = decision.Yardstick is { } kept ? (yardstick ?? champion, kept) : (null, day + 1);
                (champion, championVersion, championRows) = (candidate, day + 1, newest);
            }

            GateDecision Judge(CrossFit fits)
            {
                var answers = fits.Score(folds);
                return PromotionGate.Decide(PromotionEvidence.AgainstBaselines(BinnedEncoder.Schema, folds, answers, policy) with
                {
                    Champion = ChampionComparison.Of(championVersion, champion.Score(folds), answers, policy),
                    Yardstick = yardstick is null ? null : ChampionComparison.Of(yardstickVersion, yardstick.Score(folds), answers, policy),
                }, policy);
            }
        }
        var first = Accuracy(people[..First]);
        return new Chain(fresh, wrong, Accuracy(people[..championRows]) - first, Accuracy(people) - first, wrongLosses.Average());

        double Accuracy(IReadOnlyList<Passenger> learned) => HoldOut.Run(_trainer, Points(learned), everybody).Accuracy.Value!.Value;
    }

    private static CrossFit Fit(IReadOnlyList<Passenger> people) => CrossFit.Of(_trainer, BinnedEncoder.Schema, Folds(people));

    private static GroupKFold Folds(IReadOnlyList<Passenger> people) => GroupKFold.Of(new TrainingPoints([BinnedEncoder.Schema],
        [.. people.Select(person => new TrainingPoint(BinnedEncoder.Encode(person).Features, person.Survived!.Value, false, PersonSplit.FoldOf(PersonKey.Of("a benchmark", person)), 1))]));

    private static WeightedSamples Points(IReadOnlyList<Passenger> people) =>
        WeightedSamples.FromRows(BinnedEncoder.FeatureNames, people.Select(person => new WeightedSample(BinnedEncoder.Encode(person).Features, person.Survived!.Value)));

    private static void Say(FormattableString line) => Console.WriteLine("# " + FormattableString.Invariant(line));

    private sealed record Chain(List<Verdict> Fresh, List<Verdict> Wrong, double Gain, double GainOfNewest, double LossOfWrong);
}
