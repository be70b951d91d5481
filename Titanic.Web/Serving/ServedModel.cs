using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Explanations;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Serving;

/// <summary>
/// A model version ready to answer through the view that it learned from: by its decision table where the view is finite, else by search.
/// </summary>
public sealed class ServedModel
{
    private readonly KnnModel _model;
    private readonly AnswerTo _answer;

    private ServedModel(ModelVersion version, KnnModel model, ITrainingView view)
    {
        Version = version.Version;
        ArtifactSha256 = version.ArtifactSha256;
        TrainingDatasetId = version.TrainingDatasetId;
        Origin = version.Origin;
        Signature = version.Signature;
        View = view;
        _model = model;
        Table = view.AllPoints is null ? null : DecisionTable.Of(model);
        _answer = Table is null ? model.Predict : Table.Predict;
    }

    public int Version { get; }
    public string ArtifactSha256 { get; }

    /// <summary>Null where the model learned rows that are not of this store; then <see cref="Origin"/> tells of them.</summary>
    public long? TrainingDatasetId { get; }
    public ModelOrigin? Origin { get; }

    /// <summary>What may be asked, and what is answered.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Encodes the questions.</summary>
    public ITrainingView View { get; }

    /// <summary>All answers; null where there is no end of the inputs.</summary>
    public DecisionTable? Table { get; }

    /// <summary>How many rows its bytes learned, and how many of them survived.</summary>
    public int Rows => _model.Training.Rows;

    /// <inheritdoc cref="Rows"/>
    public int Survivors => _model.Training.SurvivedRows;

    /// <param name="point">Encoded by <see cref="View"/>.</param>
    public ClassPrediction Answer(ReadOnlySpan<double> point) => _answer(point);

    /// <inheritdoc cref="Answer"/>
    public Explanation Explain(double[] point) => Explanation.Of(_model, View, _answer, point);

    /// <summary>Reads a version's bytes after checking that they are the bytes that were registered.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged, or were learned through a view that this code does not have.</exception>
    public static ServedModel Of(ModelVersion version)
    {
        version.RequireRegisteredBytes();
        var model = KnnModel.Load(version.Artifact);
        if (TrainingViews.OfEncoder(model.EncoderId) is not { } view)
            throw new InvalidDataException($"{version.Name} version {version.Version} was learned through encoder {model.EncoderId}; this process encodes with {string.Join(" or ", TrainingViews.All.Select(known => known.Schema.EncoderId))}.");
        if (!model.Training.FeatureNames.SequenceEqual(view.Schema.FeatureNames))
            throw new InvalidDataException($"{version.Name} version {version.Version} learned the features {string.Join(", ", model.Training.FeatureNames)}, but its encoder {model.EncoderId} makes {string.Join(", ", view.Schema.FeatureNames)}.");
        return new ServedModel(version, model, view);
    }
}
