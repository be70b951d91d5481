using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Challengers;

/// <summary>A fitted model of ML.NET. Safe for concurrent use; answers are given one at a time.</summary>
public sealed class ChallengerModel : IClassifier
{
    /// <summary>The first time that a zip file can hold.</summary>
    private static readonly DateTimeOffset _noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly MLContext _ml;
    private readonly ITransformer _transformer;
    private readonly DataViewSchema _inputs;
    private readonly int _features;
    private readonly PredictionEngine<ChallengerRow, ChallengerAnswer> _engine;
    private readonly Lock _oneAtATime = new();

    internal ChallengerModel(MLContext ml, ITransformer transformer, DataViewSchema inputs, int features)
    {
        (_ml, _transformer, _inputs, _features) = (ml, transformer, inputs, features);
        _engine = ml.Model.CreatePredictionEngine<ChallengerRow, ChallengerAnswer>(transformer, inputSchemaDefinition: ChallengerRow.Schema(features));
    }

    public Prediction Predict(ReadOnlySpan<double> point)
    {
        if (point.Length != _features)
            throw new ArgumentException($"The point has {point.Length} values; it must have one per feature ({_features}).", nameof(point));
        var row = new ChallengerRow { Features = ChallengerRow.FeaturesOf(point) };
        lock (_oneAtATime)
        {
            var answer = _engine.Predict(row);
            return new Prediction(answer.PredictedLabel, answer.Probability);
        }
    }

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

    /// <exception cref="InvalidDataException">These are not the bytes of a saved challenger.</exception>
    public static ChallengerModel Load(byte[] bytes)
    {
        var ml = ChallengerCatalog.NewContext();
        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            var transformer = ml.Model.Load(stream, out var inputs);
            return inputs[nameof(ChallengerRow.Features)].Type is VectorDataViewType { IsKnownSize: true } features
                ? new ChallengerModel(ml, transformer, inputs, features.Size)
                : throw new InvalidDataException($"The saved model's column {nameof(ChallengerRow.Features)} is no vector of known size.");
        }
        catch (Exception failure) when (failure is FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"This is not a model that ML.NET saved: {failure.Message}", failure);
        }
    }
}
