using System.Text.Json;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Training;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Lifecycle;

public sealed class EvaluationReportTests
{
    private static readonly KnnTrainer Knn = new(new KnnOptions(), "titanic_binned/1");
    private static readonly LabelledPoints Training = Every(fifth: false);
    private static readonly LabelledPoints HeldOut = Every(fifth: true);

    [Fact]
    public void A_hold_out_has_curves_calibration_and_segments()
    {
        var record = EvaluationReport.HoldingOut(Knn, Training, HeldOut, isDetailed: true);

        Assert.Equal(("knn", "hold-out", 262), (record.Subject, record.Method, record.Rows));
        Assert.Equal(new CurvePoint(0, 0, null), record.Roc![0]);
        Assert.Equal((1, 1), (record.Roc[^1].X, record.Roc[^1].Y));
        Assert.Equal((1, (double)HeldOut.SurvivedRows / 262), (record.PrecisionRecall![^1].X, record.PrecisionRecall[^1].Y));
        Assert.Equal(262, record.Calibration!.Sum(bin => bin.Rows));
        Assert.Equal([3, 2, 6], Parts(record).Select(part => part.Count()));
        Assert.All(Parts(record), part => Assert.Equal(262, part.Sum(segment => segment.Rows)));
        Assert.All(Parts(record), part => Assert.Equal(record.Confusion.TruePositives, part.Sum(segment => segment.Confusion.TruePositives)));
        Assert.All(Parts(record), part => Assert.Equal(record.Metrics["brier"].Value!.Value, part.Sum(segment => segment.Rows * segment.Brier.Value!.Value) / 262, 1e-12));
        Assert.All(record.Metrics, figure => Assert.True(figure.Value is { Low: not null, High: not null }, figure.Key));
    }

    /// <summary>"Women survive": of 809 victims 127 were women, of 500 survivors 161 were men.</summary>
    [Fact]
    public void Every_count_goes_where_it_belongs()
    {
        var women = new FemaleSurvivesBaseline(TitanicRows.SexFeature);
        var counts = new ConfusionCounts(TrueNegatives: 682, FalsePositives: 127, FalseNegatives: 161, TruePositives: 339);

        Assert.Equal(counts, EvaluationReport.LeavingOneOut(women, TitanicRows.Points, isDetailed: false).Confusion);
        Assert.Equal(counts, EvaluationReport.Of(CrossValidation.Run(women, TitanicRows.Points, new CrossValidationOptions(Repeats: 2))).Confusion);
    }

    [Fact]
    public void Leaving_one_out_ranks_nobody_against_somebody_of_another_fit()
    {
        var record = EvaluationReport.LeavingOneOut(Knn, TitanicRows.Points, isDetailed: true);

        Assert.Equal((new Figure(null), new Figure(null)), (record.Metrics["rocAuc"], record.Metrics["averagePrecision"]));
        Assert.Null(record.Roc);
        Assert.Null(record.PrecisionRecall);
        Assert.Equal(1309, record.Calibration!.Sum(bin => bin.Rows));
        Assert.Equal(1309, record.Segments!.Where(segment => segment is { Pclass: not null, Sex: null }).Sum(segment => segment.Rows));
    }

    [Fact]
    public void Every_figure_of_a_cross_validation_has_its_interval_and_its_spread()
    {
        var record = EvaluationReport.Of(CrossValidation.Run(Knn, TitanicRows.Points, new CrossValidationOptions(Repeats: 2)));

        Assert.Equal("2x5 cross-validation", record.Method);
        Assert.All(record.Metrics, figure => Assert.True(figure.Value is { Low: not null, High: not null, Spread: not null }, figure.Key));
    }

    [Fact]
    public void Who_only_stands_beside_is_kept_short()
    {
        var record = EvaluationReport.HoldingOut(Knn, Training, HeldOut, isDetailed: false);

        Assert.Equal((null, null, null, null), (record.Calibration, record.Roc, record.PrecisionRecall, record.Segments));
    }

    [Fact]
    public void What_was_stored_before_there_were_curves_is_still_read()
    {
        const string stored =
            """
            {"subject": "knn", "method": "hold-out", "rows": 262, "confusion": {"trueNegatives": 140, "falsePositives": 22, "falseNegatives": 30, "truePositives": 70},
             "metrics": {"accuracy": {"value": 0.8, "low": 0.75, "high": 0.84, "spread": null}}}
            """;

        var record = JsonSerializer.Deserialize<EvaluationRecord>(stored, JsonSerializerOptions.Web)!;

        Assert.Equal((262, 0.8), (record.Rows, record.Metrics["accuracy"].Value));
        Assert.Equal((null, null, null, null), (record.Calibration, record.Roc, record.PrecisionRecall, record.Segments));
    }

    private static IEnumerable<IGrouping<(bool, bool), SegmentFigures>> Parts(EvaluationRecord record) =>
        record.Segments!.GroupBy(segment => (segment.Pclass is null, segment.Sex is null)).OrderBy(part => part.Key switch { (false, true) => 0, (true, false) => 1, _ => 2 });

    private static LabelledPoints Every(bool fifth) => LabelledPoints.FromRows(
        TitanicRows.FeatureNames, TitanicRows.All.Index().Where(row => row.Index % 5 == 0 == fifth).Select(row => row.Item));
}
