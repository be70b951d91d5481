using System.Buffers.Binary;
using System.Security.Cryptography;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnModelLoadingTests
{
    private const int PlaceOfFirstName = 4 + 2 + 2 + 16 + 2;
    private const int PlaceOfK = PlaceOfFirstName + 4 * 2 + 6 + 3 + 9 + 9;
    private const int PlaceOfMeans = PlaceOfK + 4 + 1 + 1;
    private const int PlaceOfPointCount = PlaceOfMeans + 2 * 4 * 8;
    private const int PlaceOfPoints = PlaceOfPointCount + 4;

    private static readonly KnnModel Model = new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(TitanicRows.Points);
    private static readonly byte[] Saved = Model.Save();

    [Fact]
    public void A_loaded_model_answers_every_input_alike()
    {
        var loaded = KnnModel.Load(Saved);

        Assert.Equal(
            TitanicRows.Inputs().Select(input => Model.Predict(input)),
            TitanicRows.Inputs().Select(input => loaded.Predict(input)));
        Assert.Equal("titanic_binned/1", loaded.EncoderId);
        Assert.Equal(TitanicRows.FeatureNames, loaded.Training.FeatureNames);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (var length = 0; length < Saved.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => KnnModel.Load(Saved.AsSpan(0, length)));
            Assert.Throws<InvalidDataException>(() => KnnModel.Load(Sealed(Saved[..Math.Min(length, Saved.Length - 33)])));
        }
    }

    [Fact]
    public void Every_flipped_byte_is_refused()
    {
        for (var place = 0; place < Saved.Length; place++)
        {
            var flipped = Saved.ToArray();
            flipped[place] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => KnnModel.Load(flipped));
        }
    }

    [Fact]
    public void Bytes_after_the_end_are_refused()
    {
        Assert.Equal("The saved model is damaged: its bytes do not match its SHA-256.", Refusal([.. Saved, 0]));
        Assert.Equal("The saved model has 3 bytes too many after its last point.", Refusal(Sealed([.. Saved[..^32], 1, 2, 3])));
    }

    [Fact]
    public void Something_else_is_refused() =>
        Assert.Equal("This is not a saved K-NN model: it does not start with \"TKNN\".", Refusal("PK\u0003\u0004 a zip file"u8.ToArray()));

    [Fact]
    public void A_later_format_is_refused_by_its_number()
    {
        var later = Saved.ToArray();
        later[4] = 2;

        Assert.Equal("The saved model has format version 2; only 1 can be read.", Refusal(later));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void A_huge_count_is_refused_before_memory_is_asked_for(int count)
    {
        var hostile = Forged(PlaceOfPointCount, BitConverter.GetBytes(count));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.StartsWith($"The saved model promises {count} points, but only ", Refusal(hostile), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    public static TheoryData<int, byte[], string> Forgeries => new()
    {
        { PlaceOfMeans, BitConverter.GetBytes(1.5), "The saved model contradicts itself: its means and deviations are not those of its points." },
        { PlaceOfMeans, BitConverter.GetBytes(double.NaN), "The saved model contradicts itself: its means and deviations are not those of its points." },
        { PlaceOfK, BitConverter.GetBytes(0), "The saved model cannot answer: k is 0; it must be between 1 and the number of training rows (1309)." },
        { PlaceOfK, BitConverter.GetBytes(1310), "The saved model cannot answer: k is 1310; it must be between 1 and the number of training rows (1309)." },
        { PlaceOfK + 4, [2], "The saved model cannot answer: The metric is 2; it must be Manhattan or Euclidean." },
        { PlaceOfK + 5, [7], "The saved model cannot answer: The weights are 7; they must be Uniform or Distance." },
        { PlaceOfFirstName - 2, BitConverter.GetBytes((ushort)0), "The saved model has 0 features; it must be 1..1024." },
        { PlaceOfFirstName - 2, BitConverter.GetBytes((ushort)1025), "The saved model has 1025 features; it must be 1..1024." },
        { PlaceOfFirstName, BitConverter.GetBytes((ushort)0), "The saved model's feature name has 0 characters; it must have 1..200." },
        { PlaceOfFirstName, BitConverter.GetBytes(ushort.MaxValue), "The saved model ends within its feature name." },
        { PlaceOfFirstName + 2, [0xC0, 0xAF], "The saved model's feature name is not UTF-8." },
        { PlaceOfPointCount, BitConverter.GetBytes(0), "The saved model has 0 points; it must have at least 1." },
        { PlaceOfPointCount, BitConverter.GetBytes(129), "The saved model has 40 bytes too many after its last point." },
        { PlaceOfPoints, BitConverter.GetBytes(double.NaN), "The saved model's point 0 has NaN as 'pclass'; it must be a number within ±1E+100, and not -0." },
        { PlaceOfPoints + 8, BitConverter.GetBytes(-0.0), "The saved model's point 0 has -0 as 'sex'; it must be a number within ±1E+100, and not -0." },
        { PlaceOfPoints + 40, BitConverter.GetBytes(0.5), "The saved model's point 1 is out of order: it must be greater than the one before." },
        { PlaceOfPoints + 32, BitConverter.GetBytes(-1), "The saved model's point 0 stands for -1 rows that died and " },
        { PlaceOfPoints + 32, new byte[8], "The saved model's point 0 stands for 0 rows that died and 0 that survived; no count may be negative, nor both 0." },
        { PlaceOfPoints + 32, [0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F], "The saved model has 42949" },
    };

    [Theory]
    [MemberData(nameof(Forgeries), DisableDiscoveryEnumeration = true)]
    public void A_forged_number_is_refused_by_what_is_wrong_with_it(int place, byte[] forged, string sentence) =>
        Assert.StartsWith(sentence, Refusal(Forged(place, forged)), StringComparison.Ordinal);

    [Fact]
    public void A_model_of_one_outcome_is_refused_as_by_the_trainer()
    {
        var points = Saved[..^32];
        for (var point = 0; point < Model.Training.Count; point++)
        {
            var counts = points.AsSpan(PlaceOfPoints + point * 40 + 32);
            BinaryPrimitives.WriteInt32LittleEndian(counts, Model.Training.Negatives[point] + Model.Training.Positives[point]);
            BinaryPrimitives.WriteInt32LittleEndian(counts[4..], 0);
        }

        Assert.Equal("All 1309 training rows of the saved model have one outcome; no model learns from that.", Refusal(Sealed(points)));
    }

    /// <summary>The measurement <c>format</c> of Titanic.Benchmarks does the same to 100,000 files.</summary>
    [Fact]
    public void Damaged_files_are_refused_or_are_sound_models()
    {
        var trials = new LoadingTrials();

        trials.Run(new DamagedModels(seed: 4), files: 6_000);

        Assert.Empty(trials.Surprises);
        Assert.Equal(6_000, trials.Loaded + trials.Refused);
        Assert.InRange(trials.Loaded, 60, 3_000);
    }

    [Fact]
    public void Damage_is_the_same_for_the_same_seed()
    {
        var (one, other) = (new DamagedModels(seed: 5), new DamagedModels(seed: 5));

        for (var file = 0; file < 100; file++)
        {
            var ((accident, forgery), again) = (one.Next(), other.Next());
            Assert.Equal(accident, again.Accident);
            Assert.Equal(forgery, again.Forgery);
        }
        Assert.NotEqual(one.Next().Accident, new DamagedModels(seed: 6).Next().Accident);
    }

    private static string Refusal(byte[] bytes) => Assert.Throws<InvalidDataException>(() => KnnModel.Load(bytes)).Message;

    private static byte[] Forged(int place, byte[] forged)
    {
        var content = Saved[..^32];
        forged.CopyTo(content, place);
        return Sealed(content);
    }

    /// <summary>With a fitting SHA-256, as somebody would forge it.</summary>
    private static byte[] Sealed(byte[] content) => [.. content, .. SHA256.HashData(content)];
}
