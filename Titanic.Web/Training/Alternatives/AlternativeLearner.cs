using Microsoft.ML;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Alternatives;

/// <summary>A learner of ML.NET, of the features of one view.</summary>
public sealed class AlternativeLearner : IModelTrainer
{
    /// <summary>How it is called in requests: "fast-tree".</summary>
    public required string Name { get; init; }

    public required string Algorithm { get; init; }
    public required ITrainingView View { get; init; }

    /// <summary>How it sees the view's features, in words.</summary>
    public required string Features { get; init; }

    public required IReadOnlyDictionary<string, string> Hyperparameters { get; init; }

    /// <summary>From the named column of features to Probability and PredictedLabel.</summary>
    public required Func<MLContext, string, IEstimator<ITransformer>> Pipeline { get; init; }

    public ModelSignature Signature => ModelSignature.OfAlternative(View.Schema.EncoderId);
    public bool CanServe => false;
    public bool IsLeftOneOut => false;

    /// <exception cref="TrainingRefusedException">The rows do not hold both outcomes.</exception>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public AlternativeModel Fit(WeightedSamples training)
    {
        if (training.SurvivedRows == 0 || training.DiedRows == 0)
            throw new TrainingRefusedException($"{training.DiedRows} training rows died and {training.SurvivedRows} survived; there must be rows of both outcomes.");
        var ml = AlternativeLearners.NewContext();
        var rows = ml.Data.LoadFromEnumerable(AlternativeRow.Of(training), AlternativeRow.Schema(training.Dimensions));
        try
        {
            return new AlternativeModel(this, ml, Pipeline(ml, nameof(AlternativeRow.Features)).Fit(rows), rows.Schema);
        }
        catch (Exception failure) when (MissingLibrary(failure) is { } missing)
        {
            throw new LearnerUnavailableException(Name, missing);
        }
    }

    ITrainedModel IModelTrainer.Fit(WeightedSamples training) => Fit(training);

    /// <summary>The model that <see cref="AlternativeModel.Save"/> wrote. ML.NET's loader trusts the bytes, so they must be this store's own.</summary>
    /// <exception cref="InvalidDataException">These are not the bytes of a saved model.</exception>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public AlternativeModel Load(byte[] bytes)
    {
        var ml = AlternativeLearners.NewContext();
        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            return new AlternativeModel(this, ml, ml.Model.Load(stream, out var inputs), inputs);
        }
        catch (Exception failure) when (MissingLibrary(failure) is { } missing)
        {
            throw new LearnerUnavailableException(Name, missing);
        }
        catch (Exception failure) when (failure is FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"This is not a model that ML.NET saved: {failure.Message}", failure);
        }
    }

    private static DllNotFoundException? MissingLibrary(Exception? failure) =>
        failure is null or DllNotFoundException ? (DllNotFoundException?)failure : MissingLibrary(failure.InnerException);
}

/// <summary>A part of the operating system that a learner needs is not there; everything else works without it.</summary>
public sealed class LearnerUnavailableException(string name, Exception missing)
    : Exception($"The native library of {name} cannot be loaded on this machine (on Linux it needs libgomp.so.1, on x64).", missing);
