using System.Text.Json;
using Titanic.Web.Database;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class EvaluationRecordTests
{
    private static readonly KnnTrainer Knn = new(new KnnOptions(), "titanic_binned/1");
    private static readonly WeightedSamples Training = Subset(isHeldOut: false);
    private static readonly WeightedSamples HeldOut = Subset(isHeldOut: true);

    [Fact]
    public void Detailed_hold_out_has_curves_calibration_and_segments()
    {
        var record = HoldOut.Evaluate(Knn, Training, HeldOut, isDetailed: true);

        Assert.Equal(("knn", "hold-out", 262), (record.Subject, record.Method, record.Rows));
        Assert.Equal(new CurvePoint(0, 0, null), record.Roc![0]);
        Assert.Equal((1, 1), (record.Roc[^1].X, record.Roc[^1].Y));
        Assert.Equal((1, (double)HeldOut.SurvivedRows / 262), (record.PrecisionRecall![^1].X, record.PrecisionRecall[^1].Y));
        Assert.Equal(262, record.Calibration!.Sum(bin => bin.Rows));
        Assert.Equal([3, 2, 6], Parts(record).Select(part => part.Count()));
        Assert.All(Parts(record), part => Assert.Equal(262, part.Sum(segment => segment.Rows)));
        Assert.All(
            Parts(record), part => Assert.Equal(record.Confusion.TruePositives, part.Sum(segment => segment.Confusion.TruePositives)));
        Assert.All(Parts(record), part => Assert.Equal(record.Metrics["brier"].Value!.Value, part.Sum(segment => segment.Rows * segment.Brier.Value!.Value) / 262, 1e-12));
        Assert.All(record.Metrics, metric => Assert.True(metric.Value is { Low: not null, High: not null }, metric.Key));
    }

    /// <summary>"Female survives": of 809 rows that died 127 were women, of 500 that survived 161 were men.</summary>
    [Fact]
    public void Confusion_counts_match_the_historical_table()
    {
        var women = new FemaleSurvivesBaseline(TitanicRows.SexFeature);
        var counts = new ConfusionCounts(TrueNegatives: 682, FalsePositives: 127, FalseNegatives: 161, TruePositives: 339);

        Assert.Equal(counts, LeaveOneOut.Evaluate(women, TitanicRows.Points, isDetailed: false).Confusion);
        Assert.Equal(counts, CrossValidation.Run(women, TitanicRows.Points, new CrossValidationOptions(Repeats: 2)).ToRecord().Confusion);
    }

    [Fact]
    public void Leave_one_out_has_no_ranking_metrics()
    {
        var record = LeaveOneOut.Evaluate(Knn, TitanicRows.Points, isDetailed: true);

        Assert.Equal((new MetricValue(null), new MetricValue(null)), (record.Metrics["rocAuc"], record.Metrics["averagePrecision"]));
        Assert.Null(record.Roc);
        Assert.Null(record.PrecisionRecall);
        Assert.Equal(1309, record.Calibration!.Sum(bin => bin.Rows));
        Assert.Equal(1309, record.Segments!.Where(segment => segment is { Pclass: not null, Sex: null }).Sum(segment => segment.Rows));
    }

    [Fact]
    public void Every_cross_validation_metric_has_interval_and_spread()
    {
        var record = CrossValidation.Run(Knn, TitanicRows.Points, new CrossValidationOptions(Repeats: 2)).ToRecord();

        Assert.Equal("2x5 cross-validation", record.Method);
        Assert.All(record.Metrics, metric => Assert.True(metric.Value is { Low: not null, High: not null, Spread: not null }, metric.Key));
    }

    [Fact]
    public void Evaluation_without_details_has_no_curves_calibration_or_segments()
    {
        var record = HoldOut.Evaluate(Knn, Training, HeldOut, isDetailed: false);

        Assert.Equal((null, null, null, null), (record.Calibration, record.Roc, record.PrecisionRecall, record.Segments));
    }

    [Fact]
    public void Reads_records_stored_before_curves_existed()
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

    /// <summary>Member names, order and shapes are those of all stored rows and archives.</summary>
    [Fact]
    public void JSON_of_a_record_is_unchanged()
    {
        var counts = new ConfusionCounts(140, 22, 30.5, 69.5);
        var record = new EvaluationRecord(
            "knn", "hold-out", 262, new Dictionary<string, MetricValue> { ["accuracy"] = new(0.8, 0.75, 0.84), ["f1"] = new(null) }, counts,
            [new CalibrationBin(0, 0.1, 4, null, new MetricValue(0.25, 0.125, 0.5))], [new CurvePoint(0, 0, null)], [new CurvePoint(0.5, 1, 0.9)],
            [new SegmentMetrics(1, "female", 9, counts, new MetricValue(0.5), new MetricValue(0.25))]);

        Assert.Equal(
            """{"subject":"knn","method":"hold-out","rows":262,"metrics":{"accuracy":{"value":0.8,"low":0.75,"high":0.84,"spread":null},"f1":{"value":null,"low":null,"high":null,"spread":null}}"""
            + ""","confusion":{"trueNegatives":140,"falsePositives":22,"falseNegatives":30.5,"truePositives":69.5},"calibration":[{"over":0,"upTo":0.1,"rows":4,"meanPredicted":null,"observed":{"value":0.25,"low":0.125,"high":0.5,"spread":null}}]"""
            + ""","roc":[{"x":0,"y":0,"threshold":null}],"precisionRecall":[{"x":0.5,"y":1,"threshold":0.9}],"segments":[{"pclass":1,"sex":"female","rows":9,"confusion":{"trueNegatives":140,"falsePositives":22,"falseNegatives":30.5,"truePositives":69.5}"""
            + ""","accuracy":{"value":0.5,"low":null,"high":null,"spread":null},"brier":{"value":0.25,"low":null,"high":null,"spread":null}}],"seed":null}""",
            JsonColumn.Serialize(record));
    }

    [Fact]
    public void JSON_of_a_comparison_is_unchanged()
    {
        var comparison = new ComparisonRecord(9, 2, 5, 1912, 0.25, 0.5, [new ComparedLearner("majority", "nothing", 0.5, 0.25, new MetricValue(0.25, 0.125, 0.5), null)]);

        Assert.Equal(
            """{"rows":9,"repeats":2,"folds":5,"seed":1912,"brier":0.25,"accuracy":0.5,"opponents":[{"name":"majority","features":"nothing","brier":0.5,"accuracy":0.25,"brierDifference":{"value":0.25,"low":0.125,"high":0.5,"spread":null},"accuracyDifference":null,"notMeasured":null}]}""",
            JsonColumn.Serialize(comparison));
        Assert.Equal(comparison.Learners, JsonColumn.Deserialize<ComparisonRecord>(JsonColumn.Serialize(comparison)).Learners);
    }

    [Fact]
    public void Cross_validation_options_are_read_from_members_or_from_the_method_name()
    {
        var options = new CrossValidationOptions(Repeats: 2, Folds: 5, Seed: 7);
        var record = CrossValidation.Run(Knn, TitanicRows.Points, options).ToRecord();
        var stored = JsonColumn.Serialize(record);

        Assert.EndsWith(""","seed":7,"repeats":2,"folds":5}""", stored, StringComparison.Ordinal);
        Assert.Equal(options, JsonColumn.Deserialize<EvaluationRecord>(stored).GetCrossValidationOptions(defaultSeed: 1));
        Assert.Equal(options, (record with { Method = "renamed" }).GetCrossValidationOptions(defaultSeed: 1));
        Assert.Equal(new CrossValidationOptions(10, 5, 1), (record with { Method = "10x5 cross-validation", Seed = null, Repeats = null, Folds = null }).GetCrossValidationOptions(defaultSeed: 1));
        Assert.Null((record with { Method = "nested 5-fold cross-validation", Repeats = null, Folds = null }).GetCrossValidationOptions(defaultSeed: 1));
        Assert.Null(HoldOut.Evaluate(Knn, Training, HeldOut, isDetailed: false).GetCrossValidationOptions(defaultSeed: 1));
    }

    private static IEnumerable<IGrouping<(bool, bool), SegmentMetrics>> Parts(EvaluationRecord record) =>
        record.Segments!.GroupBy(segment => (segment.Pclass is null, segment.Sex is null)).OrderBy(part => part.Key switch { (false, true) => 0, (true, false) => 1, _ => 2 });

    private static WeightedSamples Subset(bool isHeldOut) => WeightedSamples.FromRows(
        TitanicRows.FeatureNames, TitanicRows.All.Index().Where(row => row.Index % 5 == 0 == isHeldOut).Select(row => row.Item));
}
