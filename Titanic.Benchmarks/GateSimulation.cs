using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// Decisions of the promotion gate for real K-NNs, compared as in the training pipeline: 1309 passengers of the stream's population, then
/// 30 days with 10 more each. Each day two candidates are decided on: a K-NN trained on all passengers so far, and one trained with some
/// wrong labels.
/// </summary>
internal static class GateSimulation
{
    private const int InitialRows = 1309, Days = 30, RowsPerDay = 10, PopulationRows = 100_000;

    /// <summary>
    /// Share of labels that are inverted for the second candidate; this costs it about three percentage points of accuracy.
    /// </summary>
    private const double WrongLabelShare = 0.3;

    private static readonly KnnTrainer _trainer = new(new KnnOptions(), BinnedEncoder.Id);

    public static void Measure(int chains, GatePolicy policy)
    {
        var population = WeightedSamples.FromRows(BinnedEncoder.FeatureNames, GeneratedPassengers.Generate(1, PopulationRows).Select(person => new WeightedSample(BinnedEncoder.Encode(person).Features, person.Survived!.Value)));
        var results = new Chain[chains];
        Parallel.For(0, chains, chain => results[chain] = SimulateChain(chain, population, policy));

        var retrained = VerdictShares.Of([.. results.SelectMany(chain => chain.RetrainedVerdicts)]);
        var mislabeled = VerdictShares.Of([.. results.SelectMany(chain => chain.MislabeledVerdicts)]);
        PrintComment($"retrained K-NNs, {chains} x {Days} days, {RowsPerDay} new of about 1500 passengers per day: promoted {100 * retrained.Promoted:0.0}%, held {100 * retrained.Held:0.0}%, rejected {100 * retrained.Rejected:0.0}%; after {Days} days the champion is {100 * results.Average(chain => chain.Gain):0.00} points better than the first champion, the newest candidate {100 * results.Average(chain => chain.NewestGain):0.00} points");
        PrintComment($"K-NNs with {100 * WrongLabelShare:0}% wrong labels, truly {100 * results.Average(chain => chain.MislabeledLoss):0.0} points worse: promoted {100 * mislabeled.Promoted:0.0}%, held {100 * mislabeled.Held:0.0}%, rejected {100 * mislabeled.Rejected:0.0}%");
        BenchmarkResult.AtLeast("gate-real-fresh-knn-promoted", retrained.Promoted, "share", 0.8);
        BenchmarkResult.AtMost("gate-real-worse-knn-promoted", mislabeled.Promoted, "share", 0.05);
    }

    private static Chain SimulateChain(int chain, WeightedSamples population, GatePolicy policy)
    {
        var people = GeneratedPassengers.Generate(1_000_000L * (chain + 1), InitialRows + Days * RowsPerDay).ToList();
        var random = new SeededRandom((ulong)chain);
        bool[] labels = [.. people.Select(person => random.NextDouble() < WrongLabelShare ? !person.Survived!.Value : person.Survived!.Value)];
        var (retrained, mislabeled, losses) = (new List<Verdict>(), new List<Verdict>(), new List<double>());
        var (champion, reference) = (Fit(people[..InitialRows]), (CrossFit?)null);
        var (championRows, newest) = (InitialRows, InitialRows);
        var (championVersion, referenceVersion) = (1, 1);
        for (var day = 1; day <= Days; day++)
        {
            newest = InitialRows + day * RowsPerDay;
            var folds = Folds(people[..newest]);
            var candidate = CrossFit.Fit(_trainer, BinnedEncoder.Schema, folds);
            var decision = Decide(candidate);
            retrained.Add(decision.Verdict);
            Passenger[] wrongRows = [.. people.Take(newest).Select((person, i) => person with { Survived = labels[i] })];
            mislabeled.Add(Decide(CrossFit.Fit(_trainer, BinnedEncoder.Schema, Folds(wrongRows))).Verdict);
            losses.Add(Accuracy(people[..championRows]) - Accuracy(wrongRows));
            if (decision.Verdict == Verdict.Promote)
            {
                (reference, referenceVersion) = decision.ReferenceChampion is { } kept ? (reference ?? champion, kept) : (null, day + 1);
                (champion, championVersion, championRows) = (candidate, day + 1, newest);
            }

            GateDecision Decide(CrossFit fits)
            {
                var scored = fits.Score(folds);
                return PromotionGate.Decide(PromotionEvidence.CompareWithBaselines(BinnedEncoder.Schema, folds, scored, policy) with
                {
                    Champion = ChampionComparison.Of(championVersion, champion.Score(folds), scored, policy),
                    ReferenceChampion = reference is null ? null : ChampionComparison.Of(referenceVersion, reference.Score(folds), scored, policy),
                }, policy);
            }
        }
        var first = Accuracy(people[..InitialRows]);
        return new Chain(retrained, mislabeled, Accuracy(people[..championRows]) - first, Accuracy(people) - first, losses.Average());

        double Accuracy(IReadOnlyList<Passenger> trainingRows) => HoldOut.Run(_trainer, Points(trainingRows), population).Accuracy.Value!.Value;
    }

    private static CrossFit Fit(IReadOnlyList<Passenger> people) => CrossFit.Fit(_trainer, BinnedEncoder.Schema, Folds(people));

    private static GroupKFold Folds(IReadOnlyList<Passenger> people) => GroupKFold.Of(new TrainingPoints([BinnedEncoder.Schema],
        [.. people.Select(person => new TrainingPoint(BinnedEncoder.Encode(person).Features, person.Survived!.Value, false, PersonSplit.FoldOf(PersonKey.Of("a benchmark", person)), 1))]));

    private static WeightedSamples Points(IReadOnlyList<Passenger> people) =>
        WeightedSamples.FromRows(BinnedEncoder.FeatureNames, people.Select(person => new WeightedSample(BinnedEncoder.Encode(person).Features, person.Survived!.Value)));

    private static void PrintComment(FormattableString line) => Console.WriteLine("# " + FormattableString.Invariant(line));

    private sealed record Chain(List<Verdict> RetrainedVerdicts, List<Verdict> MislabeledVerdicts, double Gain, double NewestGain, double MislabeledLoss);
}
