using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// The K-NN on the historical list: its accuracy, and the time of cross-validation, leave-one-out and the decision table.
/// </summary>
internal static class KnnBenchmark
{
    public static async Task Measure(bool isQuick)
    {
        var runs = isQuick ? 3 : 15;
        var points = WeightedSamples.FromRows(
            BinnedEncoder.FeatureNames,
            new BundledDataset().Passengers.Select(passenger => new WeightedSample(BinnedEncoder.Encode(passenger).Features, passenger.Survived!.Value)));
        var trainer = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id);
        var model = trainer.Fit(points);

        var validation = CrossValidation.Run(trainer, points, new CrossValidationOptions());
        BenchmarkResult.Between("knn-cross-validation-accuracy", validation.Accuracy.Value!.Value, "share", 0.79, 0.81);
        BenchmarkResult.Between("knn-inputs-answered-survived", DecisionTable.Of(model).Predictions.Count(prediction => prediction.Survived), "of-396", 176, 176);
        BenchmarkResult.AtMost("knn-cross-validation-10x5", BenchmarkResult.MedianMilliseconds(runs, () => CrossValidation.Run(trainer, points, new CrossValidationOptions())), "ms", 300);
        BenchmarkResult.AtMost("knn-leave-one-out", BenchmarkResult.MedianMilliseconds(runs, () => LeaveOneOut.Run(trainer, points)), "ms", 100);
        BenchmarkResult.AtMost("knn-decision-table", BenchmarkResult.MedianMilliseconds(runs, () => DecisionTable.Of(model)), "ms", 20);
        await NeighborSearchBenchmark.Measure(isQuick);
    }
}
