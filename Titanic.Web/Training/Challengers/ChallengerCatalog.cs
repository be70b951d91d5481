using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Challengers;

/// <summary>
/// ML.NET's learners that the K-NN is held against. Each gets the view that suits it: a sum of weights wants one weight for each bin,
/// trees cut plain numbers by themselves. One thread and fixed seeds, so equal rows give equal models.
/// </summary>
public static class ChallengerCatalog
{
    private const int Seed = 1912;

    public static Challenger LogisticRegression { get; } = new(
        "logistic-regression", "logistic regression", TrainingViews.Binned, "bins one-hot",
        new Dictionary<string, string> { ["L2"] = "1", ["tolerance"] = "0.0001" },
        (ml, features) => ml.Transforms.Categorical.OneHotEncoding("Bins", features)
            .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                FeatureColumnName = "Bins",
                L1Regularization = 0,
                L2Regularization = 1,
                OptimizationTolerance = 1e-4f,
                NumberOfThreads = 1,
            })));

    public static Challenger FastTree { get; } = new(
        "fast-tree", "boosted trees (FastTree)", TrainingViews.Numeric, "plain values",
        new Dictionary<string, string> { ["trees"] = "40", ["leaves"] = "8", ["learning rate"] = "0.1" },
        (ml, features) => ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            FeatureColumnName = features,
            NumberOfTrees = 40,
            NumberOfLeaves = 8,
            LearningRate = 0.1,
            NumberOfThreads = 1,
            Seed = Seed,
        }));

    public static Challenger LightGbm { get; } = new(
        "light-gbm", "boosted trees (LightGBM)", TrainingViews.Numeric, "plain values",
        new Dictionary<string, string> { ["trees"] = "60", ["leaves"] = "8", ["learning rate"] = "0.1" },
        (ml, features) => ml.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            FeatureColumnName = features,
            NumberOfIterations = 60,
            NumberOfLeaves = 8,
            LearningRate = 0.1,
            NumberOfThreads = 1,
            Seed = Seed,
            Deterministic = true,
            Silent = true,
            Verbose = false,
        }));

    public static IReadOnlyList<Challenger> All { get; } = [LogisticRegression, FastTree, LightGbm];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(challenger => challenger.Name)];

    /// <summary>Null when there is no such challenger.</summary>
    public static Challenger? Find(string name) => All.SingleOrDefault(challenger => challenger.Name == name);

    internal static MLContext NewContext() => new(Seed);
}
