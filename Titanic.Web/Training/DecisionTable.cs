using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training;

/// <summary>
/// A model over a finite view as what it is: its answer to every input that there can be, computed once. Asking it is a look-up, and two
/// of them can be compared exactly.
/// </summary>
public sealed class DecisionTable
{
    private readonly ITrainingView _view;
    private readonly ClassPrediction[] _answers;

    private DecisionTable(ITrainingView view, ClassPrediction[] answers)
    {
        _view = view;
        _answers = answers;
    }

    /// <summary>One search for each of the view's points.</summary>
    /// <exception cref="ArgumentException">There is no end of the inputs of the model's view, or no such view.</exception>
    public static DecisionTable Of(KnnModel model)
    {
        if (TrainingViews.OfEncoder(model.EncoderId) is not { AllPoints: { } points } view)
            throw new ArgumentException($"A decision table lists every input; {model.EncoderId} is no encoder with a last one.", nameof(model));
        return new DecisionTable(view, [.. points.Select(point => model.Predict(point))]);
    }

    /// <summary>By the code that the view gives to an input.</summary>
    public IReadOnlyList<ClassPrediction> Answers => _answers;

    /// <param name="point">One of the view's points; what the model itself would answer to it.</param>
    public ClassPrediction Predict(ReadOnlySpan<double> point) => _answers[_view.CodeOf(point)!.Value];

    /// <summary>The inputs that the other table answers differently in any part, by code; empty only for tables that are equal to the bit.</summary>
    /// <exception cref="ArgumentException">The other table is one of another view.</exception>
    public IReadOnlyList<ChangedAnswer> ChangesTo(DecisionTable other)
    {
        if (other._view != _view)
            throw new ArgumentException($"The tables are of {_view.Schema} and {other._view.Schema}; only tables of one view can be compared.", nameof(other));
        var changes = new List<ChangedAnswer>();
        for (short code = 0; code < _answers.Length; code++)
        {
            if (_answers[code] != other._answers[code])
                changes.Add(new ChangedAnswer(code, _view.AllPoints![code], _answers[code], other._answers[code]));
        }
        return changes;
    }
}

/// <summary>An input that two models answer differently.</summary>
/// <param name="Code">The input's code in its view.</param>
/// <param name="Point">Its encoded values.</param>
public sealed record ChangedAnswer(short Code, double[] Point, ClassPrediction Before, ClassPrediction After)
{
    /// <summary>Whether the passenger lives by one model and dies by the other; else only the votes differ.</summary>
    public bool ChangesFate => Before.Survived != After.Survived;
}
