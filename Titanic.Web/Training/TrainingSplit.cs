using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training;

/// <summary>A training dataset as distinct points: all of them, and by the split's two sides.</summary>
public sealed record TrainingSplit(LabelledPoints All, LabelledPoints Training, LabelledPoints HeldOut)
{
    public static TrainingSplit Of(TrainingPoints dataset) => new(
        PointsOf(dataset.View, dataset.Points),
        PointsOf(dataset.View, dataset.Points.Where(point => !point.IsHeldOut)),
        PointsOf(dataset.View, dataset.Points.Where(point => point.IsHeldOut)));

    private static LabelledPoints PointsOf(FeatureViewSchema view, IEnumerable<TrainingPoint> points) => LabelledPoints.FromRows(
        view.FeatureNames, points.Select(point => new LabelledRow(point.Features, point.Survived, point.Rows)));
}
