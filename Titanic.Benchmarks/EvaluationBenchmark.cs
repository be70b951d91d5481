using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// Time of cross-validation and leave-one-out of the K-NN on rows of the binned view, without reading them, compared with scikit-learn on
/// the same rows. Equal rows are one weighted point here, so a million rows are at most 396 points.
/// </summary>
internal static class EvaluationBenchmark
{
    private const int Rows = 1_000_000;

    /// <summary>Number of rows for scikit-learn, which it evaluates in well under a minute.</summary>
    private const int PeerRows = 100_000;

    public static async Task Measure(bool isQuick)
    {
        var people = GeneratedPassengers.Generate(1, Rows).Select(person => (BinnedEncoder.Encode(person).Features, person.Survived!.Value)).ToList();
        var runs = isQuick ? 3 : 9;
        foreach (var rows in (int[])[1_000, 10_000, 100_000])
            MeasureRows(rows, Points(people.Take(rows)), runs);
        var points = Points(people);
        var (validation, leaveOneOut) = MeasureRows(Rows, points, runs);
        MeasureRows(10 * Rows, TenTimes(points), runs);

        BenchmarkResult.AtMost("evaluation-cross-validation-and-leave-one-out-of-a-million-rows", (validation + leaveOneOut) / 1000, "s", 1);
        await CompareWithPeer(people, validation / 1000, isQuick);
    }

    private static KnnTrainer Trainer { get; } = new(new KnnOptions(), BinnedEncoder.Id);

    private static (double Validation, double LeaveOneOut) MeasureRows(int rows, WeightedSamples points, int runs)
    {
        var validation = BenchmarkResult.MedianMilliseconds(runs, () => CrossValidation.Run(Trainer, points, new CrossValidationOptions()));
        var leaveOneOut = BenchmarkResult.MedianMilliseconds(runs, () => LeaveOneOut.Run(Trainer, points));
        PrintComment($"{rows} rows, {points.Count} points: 10x5 cross-validation {validation:0.0} ms, leave-one-out {leaveOneOut:0.0} ms");
        return (validation, leaveOneOut);
    }

    private static async Task CompareWithPeer(List<(double[] Features, bool Survived)> people, double ourSeconds, bool isQuick)
    {
        var file = Path.Combine(Path.GetTempPath(), $"titanic-evaluation-{Environment.ProcessId}.bin");
        await File.WriteAllBytesAsync(file, [.. people.Take(PeerRows).SelectMany(row => (byte[])[.. row.Features.Select(code => (byte)code), (byte)(row.Survived ? 1 : 0)])]);
        try
        {
            var rows = isQuick ? PeerRows / 10 : PeerRows;
            if (await MeasurePeer(file, rows / 2) is not (var half, _) || await MeasurePeer(file, rows) is not (var whole, var accuracy))
                return;
            var ours = CrossValidation.Run(Trainer, Points(people.Take(rows)), new CrossValidationOptions()).Accuracy.Value;
            var extrapolated = whole * 10 * Rows / rows;
            PrintComment($"scikit-learn: one repeat of {rows / 2} rows {half:0.0} s, of {rows} rows {whole:0.0} s: time grows with rows to the power {Math.Log2(whole / half):0.00}");
            PrintComment($"accuracy on {rows} rows: scikit-learn {accuracy:0.0000}, Titanic {ours:0.0000}");
            PrintComment($"scikit-learn, extrapolated in proportion to the rows: ten repeats of {Rows} rows {extrapolated:0} s");
            BenchmarkResult.AtLeast("evaluation-cross-validation-times-faster-than-scikit-learn", extrapolated / ourSeconds, "times", 1000);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<(double Seconds, double Accuracy)?> MeasurePeer(string file, int rows) =>
        await Peer.Run(Peer.Python, Path.Combine(Peer.Folder, "sklearn_cross_validation.py"), file, rows.ToString(CultureInfo.InvariantCulture)) is { } measured
            ? (measured["seconds"].First(), measured["accuracy"].First())
            : null;

    private static WeightedSamples Points(IEnumerable<(double[] Features, bool Survived)> rows) =>
        WeightedSamples.FromRows(BinnedEncoder.FeatureNames, rows.Select(person => new WeightedSample(person.Features, person.Survived)));

    private static WeightedSamples TenTimes(WeightedSamples points) => points.WithCounts(
        [.. points.Negatives.ToArray().Select(rows => 10 * rows)], [.. points.Positives.ToArray().Select(rows => 10 * rows)]);

    private static void PrintComment(FormattableString line) => Console.WriteLine("# " + FormattableString.Invariant(line));
}
