using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class SegmentMetricsTests
{
    /// <summary>"Female survives" on the historical data, whose table by class and sex is well known.</summary>
    [Fact]
    public void Counts_by_class_and_sex_match_the_historical_table()
    {
        var predictions = HoldOut.Score(new Web.Training.Baselines.FemaleSurvivesBaseline(TitanicRows.SexFeature).Fit(TitanicRows.Points), TitanicRows.Points);

        var segments = SegmentMetrics.Of(TitanicRows.Points, predictions);

        Assert.Equal(
            [
                "1  323 118 5 61 139", "2  277 146 12 25 94", "3  709 418 110 75 106",
                " male 843 682 0 161 0", " female 466 0 127 0 339",
                "1 male 179 118 0 61 0", "1 female 144 0 5 0 139", "2 male 171 146 0 25 0", "2 female 106 0 12 0 94", "3 male 493 418 0 75 0", "3 female 216 0 110 0 106",
            ],
            segments.Select(segment => (Segment: segment, Table: segment.Confusion)).Select(row => string.Join(
                ' ', row.Segment.Pclass, row.Segment.Sex, row.Segment.Rows,
                row.Table[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Died], row.Table[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Survived],
                row.Table[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Died], row.Table[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Survived])));
    }

    [Fact]
    public void Computes_Brier_score_and_interval_per_segment()
    {
        var points = WeightedSamples.FromRows(["pclass", "sex"], [new([1, (double)Sex.Female], true, 4), new([3, (double)Sex.Male], false, 6), new([3, (double)Sex.Male], true, 2)]);

        var segments = SegmentMetrics.Of(points, [new(0.9, true, true, 4, 0), new(0.2, false, false, 6, 1), new(0.2, false, true, 2, 1)]);

        var third = segments.Single(segment => segment is { Pclass: 3, Sex: null });
        Assert.Equal((6 * 0.04 + 2 * 0.64) / 8, third.Brier.Value!.Value, 1e-15);
        Assert.Equal(MetricValue.Of(new Proportion(6, 8)), third.Accuracy);
        Assert.Equal(MetricValue.Of(third.Brier.Value, MetricIntervals.Of([new(0.2, false, false, 6), new(0.2, false, true, 2)]).Brier), third.Brier);
    }

    [Fact]
    public void Returns_no_segments_without_class_and_sex() =>
        Assert.Empty(SegmentMetrics.Of(WeightedSamples.FromRows(["x"], [new([1], true)]), [new(0.5, false, true)]));
}
