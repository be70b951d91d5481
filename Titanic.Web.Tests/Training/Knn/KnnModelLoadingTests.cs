using System.Buffers.Binary;
using System.Security.Cryptography;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnModelLoadingTests
{
    private const int OffsetOfFirstName = 4 + 2 + 2 + 16 + 2;
    private const int OffsetOfK = OffsetOfFirstName + 4 * 2 + 6 + 3 + 9 + 9;
    private const int OffsetOfMeans = OffsetOfK + 4 + 1 + 1;
    private const int OffsetOfPointCount = OffsetOfMeans + 2 * 4 * 8;
    private const int OffsetOfPoints = OffsetOfPointCount + 4;

    private static readonly KnnModel Model = new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(TitanicRows.Points);
    private static readonly byte[] Saved = Model.Save();

    [Fact]
    public void Loaded_model_predicts_every_input_alike()
    {
        var loaded = KnnModel.Load(Saved);

        Assert.Equal(
            TitanicRows.Inputs().Select(input => Model.Predict(input)),
            TitanicRows.Inputs().Select(input => loaded.Predict(input)));
        Assert.Equal("titanic_binned/1", loaded.EncoderId);
        Assert.Equal(TitanicRows.FeatureNames, loaded.Training.FeatureNames);
    }

    [Fact]
    public void Rejects_every_truncation()
    {
        for (var length = 0; length < Saved.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => KnnModel.Load(Saved.AsSpan(0, length)));
            Assert.Throws<InvalidDataException>(() => KnnModel.Load(WithSha256(Saved[..Math.Min(length, Saved.Length - 33)])));
        }
    }

    [Fact]
    public void Rejects_every_changed_byte()
    {
        for (var offset = 0; offset < Saved.Length; offset++)
        {
            var flipped = Saved.ToArray();
            flipped[offset] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => KnnModel.Load(flipped));
        }
    }

    [Fact]
    public void Rejects_bytes_after_the_end()
    {
        Assert.Equal("The saved model is corrupt: its bytes do not match its SHA-256.", ErrorMessage([.. Saved, 0]));
        Assert.Equal(
            "The saved model continues after its last point; unexpected bytes: 3.", ErrorMessage(WithSha256([.. Saved[..^32], 1, 2, 3])));
    }

    [Fact]
    public void Rejects_other_file_formats() =>
        Assert.Equal(
            "This is not a saved K-NN model: it does not start with \"TKNN\".", ErrorMessage("PK\u0003\u0004 a zip file"u8.ToArray()));

    [Fact]
    public void Rejects_a_later_format_version()
    {
        var later = Saved.ToArray();
        later[4] = 2;

        Assert.Equal("The saved model has format version 2; only version 1 can be loaded.", ErrorMessage(later));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void Rejects_an_invalid_count_before_allocating(int count)
    {
        var manipulated = WithBytesAt(OffsetOfPointCount, BitConverter.GetBytes(count));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.StartsWith($"The saved model declares {count} points, but its remaining length is only ", ErrorMessage(manipulated), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    public static TheoryData<int, byte[], string> Forgeries => new()
    {
        { OffsetOfMeans, BitConverter.GetBytes(1.5), "The saved model is inconsistent: its means and standard deviations are not those of its points." },
        { OffsetOfMeans, BitConverter.GetBytes(double.NaN), "The saved model is inconsistent: its means and standard deviations are not those of its points." },
        { OffsetOfK, BitConverter.GetBytes(0), "The saved model is invalid: k is 0; it must be between 1 and the number of training rows (1,309)." },
        { OffsetOfK, BitConverter.GetBytes(1310), "The saved model is invalid: k is 1,310; it must be between 1 and the number of training rows (1,309)." },
        { OffsetOfK + 4, [2], "The saved model is invalid: The metric is 2; it must be Manhattan or Euclidean." },
        { OffsetOfK + 5, [7], "The saved model is invalid: The weights are 7; they must be Uniform or Distance." },
        { OffsetOfFirstName - 2, BitConverter.GetBytes((ushort)0), "The number of features of the saved model is 0; it must be between 1 and 1,024." },
        { OffsetOfFirstName - 2, BitConverter.GetBytes((ushort)1025), "The number of features of the saved model is 1,025; it must be between 1 and 1,024." },
        { OffsetOfFirstName, BitConverter.GetBytes((ushort)0), "The feature name in the saved model has 0 characters; it must have 1 to 200." },
        { OffsetOfFirstName, BitConverter.GetBytes(ushort.MaxValue), "The saved model is truncated: it ends within the field \"feature name\"." },
        { OffsetOfFirstName + 2, [0xC0, 0xAF], "The feature name of the saved model is not valid UTF-8." },
        { OffsetOfPointCount, BitConverter.GetBytes(0), "The saved model has 0 points; there must be at least 1." },
        { OffsetOfPointCount, BitConverter.GetBytes(129), "The saved model continues after its last point; unexpected bytes: 40." },
        { OffsetOfPoints, BitConverter.GetBytes(double.NaN), "Point 0 of the saved model has NaN as \"pclass\"; it must be a number within ±1E+100, and not -0." },
        { OffsetOfPoints + 8, BitConverter.GetBytes(-0.0), "Point 0 of the saved model has -0 as \"sex\"; it must be a number within ±1E+100, and not -0." },
        { OffsetOfPoints + 40, BitConverter.GetBytes(0.5), "Point 1 of the saved model is out of order: it must be greater than the previous point." },
        { OffsetOfPoints + 32, BitConverter.GetBytes(-1), "Point 0 of the saved model has the row counts -1 (died) and " },
        { OffsetOfPoints + 32, new byte[8], "Point 0 of the saved model has the row counts 0 (died) and 0 (survived); both must be at least 0, and not both 0." },
        { OffsetOfPoints + 32, [0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F], "The saved model has 4,294,9" },
    };

    [Theory]
    [MemberData(nameof(Forgeries), DisableDiscoveryEnumeration = true)]
    public void Rejects_manipulated_content_with_the_reason(int offset, byte[] replacement, string message) =>
        Assert.StartsWith(message, ErrorMessage(WithBytesAt(offset, replacement)), StringComparison.Ordinal);

    [Fact]
    public void Rejects_a_model_with_one_outcome_like_the_trainer()
    {
        var points = Saved[..^32];
        for (var point = 0; point < Model.Training.Count; point++)
        {
            var counts = points.AsSpan(OffsetOfPoints + point * 40 + 32);
            BinaryPrimitives.WriteInt32LittleEndian(counts, Model.Training.Negatives[point] + Model.Training.Positives[point]);
            BinaryPrimitives.WriteInt32LittleEndian(counts[4..], 0);
        }

        Assert.Equal("All training rows of the saved model (1,309) have the same outcome; there must be rows of both outcomes.", ErrorMessage(WithSha256(points)));
    }

    [Fact]
    public void Rejects_a_deviation_that_would_underflow_like_the_trainer()
    {
        var bytes = new KnnTrainer(new KnnOptions(1), "test/1").Fit(WeightedSamples.FromRows(["x"], [new([1], false), new([2], true)])).Save()[..^32];
        BitConverter.TryWriteBytes(bytes.AsSpan(^32), 1e-300);
        BitConverter.TryWriteBytes(bytes.AsSpan(^16), 2e-300);

        Assert.StartsWith(
            "The saved model is invalid: The values of 'x' differ, but", ErrorMessage(WithSha256(bytes)), StringComparison.Ordinal);
    }

    /// <summary>Titanic.Benchmarks runs the same with 100,000 files (measurement <c>format</c>).</summary>
    [Fact]
    public void Corrupt_files_are_rejected_or_valid_models()
    {
        var fuzzing = new LoadFuzzing();

        fuzzing.Run(new CorruptModels(seed: 4), files: 6_000);

        Assert.Empty(fuzzing.Failures);
        Assert.Equal(6_000, fuzzing.Loaded + fuzzing.Rejected);
        Assert.InRange(fuzzing.Loaded, 60, 3_000);
    }

    [Fact]
    public void Corruption_is_deterministic_for_a_seed()
    {
        var (first, second) = (new CorruptModels(seed: 5), new CorruptModels(seed: 5));

        for (var file = 0; file < 100; file++)
        {
            var ((corrupt, resealed), repeated) = (first.Next(), second.Next());
            Assert.Equal(corrupt, repeated.Corrupt);
            Assert.Equal(resealed, repeated.Resealed);
        }
        Assert.NotEqual(first.Next().Corrupt, new CorruptModels(seed: 6).Next().Corrupt);
    }

    private static string ErrorMessage(byte[] bytes) => Assert.Throws<InvalidDataException>(() => KnnModel.Load(bytes)).Message;

    private static byte[] WithBytesAt(int offset, byte[] replacement)
    {
        var content = Saved[..^32];
        replacement.CopyTo(content, offset);
        return WithSha256(content);
    }

    /// <summary>The content with its correct SHA-256, as in a deliberate manipulation.</summary>
    private static byte[] WithSha256(byte[] content) => [.. content, .. SHA256.HashData(content)];
}
