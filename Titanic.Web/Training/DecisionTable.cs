using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training;

/// <summary>
/// The predictions of a model for all inputs of a finite view, computed once. A prediction is a lookup, and two tables can be compared
/// exactly.
/// </summary>
public sealed class DecisionTable
{
    private readonly ITrainingView _view;
    private readonly ClassPrediction[] _predictions;

    private DecisionTable(ITrainingView view, ClassPrediction[] predictions)
    {
        _view = view;
        _predictions = predictions;
    }

    /// <summary>Computes the table with one neighbor search for each input of the view.</summary>
    /// <exception cref="ArgumentException">The model's view is unknown or not finite.</exception>
    public static DecisionTable Of(KnnModel model)
    {
        if (TrainingViews.FindByEncoder(model.EncoderId) is not { AllPoints: { } points } view)
            throw new ArgumentException(
                $"A decision table requires an encoder with a finite number of inputs; {model.EncoderId} is not one.", nameof(model));
        return new DecisionTable(view, [.. points.Select(point => model.Predict(point))]);
    }

    /// <summary>Predictions by the code of the input in its view.</summary>
    public IReadOnlyList<ClassPrediction> Predictions => _predictions;

    /// <summary>The prediction for one of the view's points; the same as the model's own.</summary>
    public ClassPrediction Predict(ReadOnlySpan<double> point) => _predictions[_view.CodeOf(point)!.Value];

    /// <summary>The inputs whose predictions differ in any member, by code; empty only if the tables are equal to the bit.</summary>
    /// <exception cref="ArgumentException">The tables have different views.</exception>
    public IReadOnlyList<ChangedPrediction> CompareWith(DecisionTable other)
    {
        if (other._view != _view)
            throw new ArgumentException($"The tables have the views {_view.Schema} and {other._view.Schema}; only tables of the same view can be compared.", nameof(other));
        var changes = new List<ChangedPrediction>();
        for (short code = 0; code < _predictions.Length; code++)
        {
            if (_predictions[code] != other._predictions[code])
                changes.Add(new ChangedPrediction(code, _view.AllPoints![code], _predictions[code], other._predictions[code]));
        }
        return changes;
    }
}

/// <summary>An input for which two models predict differently.</summary>
/// <param name="Code">Code of the input in its view.</param>
/// <param name="Point">d encoded values.</param>
/// <param name="Before">Prediction of the first model.</param>
/// <param name="After">Prediction of the second model.</param>
public sealed record ChangedPrediction(short Code, double[] Point, ClassPrediction Before, ClassPrediction After)
{
    /// <summary>Whether the predicted class flips; else only probability or votes differ.</summary>
    public bool IsFlip => Before.Survived != After.Survived;
}
