using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Monitoring.Performance;

/// <summary>Metrics of eight passengers with chosen predictions, and what is known of their outcomes on two days.</summary>
public sealed class PerformanceReportTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly _day = TestWorkflow.FirstDay;

    private static readonly PredictionFilter _window = new(From: _day, To: _day);

    /// <summary>The first six have an outcome; the model has learned the last one.</summary>
    private static readonly (Sex Sex, int Pclass, double Probability, bool? Survived)[] _rows =
    [
        (Sex.Female, 1, 0.9, true), (Sex.Female, 2, 0.8, false), (Sex.Male, 1, 0.7, true), (Sex.Female, 3, 0.4, true), (Sex.Male, 3, 0.3, false), (Sex.Male, 3, 0.2, false),
        (Sex.Male, 3, 0.1, null), (Sex.Female, 1, 0.95, false),
    ];

    [Fact]
    public async Task The_metrics_equal_those_computed_by_hand()
    {
        await PredictRows();

        var live = (await Read(_window)).Live;

        Assert.Equal((7, 6), (live.Predictions, live.Evaluation.Rows));
        Assert.Equal(new ConfusionCounts(2, 1, 1, 2), live.Evaluation.Confusion);
        Assert.All((string[])["accuracy", "balancedAccuracy", "precision", "recall", "f1"], key => Assert.Equal(2.0 / 3, live.Evaluation.Metrics[key].Value!.Value, 1e-12));
        Assert.Equal(new Proportion(4, 6).Confidence95!.Value.Lower, live.Evaluation.Metrics["accuracy"].Low);
        Assert.Equal(7.0 / 9, live.Evaluation.Metrics["rocAuc"].Value!.Value, 1e-12); // 7 of 9 pairs are in the right order
        Assert.Equal((0.01 + 0.64 + 0.09 + 0.36 + 0.09 + 0.04) / 6, live.Evaluation.Metrics["brier"].Value!.Value, 1e-12);
        Assert.Equal(-Math.Log(0.9 * 0.2 * 0.7 * 0.4 * 0.7 * 0.8) / 6, live.Evaluation.Metrics["logLoss"].Value!.Value, 1e-12);
        Assert.Equal((0.1 + 0.8 + 0.3 + 0.6 + 0.3 + 0.2) / 6, live.Evaluation.Metrics["calibrationError"].Value!.Value, 1e-12);
        Assert.Equal(6, live.Evaluation.Calibration!.Sum(bin => bin.Rows));
        Assert.Equal((7, 1), (live.EstimatedAll!.Rows, live.EstimatedUnknown!.Rows));
        Assert.True(live.EstimatedAll.CalibrationRows >= 1309);
    }

    [Fact]
    public async Task The_baselines_predict_the_same_rows()
    {
        await PredictRows();

        var baselines = (await Read(_window)).Live.Baselines;

        Assert.Equal(["majority", "female survives"], baselines.Select(baseline => baseline.Subject));
        Assert.Equal(new ConfusionCounts(3, 0, 3, 0), baselines[0].Confusion);
        Assert.Equal(new ConfusionCounts(2, 1, 1, 2), baselines[1].Confusion);
        // The bundled list: 500 of 1,309 survived; 339 of 466 women, 161 of 843 men.
        Assert.Equal((Square(501.0 / 1311) + Square(1 - (501.0 / 1311))) / 2, baselines[0].Metrics["brier"].Value!.Value, 1e-12);
        var (women, men) = (340.0 / 468, 162.0 / 845);
        Assert.Equal(((2 * Square(1 - women)) + Square(women) + Square(1 - men) + (2 * Square(men))) / 6, baselines[1].Metrics["brier"].Value!.Value, 1e-12);

        static double Square(double value) => value * value;
    }

    [Fact]
    public async Task In_sample_predictions_are_apart()
    {
        await PredictRows();

        var report = await Read(_window);

        Assert.Equal((1, new ConfusionCounts(0, 1, 0, 0)), (report.InSample.Predictions, report.InSample.Evaluation.Confusion));
        Assert.Null(report.InSample.EstimatedAll);
        Assert.Null(report.InSample.Evaluation.Metrics["rocAuc"].Value); // one outcome only
        Assert.Equal(7, report.ByVersion.Sum(group => group.Predictions));
    }

    [Fact]
    public async Task Groups_and_filters_select_the_same_rows()
    {
        await PredictRows();

        var report = await Read(_window);

        Assert.Equal(["class1", "class2", "class3"], report.ByClass.Select(group => group.Group));
        Assert.Equal([2L, 1, 4], report.ByClass.Select(group => group.Predictions));
        Assert.Equal([("male", 4L), ("female", 3L)], report.BySex.Select(group => (group.Group, group.Predictions)));
        Assert.Equal([("1", 7L)], report.ByVersion.Select(group => (group.Group, group.Predictions)));
        Assert.Equal([("batch", 7L)], report.BySource.Select(group => (group.Group, group.Predictions)));
        foreach (var group in report.ByClass.Concat(report.BySex))
            Assert.Equal(group.Evaluation.Confusion, (await Read(_window with { Segment = group.Group })).Live.Evaluation.Confusion);
        Assert.Equal(2, (await Read(_window with { Segment = "class3-male" })).Live.Evaluation.Rows);
        Assert.Equal(0, (await Read(_window with { Version = 2 })).Live.Predictions);
        Assert.Equal(0, (await Read(_window with { Source = "api" })).Live.Predictions);
        Assert.Equal(0, (await Read(new(From: _day.AddDays(1), To: _day.AddDays(9)))).Live.Predictions);
    }

    [Fact]
    public async Task Late_and_corrected_outcomes_are_known_then_and_now()
    {
        await PredictRows();
        await Workflow.Run(PipelineNames.Monitoring, _day); // corrects the live status of the last row, which no version has learned
        var then = Workflow.Now;
        Workflow.Clock.Advance(TimeSpan.FromDays(1));
        await Workflow.Ingest(PassengerSources.Api, _day, _day.AddDays(1), PassengerOf(1) with { Survived = true }, PassengerOf(6) with { Survived = true });

        var (asOf, now) = (_window with { AsOf = then }, _window);

        Assert.Equal(new ConfusionCounts(2, 2, 1, 2), (await Read(asOf)).Live.Evaluation.Confusion);
        Assert.Equal(new OutcomeChanges(Late: 1, Corrected: 1, Deleted: 0), await ReadChanges(asOf));
        Assert.Equal(new ConfusionCounts(2, 1, 2, 3), (await Read(now)).Live.Evaluation.Confusion);
        Assert.Null(await ReadChanges(now));
        Assert.Equal(0, (await Read(_window with { AsOf = then.AddDays(-1) })).Live.Predictions);
        Assert.Equal(new OutcomeChanges(0, 0, 0), await ReadChanges(_window with { AsOf = Workflow.Now }));
        foreach (var state in (PredictionFilter[])[asOf, now])
        {
            var confusion = (await Read(state)).Live.Evaluation.Confusion;
            Assert.Equal(
                (confusion.TrueNegatives, confusion.FalsePositives, confusion.FalseNegatives, confusion.TruePositives),
                (await Count("TN"), await Count("FP"), await Count("FN"), await Count("TP")));

            Task<long> Count(string outcome) => Workflow.InScope<PredictionRows, long>(rows => rows.Count(state with { IsLive = true, Outcome = outcome }, Cancellation));
        }
    }

    private Task<PerformanceReport> Read(PredictionFilter filter) => Workflow.InScope<PerformanceReports, PerformanceReport>(reports => reports.Read(filter, Cancellation));

    private Task<OutcomeChanges?> ReadChanges(PredictionFilter filter) => Workflow.InScope<PerformanceReports, OutcomeChanges?>(reports => reports.ReadChanges(filter, Cancellation));

    private static Passenger PassengerOf(int row) => new($"p{row}", null, _rows[row].Pclass, _rows[row].Sex, 20 + row, 10 + row, _rows[row].Survived);

    /// <summary>Ingests and predicts the passengers; then their predictions get the chosen probabilities.</summary>
    private async Task PredictRows()
    {
        await Workflow.ImportAndTrain();
        Workflow.Clock.MoveTo(_day);
        await Workflow.Ingest(PassengerSources.Api, _day, [.. _rows.Select((_, row) => PassengerOf(row))]);
        await Workflow.Run(PipelineNames.Inference, _day);
        foreach (var (row, (_, _, probability, _)) in _rows.Index())
        {
            await Workflow.Execute(FormattableString.Invariant(
                $"""
                update predictions set probability = {probability}, survived = {probability} > 0.5, is_live = {row} < 7
                where passenger_id = (select passenger_id from passengers where source = 'api' and source_key = 'p{row}' limit 1)
                """));
        }
    }
}
