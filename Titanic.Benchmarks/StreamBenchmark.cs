using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// Whether cross-validation and live accuracy measure the accuracy on new passengers of the stream: the K-NN on the historical list and
/// stream passengers, compared with its accuracy on passengers that share nothing with its training rows. The new passengers of version 1
/// of the generator are copies of listed passengers; they are predicted without the listed passenger and all its copies.
/// </summary>
internal static class StreamBenchmark
{
    private const int Repeats = 10;
    private const int Folds = 5;
    private const int PassengersPerDay = 10;
    private const int NewPassengers = 100_000;

    private static readonly BundledDataset List = new();
    private static readonly KnnTrainer Trainer = new(new KnnOptions(), BinnedEncoder.Id);

    public static Task Measure(bool isQuick)
    {
        foreach (var rows in (int[])[300, 1_000, 3_000])
        {
            // The standard error of the mean of 180,000 stream rows is about 0.1 points, that of a share of 120 intervals 2%.
            var seeds = isQuick ? 18_000 / rows : Math.Max(180_000 / rows, 120);
            Print($"generator 1, {rows} rows", MeasureSeeds(new(DrawCopies, IsCopy: true), rows, seeds));
            var results = MeasureSeeds(new(DrawModeled, IsCopy: false), rows, seeds);
            Print($"generator 2, {rows} rows", results);
            BenchmarkResult.AtMost($"stream-{rows}-rows-cross-validation-minus-new-passengers", 100 * Math.Abs(results.Average(r => r.CrossValidation - r.New)), "points", 0.5);
            BenchmarkResult.AtMost($"stream-{rows}-rows-cross-validation-of-all-rows-minus-new-passengers", 100 * Math.Abs(results.Average(r => r.Overall - r.New)), "points", 0.5);
            BenchmarkResult.AtMost($"stream-{rows}-rows-live-minus-new-passengers", 100 * Math.Abs(results.Average(r => r.Live.Value!.Value - r.NewOfLiveModels)), "points", 0.5);
            BenchmarkResult.AtLeast($"stream-{rows}-rows-live-interval-includes-new-passengers", results.Average(r => r.IntervalIncludesNew ? 1.0 : 0), "share", 0.9);
        }
        return Task.CompletedTask;
    }

    private static Result[] MeasureSeeds(Generator generator, int rows, int seeds)
    {
        var results = new Result[seeds];
        Parallel.For(0, seeds, seed => results[seed] = MeasureSeed(generator, rows, new SeededRandom((ulong)seed)));
        return results;
    }

    private static Result MeasureSeed(Generator generator, int count, SeededRandom random)
    {
        Row[] listed = [.. List.Passengers.Select((passenger, index) => Row.Of(passenger, index))];
        var stream = generator.Draw(random, count);
        var fresh = generator.Draw(random, NewPassengers);
        Row[] all = [.. listed, .. stream];
        var (overall, ofStream) = CrossValidate(all, listed.Length, random);
        (Row Row, int Count)[] counts = [.. fresh.CountBy(row => row).Select(equal => (equal.Key, equal.Value))];
        var (live, newOfLiveModels) = PredictBeforeLearning(listed, stream, counts);
        var ofNew = generator.IsCopy ? WithoutOriginals(all, fresh) : Fit(all).Share(counts);
        return new(overall, ofStream, ofNew, live, generator.IsCopy ? ofNew : newOfLiveModels);
    }

    /// <summary>10x5 cross-validation of all rows by row, as for nameless persons: the accuracy on all rows and on those of the stream.</summary>
    private static (double Overall, double OfStream) CrossValidate(Row[] rows, int streamFrom, SeededRandom random)
    {
        var (correct, correctOfStream) = (0, 0);
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            int[] order = [.. Enumerable.Range(0, rows.Length)];
            random.Shuffle(order.AsSpan());
            for (var fold = 0; fold < Folds; fold++)
            {
                var model = Fit(order.Where((_, position) => position % Folds != fold).Select(index => rows[index]));
                foreach (var index in order.Where((index, position) => position % Folds == fold && model.IsCorrect(rows[index])))
                {
                    correct++;
                    correctOfStream += index >= streamFrom ? 1 : 0;
                }
            }
        }
        return ((double)correct / Repeats / rows.Length, (double)correctOfStream / Repeats / (rows.Length - streamFrom));
    }

    /// <summary>
    /// Live accuracy: each day's passengers are predicted by the model of the list and of all earlier days. And the mean accuracy of the same
    /// models on the new passengers; it is less than that of the last model, which has learned more.
    /// </summary>
    private static (Proportion Live, double OfNew) PredictBeforeLearning(Row[] listed, Row[] stream, IReadOnlyList<(Row Row, int Count)> fresh)
    {
        var correct = 0;
        var ofNew = new List<double>();
        for (var day = 0; day < stream.Length; day += PassengersPerDay)
        {
            var model = Fit(listed.Concat(stream.Take(day)));
            correct += stream.Skip(day).Take(PassengersPerDay).Count(row => model.IsCorrect(row));
            ofNew.Add(model.Share(fresh));
        }
        return (new(correct, stream.Length), ofNew.Average());
    }

    /// <summary>Accuracy on new passengers, each predicted by a model that learned neither its listed passenger nor another copy of it.</summary>
    private static double WithoutOriginals(Row[] training, Row[] fresh) => Enumerable.Range(0, Folds).Sum(fold =>
    {
        var model = Fit(training.Where(row => FoldOf(row) != fold));
        return fresh.Count(row => FoldOf(row) == fold && model.IsCorrect(row));
    }) / (double)fresh.Length;

    /// <summary>The list is sorted by class; the modulus spreads every class over all folds.</summary>
    private static int FoldOf(Row row) => row.Original % Folds;

    private static Model Fit(IEnumerable<Row> rows)
    {
        var counts = rows.GroupBy(row => (row.Code, row.Survived))
            .Select(group => new WeightedSample(BinnedPoint.FromCode(group.Key.Code).Features, group.Key.Survived, group.Count()));
        return new([.. DecisionTable.Of(Trainer.Fit(WeightedSamples.FromRows(BinnedEncoder.FeatureNames, counts))).Predictions.Select(prediction => prediction.Survived)]);
    }

    private static Row[] DrawModeled(SeededRandom random, int count)
    {
        var population = new RealisticPopulation(List);
        return [.. Enumerable.Range(0, count).Select(_ => Row.Of(population.Draw("", random), original: -1))];
    }

    private static Row[] DrawCopies(SeededRandom random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ =>
        {
            var original = random.Next(List.Passengers.Count);
            return Row.Of(ResampledPopulation.AddNoise(List.Passengers[original], "", random), original);
        }),
    ];

    private static void Print(string name, Result[] results) => Console.WriteLine("# " + FormattableString.Invariant(
        $"{name}, {results.Length} seeds: cross-validation {results.Average(r => r.Overall):0.0000}, on stream rows {results.Average(r => r.CrossValidation):0.0000}, new passengers {results.Average(r => r.New):0.0000}; live {results.Average(r => r.Live.Value!.Value):0.0000}, new passengers {results.Average(r => r.NewOfLiveModels):0.0000}, in the live interval {results.Average(r => r.IntervalIncludesNew ? 1.0 : 0):0.00}"));

    /// <param name="Original">Index of the listed passenger of whom the row is a copy or the row itself; -1 if there is none.</param>
    private readonly record struct Row(short Code, bool Survived, int Original)
    {
        public static Row Of(Passenger passenger, int original) => new(BinnedEncoder.Encode(passenger).Code, passenger.Survived!.Value, original);
    }

    /// <param name="Survives">Predictions by the code of the input.</param>
    private sealed record Model(bool[] Survives)
    {
        public bool IsCorrect(Row row) => Survives[row.Code] == row.Survived;

        /// <param name="counts">Numbers of equal rows.</param>
        public double Share(IReadOnlyList<(Row Row, int Count)> counts) =>
            counts.Sum(equal => IsCorrect(equal.Row) ? equal.Count : 0) / (double)counts.Sum(equal => equal.Count);
    }

    private sealed record Generator(Func<SeededRandom, int, Row[]> Draw, bool IsCopy);

    /// <param name="New">Accuracy of the model of all rows on new passengers.</param>
    /// <param name="NewOfLiveModels">Mean accuracy, on new passengers, of the models that made the live predictions.</param>
    private sealed record Result(double Overall, double CrossValidation, double New, Proportion Live, double NewOfLiveModels)
    {
        public bool IntervalIncludesNew => Live.Confidence95 is { } interval && interval.Lower <= NewOfLiveModels && NewOfLiveModels <= interval.Upper;
    }
}
