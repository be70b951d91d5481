using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Explanations;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Serving;

/// <summary>
/// A model version loaded for prediction, with its feature view. It predicts with a decision table where the view is finite, else with a
/// neighbor search. Thread-safe.
/// </summary>
public sealed class LoadedModel
{
    private readonly KnnModel _model;
    private readonly PointPredictor _predict;

    private LoadedModel(ModelVersion version, KnnModel model, ITrainingView view)
    {
        Version = version.Version;
        ArtifactSha256 = version.ArtifactSha256;
        TrainingDatasetId = version.TrainingDatasetId;
        Origin = version.Origin;
        Signature = version.Signature;
        View = view;
        _model = model;
        Table = view.AllPoints is null ? null : DecisionTable.Of(model);
        _predict = Table is null ? model.Predict : Table.Predict;
    }

    public int Version { get; }
    public string ArtifactSha256 { get; }

    /// <summary>The training dataset; null for an imported model, whose training data <see cref="Origin"/> describes.</summary>
    public long? TrainingDatasetId { get; }
    public ModelOrigin? Origin { get; }

    /// <summary>The inputs and outputs of the model.</summary>
    public ModelSignature Signature { get; }

    /// <summary>The feature view, which encodes inputs.</summary>
    public ITrainingView View { get; }

    /// <summary>The predictions for all inputs; null where the view has infinitely many.</summary>
    public DecisionTable? Table { get; }

    /// <summary>The number of training rows.</summary>
    public int Rows => _model.Training.Rows;

    /// <summary>The number of training rows that survived.</summary>
    public int Survivors => _model.Training.SurvivedRows;

    /// <summary>Predicts the class of an encoded input.</summary>
    /// <param name="point">Encoded by <see cref="View"/>, one value per feature.</param>
    public ClassPrediction Predict(ReadOnlySpan<double> point) => _predict(point);

    /// <summary>Explains the prediction for an encoded input.</summary>
    /// <param name="point">Encoded by <see cref="View"/>, one value per feature.</param>
    public Explanation Explain(double[] point) => Explanation.Of(_model, View, _predict, point);

    /// <summary>Loads a version after comparing the SHA-256 of its bytes with the registered one.</summary>
    /// <exception cref="InvalidDataException">The bytes are corrupt, or this process does not have the encoder of the model.</exception>
    public static LoadedModel Of(ModelVersion version)
    {
        version.RequireRegisteredBytes();
        var model = KnnModel.Load(version.Artifact);
        if (TrainingViews.FindByEncoder(model.EncoderId) is not { } view)
        {
            throw new InvalidDataException($"{version.Name} version {version.Version} requires the feature view {TrainingViews.NameOf(model.EncoderId)}; this process has "
                + $"{TrainingViews.Names}.");
        }
        if (!model.Training.FeatureNames.SequenceEqual(view.Schema.FeatureNames))
        {
            throw new InvalidDataException($"{version.Name} version {version.Version} was trained on the features "
                + $"{string.Join(", ", model.Training.FeatureNames)}; its feature view {view.Schema} has {string.Join(", ", view.Schema.FeatureNames)}.");
        }
        return new LoadedModel(version, model, view);
    }
}
