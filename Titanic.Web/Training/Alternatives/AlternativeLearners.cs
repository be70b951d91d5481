using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Alternatives;

/// <summary>
/// ML.NET's learners that the K-NN is held against. Each gets the view that suits it: a sum of weights wants one weight for each bin,
/// trees cut plain numbers by themselves. One thread and fixed seeds, so equal rows give equal models.
/// </summary>
public static class AlternativeLearners
{
    private const int Seed = 1912;

    public static AlternativeLearner LogisticRegression { get; } = new()
    {
        Name = "logistic-regression",
        Algorithm = "logistic regression",
        View = TrainingViews.Binned,
        Features = "bins one-hot",
        Hyperparameters = new Dictionary<string, string> { ["L2"] = "1", ["tolerance"] = "0.0001" },
        Pipeline = (ml, features) => ml.Transforms.Categorical.OneHotEncoding("Bins", features)
            .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                FeatureColumnName = "Bins",
                L1Regularization = 0,
                L2Regularization = 1,
                OptimizationTolerance = 1e-4f,
                NumberOfThreads = 1,
            })),
    };

    public static AlternativeLearner FastTree { get; } = new()
    {
        Name = "fast-tree",
        Algorithm = "boosted trees (FastTree)",
        View = TrainingViews.Numeric,
        Features = "plain values",
        Hyperparameters = new Dictionary<string, string> { ["trees"] = "40", ["leaves"] = "8", ["learning rate"] = "0.1" },
        Pipeline = (ml, features) => ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            FeatureColumnName = features,
            NumberOfTrees = 40,
            NumberOfLeaves = 8,
            LearningRate = 0.1,
            NumberOfThreads = 1,
            Seed = Seed,
        }),
    };

    public static AlternativeLearner LightGbm { get; } = new()
    {
        Name = "light-gbm",
        Algorithm = "boosted trees (LightGBM)",
        View = TrainingViews.Numeric,
        Features = "plain values",
        Hyperparameters = new Dictionary<string, string> { ["trees"] = "60", ["leaves"] = "8", ["learning rate"] = "0.1" },
        Pipeline = (ml, features) => ml.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
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
        }),
    };

    public static IReadOnlyList<AlternativeLearner> All { get; } = [LogisticRegression, FastTree, LightGbm];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(challenger => challenger.Name)];

    /// <summary>Null when there is no such challenger.</summary>
    public static AlternativeLearner? Find(string name) => All.SingleOrDefault(challenger => challenger.Name == name);

    internal static MLContext NewContext() => new(Seed);
}

internal sealed class AlternativeLearnerNameAttribute() : OneOfAttribute([.. AlternativeLearners.Names]);

/// <summary>Configuration section <c>Training:Challengers</c>.</summary>
public sealed class AlternativesSettings
{
    /// <summary>How often all rows are dealt anew to compare the K-NN with its challengers; 0: they are not measured.</summary>
    public int Repeats { get; set; } = 2;

    /// <summary>Sentences saying what is wrong; none for settings that can be used.</summary>
    public IEnumerable<string> Problems() =>
        Repeats is < 0 or > 100 ? [$"Challengers: there are {Repeats} repeats; it must be 0..100, and 0 means not to measure them."] : [];
}
