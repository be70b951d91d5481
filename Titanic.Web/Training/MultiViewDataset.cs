using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training;

/// <summary>
/// Feature views whose features are concatenated in each point. Rows at one point are equal in every view. A fold assignment over such
/// points therefore contains the same passengers for all views, and the predictions of models with different views can be paired row by
/// row.
/// </summary>
/// <param name="views">The views, in the order of their features.</param>
public sealed class MultiViewDataset(IReadOnlyList<FeatureViewSchema> views)
{
    public IReadOnlyList<FeatureViewSchema> Views => views;

    /// <summary>The slice of the points that holds the features of one view.</summary>
    /// <exception cref="ArgumentException">The dataset does not contain the view.</exception>
    public FeatureSlice Slice(FeatureViewSchema view)
    {
        var index = views.Select(each => each.EncoderId).ToList().IndexOf(view.EncoderId);
        return index >= 0
            ? new FeatureSlice(view, views.Take(index).Sum(each => each.Features.Count))
            : throw new ArgumentException(
                $"The rows were read through {string.Join(" and ", views)}, which does not include {view}.", nameof(view));
    }

    internal WeightedSamples ToSamples(IEnumerable<TrainingPoint> points) => WeightedSamples.FromRows(
        [.. views.SelectMany(view => view.FeatureNames)], points.Select(point => new WeightedSample(point.Features, point.Survived, point.Rows, point.Group)));
}

/// <summary>Position of one view's features in the points of several views.</summary>
/// <param name="View">The view.</param>
/// <param name="Start">Index of the view's first feature.</param>
public sealed record FeatureSlice(FeatureViewSchema View, int Start)
{
    private int Width => View.Features.Count;

    /// <summary>The same rows with the features of this view only; points that differ only in other views are merged.</summary>
    public WeightedSamples Project(WeightedSamples points) =>
        points.Dimensions == Width ? points : WeightedSamples.FromRows(View.FeatureNames, RowsOf(points));

    /// <summary>Adapts a learner of this view to points of several views.</summary>
    public ILearner Adapt(ILearner learner) => new SlicedLearner(this, learner);

    /// <summary>Adapts a fitted model of this view to points of several views.</summary>
    public IClassifier Adapt(IClassifier classifier) => new SlicedClassifier(Start, Width, classifier);

    private IEnumerable<WeightedSample> RowsOf(WeightedSamples points)
    {
        var (negatives, positives) = (points.UngroupedRows(survived: false), points.UngroupedRows(survived: true));
        for (var point = 0; point < points.Count; point++)
        {
            if (negatives[point] > 0)
                yield return new WeightedSample(FeaturesOf(point), false, negatives[point]);
            if (positives[point] > 0)
                yield return new WeightedSample(FeaturesOf(point), true, positives[point]);
        }
        foreach (var (group, rows) in points.Groups.Index().SelectMany(each => each.Item.Rows.Select(rows => (each.Index, rows))))
            yield return new WeightedSample(FeaturesOf(rows.Point), rows.Survived, rows.Rows, group);

        double[] FeaturesOf(int point) => points.Point(point).Slice(Start, Width).ToArray();
    }

    private sealed class SlicedLearner(FeatureSlice slice, ILearner learner) : ILearner
    {
        public string Name => learner.Name;

        public IClassifier Fit(WeightedSamples training) => slice.Adapt(learner.Fit(slice.Project(training)));
    }

    private sealed class SlicedClassifier(int start, int width, IClassifier classifier) : IClassifier
    {
        public ClassPrediction Predict(ReadOnlySpan<double> point) => classifier.Predict(point.Slice(start, width));
    }
}

/// <summary>A training dataset as distinct points: all rows, and the rows of both sides of its train/test split.</summary>
/// <param name="Views">The views whose features the points contain.</param>
/// <param name="All">All rows.</param>
/// <param name="Training">Rows to fit.</param>
/// <param name="HeldOut">Rows that are held out for testing.</param>
public sealed record TrainingSplit(MultiViewDataset Views, WeightedSamples All, WeightedSamples Training, WeightedSamples HeldOut)
{
    /// <summary>Collects the points of a training dataset.</summary>
    public static TrainingSplit Of(TrainingPoints dataset)
    {
        var views = new MultiViewDataset(dataset.Views);
        return new(
            views, views.ToSamples(dataset.Points), views.ToSamples(dataset.Points.Where(point => !point.IsHeldOut)),
            views.ToSamples(dataset.Points.Where(point => point.IsHeldOut)));
    }

    /// <summary>The same rows with the features of one view only.</summary>
    public TrainingSplit ForView(FeatureViewSchema view)
    {
        var slice = Views.Slice(view);
        return new TrainingSplit(new MultiViewDataset([view]), slice.Project(All), slice.Project(Training), slice.Project(HeldOut));
    }
}
