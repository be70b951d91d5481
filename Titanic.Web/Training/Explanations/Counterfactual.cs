using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>
/// Counterfactual explanation: the smallest change of the input that flips the predicted class. Smallest means the fewest changed features,
/// and among those the smallest distance by the model's metric. The search is exhaustive over the values of the view's axes, so over a
/// finite view no smaller change exists.
/// </summary>
/// <param name="Features">Number of changed features, at least 1.</param>
/// <param name="Distance">Distance between the original and the changed input, in standard deviations; greater than 0.</param>
/// <param name="Alternatives">All changes with this number of features at this distance.</param>
public sealed record Counterfactual(int Features, double Distance, IReadOnlyList<CounterfactualInput> Alternatives)
{
    /// <summary>Searches by increasing number of changed features, and for each number by increasing distance.</summary>
    /// <param name="model">Defines the distance.</param>
    /// <param name="axes">Possible values of each feature.</param>
    /// <param name="predict">Predicts an encoded point.</param>
    /// <param name="point">The original input; d encoded values.</param>
    /// <returns>Null if no change of the input flips the predicted class.</returns>
    internal static Counterfactual? Find(KnnModel model, IReadOnlyList<FeatureAxis> axes, PointPredictor predict, double[] point)
    {
        var survived = predict(point).Survived;
        for (var features = 1; features <= axes.Count; features++)
        {
            var candidates = EnumerateChanges(axes, point, features).Select(changes => CreateCandidate(model, point, changes)).ToArray();
            Array.Sort(candidates.Select(candidate => candidate.Sum).ToArray(), candidates);
            List<CounterfactualInput> flips = [];
            double? nearest = null;
            foreach (var candidate in candidates)
            {
                if (nearest is { } sum && candidate.Sum > DistanceTie.Limit(sum))
                    break;
                if (predict(candidate.Point) is var prediction && prediction.Survived == survived)
                    continue;
                flips.Add(new CounterfactualInput(candidate.Point, candidate.Changes, prediction));
                nearest ??= candidate.Sum;
            }
            if (nearest is { } smallest)
                return new Counterfactual(features, DistanceGroups.DistanceOf(smallest, model.Options.Metric), flips);
        }
        return null;
    }

    /// <summary>
    /// All combinations of other axis values for a number of features, among the features from <paramref name="first"/> on.
    /// </summary>
    private static IEnumerable<ChangedFeature[]> EnumerateChanges(IReadOnlyList<FeatureAxis> axes, double[] point, int features, int first = 0)
    {
        if (features == 0)
            return [[]];
        return
            from feature in Enumerable.Range(first, axes.Count - first)
            from value in axes[feature].Values
            where value.Code != point[feature]
            from rest in EnumerateChanges(axes, point, features - 1, feature + 1)
            select (ChangedFeature[])[new ChangedFeature(feature, axes[feature], value), .. rest];
    }

    private static (double Sum, double[] Point, ChangedFeature[] Changes) CreateCandidate(KnnModel model, double[] point, ChangedFeature[] changes)
    {
        var changed = (double[])point.Clone();
        foreach (var change in changes)
            changed[change.Feature] = change.Value.Code;
        return (DistanceGroups.Sum(point, changed, model), changed, changes);
    }
}

/// <summary>A changed input whose predicted class is the opposite of the original one.</summary>
/// <param name="Point">d encoded values.</param>
/// <param name="Changes">The changed features.</param>
/// <param name="Prediction">Prediction for the changed input.</param>
public sealed record CounterfactualInput(double[] Point, IReadOnlyList<ChangedFeature> Changes, ClassPrediction Prediction);

/// <summary>A feature with its changed value.</summary>
/// <param name="Feature">Index of the feature in the view, 0..d-1.</param>
/// <param name="Axis">The feature's possible values.</param>
/// <param name="Value">The changed value.</param>
public sealed record ChangedFeature(int Feature, FeatureAxis Axis, AxisValue Value);
