using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Alternatives;

/// <summary>
/// ML.NET's learners that the K-NN is compared with. Each uses the view that suits it: logistic regression needs one weight per bin, trees
/// split numeric values themselves. One thread and fixed seeds, so equal rows give equal models.
/// </summary>
public static class AlternativeLearners
{
    private const int Seed = 1912;

    /// <summary>Logistic regression on one-hot encoded bins.</summary>
    public static AlternativeLearner LogisticRegression { get; } = new()
    {
        Name = "logistic-regression",
        Algorithm = "logistic regression",
        DisplayName = "Logistic regression",
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

    /// <summary>Gradient boosted trees (FastTree) on numeric values.</summary>
    public static AlternativeLearner FastTree { get; } = new()
    {
        Name = "fast-tree",
        Algorithm = "boosted trees (FastTree)",
        DisplayName = "FastTree",
        View = TrainingViews.Numeric,
        Features = "plain values",
        Hyperparameters = new Dictionary<string, string> { ["trees"] = "40", ["leaves"] = "8", ["learning rate"] = "0.1" },
        Pipeline = (ml, features) => WithoutForcedCollections(ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            FeatureColumnName = features,
            NumberOfTrees = 40,
            NumberOfLeaves = 8,
            LearningRate = 0.1,
            NumberOfThreads = 1,
            Seed = Seed,
            MemoryStatistics = false, // they force a garbage collection, too
        })),
    };

    /// <summary>Gradient boosted trees (LightGBM) on numeric values; requires a native library.</summary>
    public static AlternativeLearner LightGbm { get; } = new()
    {
        Name = "light-gbm",
        Algorithm = "boosted trees (LightGBM)",
        DisplayName = "LightGBM",
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

    /// <summary>All alternative learners.</summary>
    public static IReadOnlyList<AlternativeLearner> All { get; } = [LogisticRegression, FastTree, LightGbm];

    /// <summary>Their names in requests.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(learner => learner.Name)];

    /// <summary>The learner with a name; null if there is none.</summary>
    public static AlternativeLearner? Find(string name) => All.SingleOrDefault(learner => learner.Name == name);

    internal static MLContext NewContext() => new(Seed);

    /// <summary>
    /// FastTree forces two full garbage collections for each fit, which stop all threads of the process. No option disables them.
    /// </summary>
    private static FastTreeBinaryTrainer WithoutForcedCollections(FastTreeBinaryTrainer trainer)
    {
        AllowsForcedCollections(trainer) = false;
        return trainer;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "AllowGC")]
    private static extern ref bool AllowsForcedCollections(FastTreeTrainerBase<
        FastTreeBinaryTrainer.Options,
        BinaryPredictionTransformer<CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator>>,
        CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator>> trainer);
}

internal sealed class AlternativeLearnerNameAttribute() : OneOfAttribute([.. AlternativeLearners.Names]);

/// <summary>Configuration section <c>Training:Challengers</c>.</summary>
public sealed class AlternativesSettings
{
    /// <summary>
    /// How often all rows are split into folds to compare K-NN with the alternative learners, 0..100; 0 disables it. Default 2.
    /// </summary>
    public int Repeats { get; set; } = 2;

    /// <summary>Validates the settings.</summary>
    /// <returns>Error messages; empty if the settings are valid.</returns>
    public IEnumerable<string> Validate() =>
        Repeats is < 0 or > 100 ? [ErrorText.OutOfRange($"Challengers:{nameof(Repeats)}", Repeats, 0, 100)] : [];
}
