using System.Buffers.Binary;
using System.Security.Cryptography;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnModelSavingTests
{
    private static readonly KnnModel Model = new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(TitanicRows.Points);
    private static readonly byte[] Saved = Model.Save();

    /// <summary>Behind magic, version, encoder id, names, k, metric, weights, means and deviations.</summary>
    private static readonly int PlaceOfPointCount =
        4 + 2 + 2 + Model.EncoderId.Length + 2 + TitanicRows.FeatureNames.Sum(name => 2 + name.Length) + 4 + 1 + 1 + 2 * 4 * 8;

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
    public void The_size_is_that_of_the_distinct_points() =>
        Assert.Equal(PlaceOfPointCount + 4 + TitanicRows.Points.Count * (4 * 8 + 2 * 4) + 32, Saved.Length);

    [Fact]
    public void Equal_rows_in_any_order_give_equal_bytes()
    {
        var shuffled = TitanicRows.All.ToArray();
        new SeededRandom(7).Shuffle(shuffled.AsSpan());
        var points = LabelledPoints.FromRows(TitanicRows.FeatureNames, shuffled);

        Assert.Equal(Saved, new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(points).Save());
        Assert.NotEqual(Saved, new KnnTrainer(new KnnOptions(8), "titanic_binned/1").Fit(points).Save());
        Assert.NotEqual(Saved, new KnnTrainer(new KnnOptions(), "titanic_binned/2").Fit(points).Save());
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (var length = 0; length < Saved.Length; length++)
            Assert.Throws<InvalidDataException>(() => KnnModel.Load(Saved.AsSpan(0, length)));
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
        var hostile = Saved[..^32];
        BinaryPrimitives.WriteInt32LittleEndian(hostile.AsSpan(PlaceOfPointCount), count);
        hostile = Sealed(hostile);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.StartsWith($"The saved model promises {count} points, but only ", Refusal(hostile), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Means_that_are_not_those_of_the_points_are_refused()
    {
        var hostile = Saved[..^32];
        BinaryPrimitives.WriteDoubleLittleEndian(hostile.AsSpan(PlaceOfPointCount - 8), 1.5);

        Assert.Equal("The saved model contradicts itself: its means and deviations are not those of its points.", Refusal(Sealed(hostile)));
    }

    [Fact]
    public void No_sealed_mutation_does_anything_but_load_or_be_refused()
    {
        var random = new SeededRandom(1912);
        var refused = 0;
        for (var round = 0; round < 5_000; round++)
        {
            var mutated = Saved[..^32];
            for (var change = random.Next(3); change >= 0; change--)
                mutated[6 + random.Next(mutated.Length - 6)] = (byte)random.Next(256);
            try
            {
                var model = KnnModel.Load(Sealed(mutated));
                Assert.True(model.Predict(model.Training.Point(0)).Neighbors >= model.Options.K);
            }
            catch (InvalidDataException refusal)
            {
                Assert.NotEmpty(refusal.Message);
                refused++;
            }
        }
        Assert.True(refused > 1_000, $"only {refused} of 5000 were refused");
    }

    private static string Refusal(byte[] bytes) => Assert.Throws<InvalidDataException>(() => KnnModel.Load(bytes)).Message;

    /// <summary>With a fitting SHA-256, as somebody would forge it.</summary>
    private static byte[] Sealed(byte[] content) => [.. content, .. SHA256.HashData(content)];
}
