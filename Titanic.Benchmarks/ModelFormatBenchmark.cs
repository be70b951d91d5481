using System.Diagnostics;
using Titanic.Web.Passengers;
using Titanic.Web.Tests.Training.Knn;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>The model format: speed and memory of saving and loading a million points, and the handling of corrupt files.</summary>
internal static class ModelFormatBenchmark
{
    public static Task Measure(bool isQuick)
    {
        MeasureSpeed(isQuick ? 100_000 : 1_000_000, isQuick ? 3 : 9);
        MeasureCorruptFiles(isQuick ? 5_000 : 100_000);
        return Task.CompletedTask;
    }

    private static void MeasureSpeed(int count, int runs)
    {
        var random = new SeededRandom(1912);
        var points = WeightedSamples.FromRows(
            ["a", "b", "c", "d"],
            Enumerable.Range(0, count).Select(_ => new WeightedSample(
                [random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble()], random.Next(2) == 0)));
        var model = new KnnTrainer(new KnnOptions(), "format/1").Fit(points);
        var bytes = model.Save();
        var megabytes = bytes.Length / 1e6;
        Console.WriteLine($"{points.Count} points of {points.Dimensions} features: {bytes.Length} bytes");
        BenchmarkResult.AtLeast("format-save", megabytes / BenchmarkResult.MedianMilliseconds(runs, () => model.Save()) * 1000, "MB/s", 100);
        BenchmarkResult.AtLeast("format-load", megabytes / BenchmarkResult.MedianMilliseconds(runs, () => KnnModel.Load(bytes)) * 1000, "MB/s", 20);
        BenchmarkResult.AtMost("format-save-memory", AllocatedBytes(() => model.Save()) / bytes.Length, "times-the-file", 1.01);
        BenchmarkResult.AtMost("format-load-memory", AllocatedBytes(() => KnnModel.Load(bytes)) / bytes.Length, "times-the-file", LoadFuzzing.AllowedMultiple);
        BenchmarkResult.AtMost("format-saved-again-differs", KnnModel.Load(bytes).Save().AsSpan().SequenceEqual(bytes) ? 0 : 1, "of-1", 0);
    }

    private static void MeasureCorruptFiles(int files)
    {
        var trials = new LoadFuzzing();
        var started = Stopwatch.GetTimestamp();
        trials.Run(new CorruptModels(seed: 1912), files);
        Console.WriteLine($"{files} corrupt files in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {trials.Loaded} loaded as valid models, {trials.Rejected} rejected");
        foreach (var surprise in trials.Failures.Take(10))
            Console.WriteLine(surprise);
        BenchmarkResult.AtMost("format-damaged-surprises", trials.Failures.Count, $"of-{files}", 0);
        BenchmarkResult.AtLeast("format-damaged-refused", trials.Rejected, $"of-{files}", files / 2);
        BenchmarkResult.AtLeast("format-damaged-loaded", trials.Loaded, $"of-{files}", files / 100);
        BenchmarkResult.AtMost("format-damaged-memory", trials.LargestShareOfAllowedMemory, "of-what-is-allowed", 1);
        BenchmarkResult.AtMost("format-damaged-slowest", trials.Slowest.TotalMilliseconds, "ms", 1000);
    }

    private static double AllocatedBytes(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
