using Microsoft.ML;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Alternatives;

/// <summary>An ML.NET learner with fixed hyperparameters for one feature view.</summary>
public sealed class AlternativeLearner : IModelTrainer
{
    /// <summary>Name in requests, for example "fast-tree".</summary>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required string Algorithm { get; init; }

    /// <summary>Name on pages, in messages and in command output, for example "FastTree".</summary>
    public required string DisplayName { get; init; }

    /// <inheritdoc/>
    public required ITrainingView View { get; init; }

    /// <summary>Description of how the view's features are presented to the algorithm.</summary>
    public required string Features { get; init; }

    /// <inheritdoc/>
    public required IReadOnlyDictionary<string, string> Hyperparameters { get; init; }

    /// <summary>Creates the estimator, from the named feature column to Probability and PredictedLabel.</summary>
    public required Func<MLContext, string, IEstimator<ITransformer>> Pipeline { get; init; }

    public ModelSignature Signature => ModelSignature.OfAlternative(View.Schema.EncoderId);
    public bool CanServe => false;
    public bool UsesLeaveOneOut => false;

    /// <summary>Fits a model.</summary>
    /// <param name="training">n rows x d features.</param>
    /// <exception cref="TrainingFailedException">The rows do not contain both outcomes.</exception>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public AlternativeModel Fit(WeightedSamples training)
    {
        if (training.SurvivedRows == 0 || training.DiedRows == 0)
            throw new TrainingFailedException(
                $"The numbers of training rows that died and survived are {Format.Count(training.DiedRows)} and {Format.Count(training.SurvivedRows)}; both must be at least 1.");
        var ml = AlternativeLearners.NewContext();
        var rows = ml.Data.LoadFromEnumerable(AlternativeRow.Of(training), AlternativeRow.Schema(training.Dimensions));
        try
        {
            return new AlternativeModel(this, ml, Pipeline(ml, nameof(AlternativeRow.Features)).Fit(rows), rows.Schema);
        }
        catch (Exception exception) when (FindMissingLibrary(exception) is { } missing)
        {
            throw new LearnerUnavailableException(DisplayName, missing);
        }
    }

    ITrainedModel IModelTrainer.Fit(WeightedSamples training) => Fit(training);

    /// <summary>
    /// Loads a model that <see cref="AlternativeModel.Save"/> has written. ML.NET's loader does not protect against manipulated bytes, so
    /// they must come from this store.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are not a saved model.</exception>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public AlternativeModel Load(byte[] bytes)
    {
        var ml = AlternativeLearners.NewContext();
        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            return new AlternativeModel(this, ml, ml.Model.Load(stream, out var inputs), inputs);
        }
        catch (Exception exception) when (FindMissingLibrary(exception) is { } missing)
        {
            throw new LearnerUnavailableException(DisplayName, missing);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException("The bytes are not a saved ML.NET model.", exception);
        }
    }

    private static DllNotFoundException? FindMissingLibrary(Exception? exception) =>
        exception is null or DllNotFoundException ? (DllNotFoundException?)exception : FindMissingLibrary(exception.InnerException);
}

/// <summary>A native library that a learner requires is missing; everything else works without it.</summary>
public sealed class LearnerUnavailableException(string name, Exception innerException)
    : Exception($"The native library of {name} cannot be loaded on this machine. It requires x64, and on Linux libgomp.so.1; install the library or use another learner.", innerException);
