using Microsoft.ML.Data;

namespace Titanic.Web.Training.Challengers;

/// <summary>A row as ML.NET reads it: every training row by itself, since trees count rows and not weights in their leaves.</summary>
internal sealed class ChallengerRow
{
    public bool Label { get; set; }
    public float[] Features { get; set; } = [];

    public static IEnumerable<ChallengerRow> Of(LabelledPoints points)
    {
        for (var point = 0; point < points.Count; point++)
        {
            var features = FeaturesOf(points.Point(point));
            for (var row = 0; row < points.Negatives[point]; row++)
                yield return new ChallengerRow { Label = false, Features = features };
            for (var row = 0; row < points.Positives[point]; row++)
                yield return new ChallengerRow { Label = true, Features = features };
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
        var schema = SchemaDefinition.Create(typeof(ChallengerRow));
        schema[nameof(Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return schema;
    }
}

/// <summary>What a binary classifier of ML.NET with calibrated probabilities answers.</summary>
internal sealed class ChallengerAnswer
{
    public bool PredictedLabel { get; set; }
    public float Probability { get; set; }
}
