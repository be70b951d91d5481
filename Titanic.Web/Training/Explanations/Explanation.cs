using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>Explanation of one prediction of a K-NN model, derived from the model only.</summary>
/// <param name="Point">The explained input; d encoded values.</param>
/// <param name="Prediction">The explained prediction.</param>
/// <param name="Neighbors">Training points whose rows vote, nearest first.</param>
/// <param name="Counterfactual">Smallest change of the input that flips the class; null if there is none.</param>
/// <param name="IsExhaustive">Whether the counterfactual search covered every possible input; else only a fixed grid.</param>
/// <param name="Sensitivities">One entry per feature, in the order of the view's features.</param>
/// <param name="MinimalRemoval">Smallest set of training rows whose removal flips the class; null if there is none.</param>
public sealed record Explanation(
    double[] Point,
    ClassPrediction Prediction,
    IReadOnlyList<NeighborInput> Neighbors,
    Counterfactual? Counterfactual,
    bool IsExhaustive,
    IReadOnlyList<Sensitivity> Sensitivities,
    MinimalRemovalSet? MinimalRemoval)
{
    /// <summary>Explains the prediction for one point.</summary>
    /// <param name="model">The model.</param>
    /// <param name="view">The feature view of the model.</param>
    /// <param name="predict">Returns the model's own predictions.</param>
    /// <param name="point">The input; d encoded values.</param>
    public static Explanation Of(KnnModel model, ITrainingView view, PointPredictor predict, double[] point)
    {
        var groups = new DistanceGroups(model, point);
        var prediction = predict(point);
        return new Explanation(
            point, prediction,
            VotingNeighbors.Of(groups, model.Options),
            Counterfactual.Find(model, view.Axes, predict, point), view.AllPoints is not null,
            Sensitivity.Of(view.Axes, predict, point),
            MinimalRemovalSet.Find(groups, model.Options, model.Training.Rows, prediction.Survived));
    }
}

/// <summary>Predicts an encoded point with a model, by a decision table or by a neighbor search.</summary>
public delegate ClassPrediction PointPredictor(ReadOnlySpan<double> point);

/// <summary>
/// One-at-a-time sensitivity of a prediction: predictions for every value of one feature, with all other features unchanged.
/// </summary>
/// <param name="Axis">The varied feature.</param>
/// <param name="Values">One entry per value of the axis.</param>
public sealed record Sensitivity(FeatureAxis Axis, IReadOnlyList<SensitivityValue> Values)
{
    /// <summary>Computes the sensitivities of all features, in the order of the view's features.</summary>
    internal static IReadOnlyList<Sensitivity> Of(IReadOnlyList<FeatureAxis> axes, PointPredictor predict, double[] point)
    {
        var varied = (double[])point.Clone();
        var sensitivities = new Sensitivity[axes.Count];
        for (var feature = 0; feature < axes.Count; feature++)
        {
            sensitivities[feature] = new Sensitivity(axes[feature], [.. axes[feature].Values.Select(value =>
            {
                varied[feature] = value.Code;
                return new SensitivityValue(value, value.Code == point[feature], predict(varied));
            })]);
            varied[feature] = point[feature];
        }
        return sensitivities;
    }
}

/// <summary>Prediction for one value of the varied feature.</summary>
/// <param name="Value">Value of the feature.</param>
/// <param name="IsCurrent">Whether this is the value of the explained input.</param>
/// <param name="Prediction">Prediction with this value.</param>
public sealed record SensitivityValue(AxisValue Value, bool IsCurrent, ClassPrediction Prediction);
