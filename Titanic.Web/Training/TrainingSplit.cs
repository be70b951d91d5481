using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training;

/// <summary>A training dataset as distinct points: all of them, and by the split's two sides.</summary>
/// <param name="Views">Whose features the points hold.</param>
public sealed record TrainingSplit(SideBySide Views, LabelledPoints All, LabelledPoints Training, LabelledPoints HeldOut)
{
    public static TrainingSplit Of(TrainingPoints dataset)
    {
        var views = new SideBySide(dataset.Views);
        return new(
            views, views.PointsOf(dataset.Points), views.PointsOf(dataset.Points.Where(point => !point.IsHeldOut)),
            views.PointsOf(dataset.Points.Where(point => point.IsHeldOut)));
    }

    /// <summary>The same rows as one of the views sees them.</summary>
    public TrainingSplit In(FeatureViewSchema view)
    {
        var slice = Views.In(view);
        return new TrainingSplit(new SideBySide([view]), slice.Of(All), slice.Of(Training), slice.Of(HeldOut));
    }
}
