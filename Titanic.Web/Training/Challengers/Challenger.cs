using Microsoft.ML;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Challengers;

/// <summary>A learner of ML.NET, of the features of one view.</summary>
/// <param name="name">What it is asked for by, such as "fast-tree".</param>
/// <param name="algorithm">What it is, in words.</param>
/// <param name="features">How it sees the view's features, in words.</param>
/// <param name="pipeline">From the column of features to Probability and PredictedLabel.</param>
public sealed class Challenger(
    string name, string algorithm, ITrainingView view, string features, IReadOnlyDictionary<string, string> hyperparameters,
    Func<MLContext, string, IEstimator<ITransformer>> pipeline) : ILearner
{
    public string Name => name;
    public string Algorithm => algorithm;
    public ITrainingView View => view;
    public string Features => features;
    public IReadOnlyDictionary<string, string> Hyperparameters => hyperparameters;

    /// <exception cref="TrainingRefusedException">The rows do not hold both outcomes.</exception>
    /// <exception cref="ChallengerMissingException">The learner's native library cannot be loaded on this machine.</exception>
    public ChallengerModel Fit(LabelledPoints training)
    {
        if (training.SurvivedRows == 0 || training.DiedRows == 0)
            throw new TrainingRefusedException($"{training.DiedRows} training rows died and {training.SurvivedRows} survived; there must be rows of both outcomes.");
        var ml = ChallengerCatalog.NewContext();
        var rows = ml.Data.LoadFromEnumerable(ChallengerRow.Of(training), ChallengerRow.Schema(training.Dimensions));
        try
        {
            return new ChallengerModel(ml, pipeline(ml, nameof(ChallengerRow.Features)).Fit(rows), rows.Schema, training.Dimensions);
        }
        catch (Exception failure) when (MissingLibrary(failure) is { } missing)
        {
            throw new ChallengerMissingException(name, missing);
        }
    }

    IClassifier ILearner.Fit(LabelledPoints training) => Fit(training);

    private static DllNotFoundException? MissingLibrary(Exception? failure) =>
        failure is null or DllNotFoundException ? (DllNotFoundException?)failure : MissingLibrary(failure.InnerException);
}

/// <summary>A part of the operating system that a learner needs is not there; everything else works without it.</summary>
public sealed class ChallengerMissingException(string name, Exception missing)
    : Exception($"The native library of {name} cannot be loaded on this machine (on Linux it needs libgomp.so.1, on x64).", missing);
