using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// The K-NN on the historical list: its accuracy, and the time of cross-validation, leave-one-out and the decision table.
/// </summary>
internal static class KnnFigures
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
        Figure.Between("knn-cross-validation-accuracy", validation.Accuracy.Value!.Value, "share", 0.79, 0.81);
        Figure.Between("knn-inputs-answered-survived", DecisionTable.Of(model).Answers.Count(prediction => prediction.Survived), "of-396", 176, 176);
        Figure.AtMost("knn-cross-validation-10x5", Figure.MedianMilliseconds(runs, () => CrossValidation.Run(trainer, points, new CrossValidationOptions())), "ms", 300);
        Figure.AtMost("knn-leave-one-out", Figure.MedianMilliseconds(runs, () => LeaveOneOut.Run(trainer, points)), "ms", 100);
        Figure.AtMost("knn-decision-table", Figure.MedianMilliseconds(runs, () => DecisionTable.Of(model)), "ms", 20);
        await SearchFigures.Measure(isQuick);
    }
}
