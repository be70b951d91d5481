using System.Diagnostics;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Explanations;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// Time of the complete explanation of one prediction: in memory, for both views of the historical list, and with the lookup of names in a
/// feature store that holds 100,000 other passengers.
/// </summary>
internal static class ExplanationBenchmark
{
    public static async Task Measure(bool isQuick)
    {
        var people = new BundledDataset().Passengers.ToList();
        foreach (var view in TrainingViews.All)
        {
            var points = people.Select(person => view.Encode(person.Pclass, person.Sex, person.AgeInYears, person.FareInPounds)).ToList();
            var model = new KnnTrainer(new KnnOptions(), view.Schema.EncoderId).Fit(
                WeightedSamples.FromRows(view.Schema.FeatureNames, points.Zip(people, (point, person) => new WeightedSample(point, person.Survived!.Value))));
            PointPredictor predict = view.AllPoints is null ? model.Predict : DecisionTable.Of(model).Predict;
            var inputs = view.AllPoints ?? points;
            Print($"explanation-{view.Schema.Name.Replace('_', '-')}", Times(inputs, isQuick ? 3 : 15, point => Explanation.Of(model, view, predict, point)));
        }
        await MeasureWithNames(isQuick ? 5_000 : 100_000);
    }

    private static async Task MeasureWithNames(int otherPassengers)
    {
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        await using var product = await BenchmarkProduct.Start(database);
        await product.IngestStreamPassengers(1, otherPassengers);
        var model = await product.InScope<ChampionCache, LoadedModel?>(champion => champion.Reload(CancellationToken.None));
        var times = new List<double>();
        for (short code = 0; code < model!.View.AllPoints!.Count; code++)
        {
            var prediction = new Titanic.Web.Serving.Prediction { Source = PredictionSources.Page, ModelName = "", Pclass = (short)model.View.AllPoints[code][0], PointCode = code };
            var start = Stopwatch.GetTimestamp();
            await product.InScope<Explainer, ExplanationResponse>(explainer => explainer.Explain(model, prediction, CancellationToken.None));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        BenchmarkResult.AtMost("explanation-with-names-median", times[times.Count / 2], "ms", 5);
    }

    /// <summary>The time for each point in milliseconds, ascending; each is a median over the rounds after one warm-up.</summary>
    private static List<double> Times(IReadOnlyList<double[]> points, int rounds, Action<double[]> explain) =>
        [.. points.Select(point => BenchmarkResult.MedianMilliseconds(rounds, () => explain(point))).Order()];

    private static void Print(string name, List<double> times)
    {
        BenchmarkResult.AtMost($"{name}-median", times[times.Count / 2], "ms", 1);
        BenchmarkResult.AtMost($"{name}-p99", times[times.Count * 99 / 100], "ms", 1);
    }
}
