using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Alternatives;

/// <summary>A fitted ML.NET model. Safe for concurrent use; predictions are serialized by a lock.</summary>
public sealed class AlternativeModel : ITrainedModel
{
    /// <summary>Earliest time that a zip entry can have.</summary>
    private static readonly DateTimeOffset _zipEpoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly MLContext _ml;
    private readonly ITransformer _transformer;
    private readonly DataViewSchema _inputs;
    private readonly int _features;
    private readonly PredictionEngine<AlternativeRow, AlternativePrediction> _engine;
    private readonly Lock _engineLock = new();

    /// <summary>Creates a model from a fitted or loaded transformer.</summary>
    /// <exception cref="InvalidDataException">The inputs have no feature vector of known size.</exception>
    internal AlternativeModel(AlternativeLearner trainer, MLContext ml, ITransformer transformer, DataViewSchema inputs)
    {
        _features = inputs[nameof(AlternativeRow.Features)].Type is VectorDataViewType { IsKnownSize: true } features
            ? features.Size
            : throw new InvalidDataException(
                $"The column {nameof(AlternativeRow.Features)} of the saved model is not a vector of known size.");
        (Trainer, _ml, _transformer, _inputs) = (trainer, ml, transformer, inputs);
        _engine = ml.Model.CreatePredictionEngine<AlternativeRow, AlternativePrediction>(transformer, inputSchemaDefinition: AlternativeRow.Schema(_features));
    }

    public IModelTrainer Trainer { get; }

    /// <summary>Predicts one point.</summary>
    /// <param name="point">d raw values.</param>
    /// <exception cref="ArgumentException">The number of values is not d.</exception>
    public ClassPrediction Predict(ReadOnlySpan<double> point)
    {
        if (point.Length != _features)
            throw new ArgumentException($"The number of values is {Format.Count(point.Length)}; it must be {Format.Count(_features)}, one per feature.", nameof(point));
        var row = new AlternativeRow { Features = AlternativeRow.FeaturesOf(point) };
        lock (_engineLock)
        {
            var prediction = _engine.Predict(row);
            return new ClassPrediction(prediction.PredictedLabel, prediction.Probability);
        }
    }

    /// <summary>Null: the format belongs to ML.NET.</summary>
    public string? DescribeOffset(long offset) => null;

    /// <summary>Null: only K-NN models are compared by decision tables, others on a fixed grid of inputs.</summary>
    public DecisionTable? ToDecisionTable() => null;

    /// <summary>ML.NET's zip file with a constant time in all entries, so that equal models give equal bytes.</summary>
    public byte[] Save()
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(_transformer, _inputs, stream);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            foreach (var entry in zip.Entries)
                entry.LastWriteTime = _zipEpoch;
        }
        return stream.ToArray();
    }
}

/// <summary>
/// A row as ML.NET reads it. Each training row is a separate entry, because trees count rows, not weights, in their leaves.
/// </summary>
internal sealed class AlternativeRow
{
    public bool Label { get; set; }
    public float[] Features { get; set; } = [];

    public static IEnumerable<AlternativeRow> Of(WeightedSamples points)
    {
        for (var point = 0; point < points.Count; point++)
        {
            var features = FeaturesOf(points.Point(point));
            for (var row = 0; row < points.Negatives[point]; row++)
                yield return new AlternativeRow { Label = false, Features = features };
            for (var row = 0; row < points.Positives[point]; row++)
                yield return new AlternativeRow { Label = true, Features = features };
        }
    }

    public static float[] FeaturesOf(ReadOnlySpan<double> point)
    {
        var features = new float[point.Length];
        for (var feature = 0; feature < point.Length; feature++)
            features[feature] = (float)point[feature];
        return features;
    }

    public static SchemaDefinition Schema(int features)
    {
        var schema = SchemaDefinition.Create(typeof(AlternativeRow));
        schema[nameof(Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return schema;
    }
}

/// <summary>Output of an ML.NET binary classifier with calibrated probabilities.</summary>
internal sealed class AlternativePrediction
{
    public bool PredictedLabel { get; set; }
    public float Probability { get; set; }
}
