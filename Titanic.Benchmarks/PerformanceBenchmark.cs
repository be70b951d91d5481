using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// The error of the accuracy that is estimated without outcomes, by simulation: weeks of the stream, predicted by K-NNs of the historical list
/// and of a quarter of the stream, and by K-NNs of as many passengers of the stream only ("of drawn rows"). The sampling floor is the error of
/// an estimate from the true probabilities of survival.
/// </summary>
internal static class PerformanceBenchmark
{
    private const int DaysPerWeek = 7;
    private const int DefaultPerDay = 10;
    private const int PoolSize = 1_000_000;

    private static readonly BundledDataset List = new();
    private static readonly KnnTrainer Trainer = new(new KnnOptions(), BinnedEncoder.Id);

    public static Task Measure(bool isQuick)
    {
        var (champions, weeks) = isQuick ? (100, 10_000) : (400, 100_000);
        var realistic = new RealisticPopulation(List);
        var stream = DrawPool(realistic, 1);
        SimulatedRow[] list = [.. List.Passengers.Select(RowOf)];
        foreach (var perDay in (int[])[1, DefaultPerDay, 30, 100])
        {
            var (month, quarter) = (30 * perDay, 90 * perDay);
            Print($"{perDay} a day, after a month", Simulate(weeks, perDay, FitAll(champions, stream, (3_000, month), list), stream));
            Measure($"{perDay}-a-day", perDay, Simulate(weeks, perDay, FitAll(champions, stream, (3_000, quarter), list), stream));
            Measure($"{perDay}-a-day-of-drawn-rows", perDay, Simulate(weeks, perDay, FitAll(champions, stream, (4_000, list.Length + quarter), []), stream));
        }
        var ofList = FitAll(champions, stream, (3_000, 30 * DefaultPerDay), list);
        // The inputs change, the relation does not: the estimate follows.
        Print("scenario drift, 10 a day", Simulate(weeks, DefaultPerDay, ofList, DrawPool(new ShiftedPopulation(realistic), 2)));
        // Concept drift: the outcomes are reversed, and the estimate does not see it.
        Print("reversed outcomes, 10 a day", Simulate(weeks, DefaultPerDay, ofList, [.. stream.Select(row => row with { Survival = 1 - row.Survival })]));
        return Task.CompletedTask;
    }

    private static void Measure(string cell, int perDay, SimulatedWeeks results)
    {
        var name = $"performance-estimate-{cell}";
        BenchmarkResult.AtMost($"{name}-weekly-error-by-sampling-floor", results.Error / results.Floor, "ratio", 1.1);
        if (perDay >= DefaultPerDay) // with seven rows, no interval of whole rows is near 95%
            BenchmarkResult.Between($"{name}-interval-covers", 100 * results.Coverage, "%", 93, 97);
        Print(name, results);
    }

    private static SimulatedChampion[] FitAll(int count, SimulatedRow[] pool, (ulong Seed, int Rows) drawn, SimulatedRow[] list)
    {
        var champions = new SimulatedChampion[count];
        Parallel.For(0, count, i => champions[i] = SimulatedChampion.Fit(pool, drawn.Rows, list, new SeededRandom(drawn.Seed + (ulong)i)));
        return champions;
    }

    private static void Print(string cell, SimulatedWeeks weeks) => Console.WriteLine(FormattableString.Invariant(
        $"# {cell}: accuracy {weeks.Realized:0.0000}, estimated {weeks.Estimated:0.0000}; mean absolute error of a week {100 * weeks.Error:0.00} points, sampling floor {100 * weeks.Floor:0.00}, ratio {weeks.Error / weeks.Floor:0.000}; interval covers {100 * weeks.Coverage:0.0}%, without calibration error {100 * weeks.CertainCoverage:0.0}%; uncalibrated probabilities: error {100 * weeks.RawError:0.00} points"));

    private static SimulatedWeeks Simulate(int weeks, int perDay, SimulatedChampion[] champions, SimulatedRow[] population)
    {
        var results = new SimulatedWeeks[weeks];
        Parallel.For(0, weeks, week => results[week] = SimulateWeek(
            champions[week % champions.Length], DaysPerWeek * perDay, population, new SeededRandom(((ulong)perDay << 32) + (ulong)week)));
        return new(
            results.Average(week => week.Realized), results.Average(week => week.Estimated), results.Average(week => week.Error), results.Average(week => week.Floor),
            results.Average(week => week.RawError), results.Average(week => week.Coverage), results.Average(week => week.CertainCoverage));
    }

    private static SimulatedWeeks SimulateWeek(SimulatedChampion champion, int rows, SimulatedRow[] population, SeededRandom random)
    {
        var (correct, expected, raw) = (0, 0.0, 0.0);
        var predicted = new List<UnlabeledRows>(rows);
        for (var i = 0; i < rows; i++)
        {
            var row = population[random.Next(population.Length)];
            var prediction = champion.Predict(row.Code);
            predicted.Add(new(prediction.Probability, prediction.Survived, 1, champion.Calibration));
            correct += random.NextDouble() < row.Survival == prediction.Survived ? 1 : 0;
            expected += prediction.Survived ? row.Survival : 1 - row.Survival;
            raw += prediction.Survived ? prediction.Probability : 1 - prediction.Probability;
        }
        var estimate = AccuracyEstimate.Of(predicted)!.Accuracy;
        var certain = CorrectCountDistribution.Interval95([.. predicted.Select(row => row with { Calibration = [] }).GroupBy(row => row.Probability).Select(group => Block(group.Key, champion, [.. group]))]);
        var realized = (double)correct / rows;
        return new(
            realized, estimate.Value!.Value, Math.Abs(estimate.Value.Value - realized), Math.Abs((expected / rows) - realized), Math.Abs((raw / rows) - realized),
            realized >= estimate.Low && realized <= estimate.High ? 1 : 0, realized >= certain.Lower && realized <= certain.Upper ? 1 : 0);
    }

    /// <summary>Equal rows with their calibrated probability, as if it were certain.</summary>
    private static CorrectBlock Block(double probability, SimulatedChampion champion, UnlabeledRows[] rows) =>
        new(AccuracyEstimate.Of([new(probability, rows[0].Predicted, 1, champion.Calibration)])!.Accuracy.Value!.Value, rows.Length);

    private static SimulatedRow[] DrawPool(IPopulation population, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, PoolSize).Select(_ => RowOf(population.Draw("", random)))];
    }

    private static SimulatedRow RowOf(Passenger passenger) => new(
        BinnedEncoder.Encode(passenger).Code, passenger.Survived!.Value,
        SurvivalModel.Probability(passenger.Pclass, passenger.Sex, passenger.AgeInYears, passenger.FareInPounds));

    /// <param name="Survival">True probability of survival.</param>
    private readonly record struct SimulatedRow(short Code, bool Survived, double Survival);

    /// <summary>Values of one week, or means of many; shares.</summary>
    private sealed record SimulatedWeeks(double Realized, double Estimated, double Error, double Floor, double RawError, double Coverage, double CertainCoverage);

    private sealed class SimulatedChampion(DecisionTable table, IReadOnlyList<CalibrationBin> calibration)
    {
        public IReadOnlyList<CalibrationBin> Calibration => calibration;

        public ClassPrediction Predict(short code) => table.Predictions[code];

        /// <summary>Fits a K-NN on the rows of the list and rows that are drawn from the pool.</summary>
        public static SimulatedChampion Fit(SimulatedRow[] pool, int drawn, SimulatedRow[] list, SeededRandom random)
        {
            SimulatedRow[] rows = [.. list, .. Enumerable.Range(0, drawn).Select(_ => pool[random.Next(pool.Length)])];
            var samples = WeightedSamples.FromRows(BinnedEncoder.FeatureNames, rows.GroupBy(row => (row.Code, row.Survived))
                .Select(group => new WeightedSample(BinnedPoint.FromCode(group.Key.Code).Features, group.Key.Survived, group.Count())));
            return new(DecisionTable.Of(Trainer.Fit(samples)), CalibrationBin.Of(LeaveOneOut.Score(Trainer, samples)));
        }
    }
}
