using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// Error rates and delays of the drift alarms by simulation, beside the rules of other products on the same quarters. A quarter has 90 days;
/// its champion is the K-NN of the historical list and 300 passengers of the stream, its passengers are new ones of the stream.
/// </summary>
internal static class DriftBenchmark
{
    private const int Days = 90;
    private const int StreamRowsLearned = 300;
    private const int PoolSize = 1_000_000;
    private const int Champions = 100;

    private static readonly DriftOptions Options = new();
    private static readonly BundledDataset List = new();
    private static readonly KnnTrainer Trainer = new(new KnnOptions(), BinnedEncoder.Id);

    public static Task Measure(bool isQuick)
    {
        var quarters = isQuick ? 200 : 2_000;
        var realistic = new RealisticPopulation(List);
        var stream = DrawPool(realistic, 1);
        var champions = new SimulatedChampion[Champions];
        Parallel.For(0, Champions, seed => champions[seed] = SimulatedChampion.Fit(stream, new SeededRandom(1_000 + (ulong)seed)));
        Cell none = new(stream, stream, null);
        Cell drift = none with { After = DrawPool(new ShiftedPopulation(realistic), 2) };
        Console.WriteLine(FormattableString.Invariant(
            $"# champions: held-out accuracy {champions.Average(c => c.HeldOut.Value):0.0000}, p0 {champions.Average(c => AccuracyDetector.BaselineOf(c.HeldOut)):0.0000}, accuracy on the stream {champions.Average(c => c.AccuracyOn(stream)):0.0000}, on passengers of the scenario drift {champions.Average(c => c.AccuracyOn(drift.After)):0.0000}"));
        Console.WriteLine($"# cell | {string.Join(" | ", Rules)}");

        foreach (var perDay in (int[])[1, 10, 30, 100])
        {
            var results = Simulate(quarters, perDay, champions, none);
            PrintShares(FormattableString.Invariant($"no drift, {perDay} a day, quarters with an alarm"), results);
            BenchmarkResult.AtMost($"drift-none-{perDay}-a-day-quarters-with-any-alarm", Share(results, days => Math.Min(days[0], days[1]) <= Days), "%", 5);
        }
        foreach (var (perDay, accuracy, goal) in ((int, double, int)[])[(10, 0.18, 3), (10, 0.5, 10), (1, 0.18, 16), (10, 0.6, 0), (10, 0.7, 0)])
        {
            var results = Simulate(quarters, perDay, champions, none with { AccuracyAfter = accuracy });
            PrintDelays(FormattableString.Invariant($"accuracy {accuracy} from day {DetectionPower.DaysBefore + 1}, {perDay} a day"), results);
            var found = Share(results, days => days[0] > DetectionPower.DaysBefore && days[0] <= DetectionPower.DaysBefore + goal) / Share(results, days => days[0] > DetectionPower.DaysBefore);
            if (accuracy is 0.6 or 0.7)
                ComparePower(perDay, accuracy, results, champions);
            else
                BenchmarkResult.AtLeast(FormattableString.Invariant($"drift-accuracy-{accuracy}-{perDay}-a-day-found-within-{goal}-days"), 100 * found, "%", 95);
        }
        {
            var results = Simulate(quarters, 10, champions, drift);
            PrintDelays(FormattableString.Invariant($"scenario drift from day {DetectionPower.DaysBefore + 1}, 10 a day"), results);
            BenchmarkResult.AtLeast("drift-scenario-inputs-found-within-5-days", Share(results, days => days[1] <= DetectionPower.DaysBefore + 5), "%", 95);
        }
        return Task.CompletedTask;
    }

    /// <summary>The power that the dashboard prints, compared with the quarters.</summary>
    private static void ComparePower(int perDay, double accuracy, int[][] results, SimulatedChampion[] champions)
    {
        var printed = champions.Take(20).Select(champion => DetectionPower.Of(champion.HeldOut, Options, perDay, accuracy)).ToArray();
        var unalarmed = Share(results, days => days[0] > DetectionPower.DaysBefore);
        var found = Share(results, days => days[0] > DetectionPower.DaysBefore && days[0] <= Days) / unalarmed;
        BenchmarkResult.AtMost(
            FormattableString.Invariant($"drift-power-{accuracy}-{perDay}-a-day-printed-minus-simulated"), 100 * Math.Abs(printed.Average(power => power.FoundShare) - found), "points", 3);
        Console.WriteLine(FormattableString.Invariant($"# printed median {printed.Average(power => power.MedianDays):0.0} days"));
    }

    private static readonly string[] Rules = ["accuracy alarm", "input alarm", "mean of the features at T/α", .. DriftPeer.Names];

    private static double Share(int[][] results, Func<int[], bool> condition) => 100.0 * results.Count(condition) / results.Length;

    private static void PrintShares(string cell, int[][] results) => Console.WriteLine(
        $"# {cell} | {string.Join(" | ", Rules.Select((_, rule) => FormattableString.Invariant($"{Share(results, days => days[rule] <= Days):0.0}%")))}");

    /// <summary>Share of alarms before the change; then median and 95% quantile of the days from the change to the alarm of the others.</summary>
    private static void PrintDelays(string cell, int[][] results) => Console.WriteLine(
        $"# {cell} | {string.Join(" | ", Rules.Select((_, rule) =>
        {
            int[] delays = [.. results.Select(days => days[rule] - DetectionPower.DaysBefore).Where(delay => delay > 0).Order()];
            string Quantile(double share) => delays.Length > 0 && delays[(int)Math.Ceiling(share * delays.Length) - 1] is <= Days and var delay ? $"{delay}" : "never";
            return FormattableString.Invariant($"{100.0 - (100.0 * delays.Length / results.Length):0.0}%, {Quantile(0.5)}, {Quantile(0.95)}");
        }))}");

    /// <summary>The day of the first alarm of each rule, by quarter; more than 90 without an alarm.</summary>
    private static int[][] Simulate(int quarters, int perDay, SimulatedChampion[] champions, Cell cell)
    {
        var results = new int[quarters][];
        Parallel.For(0, quarters, quarter =>
            results[quarter] = SimulateQuarter(champions[quarter % Champions], perDay, cell, new SeededRandom(((ulong)perDay << 32) + (ulong)quarter)));
        return results;
    }

    private static int[] SimulateQuarter(SimulatedChampion champion, int perDay, Cell cell, SeededRandom random)
    {
        var accuracyDetector = new AccuracyDetector(AccuracyDetector.BaselineOf(champion.HeldOut), Options);
        var inputDetectors = champion.Reference.Select(counts => new InputDetector(counts)).ToArray();
        var peers = DriftPeer.Create(champion.Reference, champion.HeldOut.Value!.Value);
        var threshold = InputDetector.LogThreshold(Options, inputDetectors.Length);
        var meanThreshold = InputDetector.LogThreshold(Options, 1);
        var alarms = new int[3 + peers.Length];
        Array.Fill(alarms, 10 * Days);
        for (var day = 1; day <= Days; day++)
        {
            var isAfter = day > DetectionPower.DaysBefore;
            var population = isAfter ? cell.After : cell.Before;
            MonitoredRow[] rows = [.. Enumerable.Range(0, perDay).Select(_ => champion.Predict(population[random.Next(population.Length)]))];
            bool[] correct = [.. rows.Select(row => isAfter && cell.AccuracyAfter is { } accuracy ? random.NextDouble() < accuracy : champion.IsCorrect(row))];
            int[][] categories = [.. MonitoredFeature.All.Select(feature => rows.Select(feature.CategoryOf).ToArray())];

            accuracyDetector.Add(correct.Count(isCorrect => isCorrect), perDay);
            for (var i = 0; i < inputDetectors.Length; i++)
                inputDetectors[i].Add(categories[i], random);
            Note(0, accuracyDetector.IsAlarm);
            Note(1, inputDetectors.Max(detector => detector.LogValue) >= threshold);
            Note(2, LogSum.Of([.. inputDetectors.Select(detector => detector.LogValue)]) - Math.Log(inputDetectors.Length) >= meanThreshold);
            for (var i = 0; i < peers.Length; i++)
                Note(3 + i, peers[i].Add(categories, correct));

            void Note(int rule, bool isAlarm) => alarms[rule] = isAlarm ? Math.Min(alarms[rule], day) : alarms[rule];
        }
        return alarms;
    }

    private static MonitoredRow[] DrawPool(IPopulation population, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, PoolSize).Select(_ => RowOf(population.Draw("", random)))];
    }

    private static MonitoredRow RowOf(Passenger passenger) => new(BinnedEncoder.Encode(passenger), passenger.FareInPounds is null, 0, passenger.Survived!.Value);

    /// <param name="Before">Passengers of the first days.</param>
    /// <param name="After">Passengers of the days after the change.</param>
    /// <param name="AccuracyAfter">Accuracy after the change whatever the passengers are; null: that of the champion.</param>
    private sealed record Cell(MonitoredRow[] Before, MonitoredRow[] After, double? AccuracyAfter);

    /// <summary>A champion with its held-out accuracy and its training rows by category.</summary>
    private sealed class SimulatedChampion
    {
        private readonly DecisionTable _table;

        private SimulatedChampion(DecisionTable table, Proportion heldOut, MonitoredRow[] trained)
        {
            (_table, HeldOut) = (table, heldOut);
            Reference = [.. MonitoredFeature.All.Select(feature =>
            {
                var counts = new long[feature.Categories.Count];
                foreach (var row in trained)
                    counts[feature.CategoryOf(Predict(row))]++;
                return counts;
            })];
        }

        public Proportion HeldOut { get; }
        public long[][] Reference { get; }

        public static SimulatedChampion Fit(MonitoredRow[] pool, SeededRandom random)
        {
            MonitoredRow[] rows = [.. List.Passengers.Select(RowOf), .. Enumerable.Range(0, StreamRowsLearned).Select(_ => pool[random.Next(pool.Length)])];
            var samples = WeightedSamples.FromRows(BinnedEncoder.FeatureNames, rows.GroupBy(row => (row.Point.Code, row.Survived))
                .Select(group => new WeightedSample(BinnedPoint.FromCode(group.Key.Code).Features, group.Key.Survived, group.Count())));
            return new(DecisionTable.Of(Trainer.Fit(samples)), LeaveOneOut.Run(Trainer, samples).Accuracy, rows);
        }

        public MonitoredRow Predict(MonitoredRow row) => row with { Probability = _table.Predictions[row.Point.Code].Probability };

        public bool IsCorrect(MonitoredRow row) => _table.Predictions[row.Point.Code].Survived == row.Survived;

        public double AccuracyOn(MonitoredRow[] rows) => rows.Take(100_000).Average(row => IsCorrect(row) ? 1.0 : 0);
    }
}
