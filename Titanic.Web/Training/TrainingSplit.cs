using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training;

/// <summary>The rows of a training dataset as points: all of them, and by the split's two sides.</summary>
public sealed record TrainingSplit(LabelledPoints All, LabelledPoints Training, LabelledPoints HeldOut)
{
    public static TrainingSplit Of(IReadOnlyList<TrainingRow> rows) =>
        new(PointsOf(rows), PointsOf(rows.Where(row => !row.Held)), PointsOf(rows.Where(row => row.Held)));

    private static LabelledPoints PointsOf(IEnumerable<TrainingRow> rows) => LabelledPoints.FromRows(
        BinnedEncoder.FeatureNames, rows.Select(row => new LabelledRow(row.Point.Features, row.Survived)));
}
