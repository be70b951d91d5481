using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>
/// The least that would have had to be different for the opposite answer: as few features as can be, and of those changes the nearest, by
/// the model's own distance. Every input that the view's axes span is looked at, so over a finite view nothing smaller exists.
/// </summary>
/// <param name="Features">How many features change.</param>
/// <param name="Distance">How far the changed inputs stand from what was asked, in standard deviations.</param>
/// <param name="Alternatives">All changes of that size at that distance.</param>
public sealed record Counterfactual(int Features, double Distance, IReadOnlyList<ChangedInput> Alternatives)
{
    /// <summary>Null when no change of inputs turns the answer.</summary>
    internal static Counterfactual? Find(KnnModel model, IReadOnlyList<FeatureAxis> axes, AnswerTo answer, double[] point)
    {
        var survived = answer(point).Survived;
        for (var features = 1; features <= axes.Count; features++)
        {
            var candidates = Changed(axes, point, features).Select(changes => Candidate(model, point, changes)).ToArray();
            Array.Sort(candidates.Select(candidate => candidate.Distance).ToArray(), candidates);
            List<ChangedInput> turned = [];
            var distance = double.PositiveInfinity;
            foreach (var candidate in candidates)
            {
                if (candidate.Distance > distance)
                    break;
                if (answer(candidate.Point) is var other && other.Survived == survived)
                    continue;
                turned.Add(new ChangedInput(candidate.Point, candidate.Changes, other));
                distance = candidate.Distance;
            }
            if (turned.Count > 0)
                return new Counterfactual(features, distance, turned);
        }
        return null;
    }

    /// <summary>All ways to give other values of their axes to so many features, the first ones from <paramref name="first"/> on.</summary>
    private static IEnumerable<ChangedFeature[]> Changed(IReadOnlyList<FeatureAxis> axes, double[] point, int features, int first = 0)
    {
        if (features == 0)
            return [[]];
        return
            from feature in Enumerable.Range(first, axes.Count - first)
            from value in axes[feature].Values
            where value.Code != point[feature]
            from rest in Changed(axes, point, features - 1, feature + 1)
            select (ChangedFeature[])[new ChangedFeature(feature, axes[feature], value), .. rest];
    }

    private static (double Distance, double[] Point, ChangedFeature[] Changes) Candidate(KnnModel model, double[] point, ChangedFeature[] changes)
    {
        var changed = (double[])point.Clone();
        foreach (var change in changes)
            changed[change.Feature] = change.Value.Code;
        return (DistanceGroups.Distance(point, changed, model), changed, changes);
    }
}

/// <summary>An input that gets the opposite answer.</summary>
public sealed record ChangedInput(double[] Point, IReadOnlyList<ChangedFeature> Changes, ClassPrediction Answer);

/// <param name="Feature">Its place among the view's features.</param>
/// <param name="Value">What it would be instead.</param>
public sealed record ChangedFeature(int Feature, FeatureAxis Axis, AxisValue Value);
