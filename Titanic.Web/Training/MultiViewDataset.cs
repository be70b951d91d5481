using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training;

/// <summary>
/// Views whose features stand one after another in a point. Rows at one point are then equal in every view, so folds that are dealt
/// over such points hold the same passengers for all of them, and answers of models of different views can be paired row by row.
/// </summary>
public sealed class MultiViewDataset(IReadOnlyList<FeatureViewSchema> views)
{
    public IReadOnlyList<FeatureViewSchema> Views => views;

    /// <exception cref="ArgumentException">The view is not among them.</exception>
    public FeatureSlice In(FeatureViewSchema view)
    {
        var place = views.Select(each => each.EncoderId).ToList().IndexOf(view.EncoderId);
        return place >= 0
            ? new FeatureSlice(view, views.Take(place).Sum(each => each.Features.Count))
            : throw new ArgumentException($"The rows were read through {string.Join(" and ", views)}, not through {view}.", nameof(view));
    }

    internal WeightedSamples PointsOf(IEnumerable<TrainingPoint> points) => WeightedSamples.FromRows(
        [.. views.SelectMany(view => view.FeatureNames)], points.Select(point => new WeightedSample(point.Features, point.Survived, point.Rows)));
}

/// <summary>Where one view's features stand in the points of several.</summary>
/// <param name="First">Index of the view's first feature.</param>
public sealed record FeatureSlice(FeatureViewSchema View, int First)
{
    private int Width => View.Features.Count;

    /// <summary>The same rows as this view sees them; points that differ only in other views become one.</summary>
    public WeightedSamples Of(WeightedSamples points) =>
        points.Dimensions == Width ? points : WeightedSamples.FromRows(View.FeatureNames, RowsOf(points));

    /// <summary>A learner of this view's features as one of points that hold several views.</summary>
    public ILearner Through(ILearner learner) => new SlicedLearner(this, learner);

    /// <summary>A fitted model of this view's features, asked by points that hold several views.</summary>
    public IClassifier Through(IClassifier classifier) => new SlicedClassifier(First, Width, classifier);

    private IEnumerable<WeightedSample> RowsOf(WeightedSamples points)
    {
        for (var point = 0; point < points.Count; point++)
        {
            var features = points.Point(point).Slice(First, Width).ToArray();
            if (points.Negatives[point] > 0)
                yield return new WeightedSample(features, false, points.Negatives[point]);
            if (points.Positives[point] > 0)
                yield return new WeightedSample(features, true, points.Positives[point]);
        }
    }

    private sealed class SlicedLearner(FeatureSlice slice, ILearner learner) : ILearner
    {
        public string Name => learner.Name;

        public IClassifier Fit(WeightedSamples training) => slice.Through(learner.Fit(slice.Of(training)));
    }

    private sealed class SlicedClassifier(int first, int width, IClassifier classifier) : IClassifier
    {
        public ClassPrediction Predict(ReadOnlySpan<double> point) => classifier.Predict(point.Slice(first, width));
    }
}

/// <summary>A training dataset as distinct points: all of them, and by the split's two sides.</summary>
/// <param name="Views">Whose features the points hold.</param>
public sealed record TrainingSplit(MultiViewDataset Views, WeightedSamples All, WeightedSamples Training, WeightedSamples HeldOut)
{
    public static TrainingSplit Of(TrainingPoints dataset)
    {
        var views = new MultiViewDataset(dataset.Views);
        return new(
            views, views.PointsOf(dataset.Points), views.PointsOf(dataset.Points.Where(point => !point.IsHeldOut)),
            views.PointsOf(dataset.Points.Where(point => point.IsHeldOut)));
    }

    /// <summary>The same rows as one of the views sees them.</summary>
    public TrainingSplit In(FeatureViewSchema view)
    {
        var slice = Views.In(view);
        return new TrainingSplit(new MultiViewDataset([view]), slice.Of(All), slice.Of(Training), slice.Of(HeldOut));
    }
}
