using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// Answers the row at which its source stands, once per row however many columns are read. Room for the features is kept from row to
/// row, dense or sparse, so rows cost no memory; it serves one thread, like the row itself.
/// </summary>
internal sealed class KnnRowAnswers(DataViewRow row, DataViewSchema.Column features, KnnModel model)
{
    private readonly ValueGetter<VBuffer<float>> _featuresOfRow = row.GetGetter<VBuffer<float>>(row.Schema[features.Index]);
    private readonly float[] _values = new float[model.Training.Dimensions];
    private readonly double[] _point = new double[model.Training.Dimensions];

    private VBuffer<float> _features;
    private KnnAnswer _answer;
    private long? _answered;

    public Delegate GetterOf(string column) => column switch
    {
        KnnColumns.PredictedLabel => (ValueGetter<bool>)((ref value) => value = Answer().Survived),
        KnnColumns.Probability => (ValueGetter<float>)((ref value) => value = (float)Answer().Probability),
        _ => (ValueGetter<float>)((ref value) => value = (float)(Answer().Probability - 0.5)),
    };

    private KnnAnswer Answer()
    {
        if (_answered == row.Position)
            return _answer;
        _featuresOfRow(ref _features);
        _features.CopyTo(_values);
        for (var feature = 0; feature < _values.Length; feature++)
        {
            if (!LabelledPoints.IsUsable(_values[feature]))
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Row {row.Position + 1} has {_values[feature]} as '{model.Training.FeatureNames[feature]}' in column '{features.Name}'; it must be {LabelledPoints.UsableValue}."));
            _point[feature] = _values[feature];
        }
        _answer = model.Predict(_point);
        _answered = row.Position;
        return _answer;
    }
}
