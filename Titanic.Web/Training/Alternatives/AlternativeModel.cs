using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Alternatives;

/// <summary>A fitted model of ML.NET. Safe for concurrent use; answers are given one at a time.</summary>
public sealed class AlternativeModel : ITrainedModel
{
    /// <summary>The first time that a zip file can hold.</summary>
    private static readonly DateTimeOffset _noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly MLContext _ml;
    private readonly ITransformer _transformer;
    private readonly DataViewSchema _inputs;
    private readonly int _features;
    private readonly PredictionEngine<AlternativeRow, AlternativePrediction> _engine;
    private readonly Lock _oneAtATime = new();

    /// <exception cref="InvalidDataException">The inputs have no vector of features of known size.</exception>
    internal AlternativeModel(AlternativeLearner trainer, MLContext ml, ITransformer transformer, DataViewSchema inputs)
    {
        _features = inputs[nameof(AlternativeRow.Features)].Type is VectorDataViewType { IsKnownSize: true } features
            ? features.Size
            : throw new InvalidDataException($"The saved model's column {nameof(AlternativeRow.Features)} is no vector of known size.");
        (Trainer, _ml, _transformer, _inputs) = (trainer, ml, transformer, inputs);
        _engine = ml.Model.CreatePredictionEngine<AlternativeRow, AlternativePrediction>(transformer, inputSchemaDefinition: AlternativeRow.Schema(_features));
    }

    public IModelTrainer Trainer { get; }

    public ClassPrediction Predict(ReadOnlySpan<double> point)
    {
        if (point.Length != _features)
            throw new ArgumentException($"The point has {point.Length} values; it must have one per feature ({_features}).", nameof(point));
        var row = new AlternativeRow { Features = AlternativeRow.FeaturesOf(point) };
        lock (_oneAtATime)
        {
            var answer = _engine.Predict(row);
            return new ClassPrediction(answer.PredictedLabel, answer.Probability);
        }
    }

    /// <summary>The format is ML.NET's own.</summary>
    public string? PartAt(long offset) => null;

    /// <summary>A table is how K-NNs are compared; other learners are compared on a fixed grid.</summary>
    public DecisionTable? ToDecisionTable() => null;

    /// <summary>ML.NET's own zip file, its entries without a time of day: equal models give equal bytes.</summary>
    public byte[] Save()
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(_transformer, _inputs, stream);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            foreach (var entry in zip.Entries)
                entry.LastWriteTime = _noTime;
        }
        return stream.ToArray();
    }
}

/// <summary>A row as ML.NET reads it: every training row by itself, since trees count rows and not weights in their leaves.</summary>
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

/// <summary>What a binary classifier of ML.NET with calibrated probabilities answers.</summary>
internal sealed class AlternativePrediction
{
    public bool PredictedLabel { get; set; }
    public float Probability { get; set; }
}
