using System.Globalization;
using System.Runtime.InteropServices;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Benchmarks;

/// <summary>
/// Compares the nearest-neighbor search with nanoflann and scikit-learn: the same points and queries, k = 15, Euclidean distance, one
/// thread.
/// </summary>
internal static class NeighborSearchBenchmark
{
    private const int K = 15;
    private const int Dimensions = 4;
    private const int Rounds = 7;
    private const int LargeSize = 1_000_000;
    private const string Titanic = "titanic";

    private static readonly double[] _unscaled = [1, 1, 1, 1];

    public static async Task Measure(bool isQuick)
    {
        var folder = Directory.CreateTempSubdirectory("titanic-points-").FullName;
        try
        {
            int[] sizes = isQuick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000, 10_000_000];
            if (await Peer.Run(Peer.Python, [Path.Combine(Peer.Folder, "generate_points.py"), folder, .. sizes.Select(size => size.ToString(CultureInfo.InvariantCulture))]) is null)
                return;
            var nanoflann = Path.Combine(folder, "nanoflann_knn");
            var isBuilt = await Peer.Run("g++", "-O3", "-march=native", "-o", nanoflann, Path.Combine(Peer.Folder, "nanoflann_knn.cpp")) is not null;
            foreach (var kind in (string[])["uniform", Titanic])
            {
                foreach (var size in sizes.Reverse()) // largest first: the JIT compiler optimizes the code for the first set it runs on
                    await Measure(new PointFiles(folder, kind, size), isBuilt ? nanoflann : null);
            }
            await Measure(WriteHistoricalPoints(folder), nanoflann: null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Measure(PointFiles files, string? nanoflann)
    {
        var ours = MeasureOurs(files);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# {files.Kind} {files.Size}: {ours.Distinct} distinct points, built in {ours.BuildMilliseconds:0.0} ms, {ours.NanosecondsPerQuery:0} ns per query"));
        if (files.Size > LargeSize)
            return; // measured only to show how the time grows
        if (nanoflann is not null && await Peer.Run(nanoflann, files.Points, files.Queries, K.ToString(CultureInfo.InvariantCulture)) is { } theirs)
            Compare(files, ours, theirs);
        if (await Peer.Run(Peer.Python, Path.Combine(Peer.Folder, "sklearn_knn.py"), files.Points, files.Queries, K.ToString(CultureInfo.InvariantCulture)) is { } scikit)
            CompareWithScikitLearn(files, ours, scikit);
    }

    /// <summary>The historical list in the product's encoding, with every point of the view as a query.</summary>
    private static PointFiles WriteHistoricalPoints(string folder)
    {
        var passengers = new BundledDataset().Passengers;
        var files = new PointFiles(folder, "history", passengers.Count);
        Write(files.Points, passengers.Select(passenger => BinnedEncoder.Encode(passenger)));
        Write(files.Queries, Enumerable.Range(0, 20 * BinnedPoint.Count).Select(code => BinnedPoint.FromCode(code % BinnedPoint.Count)));
        return files;
    }

    private static void Write(string path, IEnumerable<BinnedPoint> points) =>
        File.WriteAllBytes(path, MemoryMarshal.AsBytes<float>(points.SelectMany(point => point.Features.Select(value => (float)value)).ToArray()).ToArray());

    private static void Compare(PointFiles files, SearchMeasurement ours, ILookup<string, double> nanoflann)
    {
        var (nanoseconds, build) = (BenchmarkResult.Median([.. nanoflann["ns_per_query"].Skip(1)]), nanoflann["build_ms"].First());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# {files.Kind} {files.Size}: nanoflann built in {build:0.0} ms, {nanoseconds:0} ns per query; sum of k-th squared distances: nanoflann {nanoflann["checksum"].First():R}, Titanic {ours.Checksum:R}"));
        BenchmarkResult.AtMost($"knn-{files.Kind}-{files.Size}-checksum-difference", Math.Abs(nanoflann["checksum"].First() - ours.Checksum), "of-the-sum", 0);
        BenchmarkResult.AtLeast($"knn-{files.Kind}-{files.Size}-nanoflann-over-ours", nanoseconds / ours.NanosecondsPerQuery, "times", files switch
        {
            { Size: LargeSize, Kind: Titanic } => 10,
            { Size: LargeSize } => 4,
            _ => 2,
        });
        if (files.Size == LargeSize)
            BenchmarkResult.AtMost($"knn-{files.Kind}-{files.Size}-build-over-nanoflann", ours.BuildMilliseconds / build, "times", 1.2);
    }

    private static void CompareWithScikitLearn(PointFiles files, SearchMeasurement ours, ILookup<string, double> scikit)
    {
        var (batch, single) = (scikit["batch_ns"].First(), scikit["single_us"].First());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# {files.Kind} {files.Size}: scikit-learn {batch:0} ns per query in a batch, {single:0} µs per single prediction; Titanic {ours.NanosecondsPerPrediction:0} ns per single prediction"));
        BenchmarkResult.AtLeast($"knn-{files.Kind}-{files.Size}-scikit-learn-batch-over-ours", batch / ours.NanosecondsPerQuery, "times", files is { Size: LargeSize, Kind: Titanic } ? 30 : 10);
        if (files.Size < 100_000)
            BenchmarkResult.AtLeast($"knn-{files.Kind}-{files.Size}-scikit-learn-single-over-ours", single * 1000 / ours.NanosecondsPerPrediction, "times", 500);
    }

    private static SearchMeasurement MeasureOurs(PointFiles files)
    {
        var (points, queries) = (Read(files.Points), Read(files.Queries));
        var survived = new bool[points.Length / Dimensions];
        for (var row = 0; row < survived.Length; row++)
            survived[row] = points.AsSpan(row * Dimensions, Dimensions).ToArray().Sum() > 1; // the same labels as in sklearn_knn.py
        WeightedSamples samples = null!;
        PointTree<float, EuclideanSum> tree = null!;
        var build = BenchmarkResult.MedianMilliseconds(files.Size > LargeSize ? 1 : 5, () =>
        {
            samples = WeightedSamples.FromValues(["class", "sex", "age", "fare"], Array.ConvertAll(points, value => (double)value), survived);
            tree = new PointTree<float, EuclideanSum>(samples, _unscaled);
        });
        var inputs = Array.ConvertAll(queries, value => (double)value);
        var count = inputs.Length / Dimensions;
        var checksum = 0.0;
        var search = BenchmarkResult.MedianMilliseconds(Rounds, () => checksum = KthSums(tree, samples.Count, inputs));
        var voting = new NeighborSearch(samples, _unscaled, new KnnOptions(K, DistanceMetric.Euclidean)); // the same neighbors as those of the peers
        var predictions = BenchmarkResult.MedianMilliseconds(Rounds, () =>
        {
            for (var query = 0; query < count; query++)
                voting.Vote(inputs.AsSpan(query * Dimensions, Dimensions));
        });
        return new SearchMeasurement(samples.Count, build, search * 1e6 / count, predictions * 1e6 / count, checksum);
    }

    private static double KthSums(PointTree<float, EuclideanSum> tree, int points, double[] queries)
    {
        var room = NearestRows.Capacity(K, points);
        var (sums, counts) = (new double[room], new long[room]);
        var checksum = 0.0;
        for (var query = 0; query < queries.Length; query += Dimensions)
        {
            var nearest = new NearestRows(K, sums, counts);
            tree.Search(queries.AsSpan(query, Dimensions), _unscaled, ref nearest);
            checksum += nearest.Radius;
        }
        return checksum;
    }

    private static float[] Read(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();

    private sealed record PointFiles(string Folder, string Kind, int Size)
    {
        public string Points => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{Kind}_{Size}.f32"));
        public string Queries => Path.Combine(Folder, $"{Kind}_queries.f32");
    }

    private sealed record SearchMeasurement(int Distinct, double BuildMilliseconds, double NanosecondsPerQuery, double NanosecondsPerPrediction, double Checksum);
}
