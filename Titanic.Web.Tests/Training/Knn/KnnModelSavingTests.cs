using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnModelSavingTests
{
    /// <summary>
    /// A model of format version 1, written by a few lines of Python (struct, hashlib), not by this code. It must remain readable: a change
    /// that fails this test requires a new format version, while version 1 is still read as before.
    /// </summary>
    private static readonly byte[] VersionOne = Convert.FromHexString(string.Concat(
        "544b4e4e01000800676f6c64656e2f3102000500636c6173730400c3a26765030000000101840f3ef8e083ff3f3212e429419e92bf558024020643e83f9e5e85",
        "6fe3d9f53f0b000000000000000000f03f313333333333f3bf0300000001000000000000000000f03f283333333333e3bf0200000001000000000000000000f0",
        "3f00000000000000000000000001000000000000000000f03fccccccccccccfc3f01000000010000000000000000000040323333333333f3bf00000000020000",
        "000000000000000040333333333333e3bf01000000020000000000000000000040000000000000d03c0300000002000000000000000000004000000000000008",
        "4002000000020000000000000000000840000000000000f0bf01000000020000000000000000000840ffffffffffffefbf020000000200000000000000000008",
        "40a09999999999e93f0000000002000000f8a9354d599e3ea7b8b300439b10ae189e0c0837d716938518277402a750a6c2"));

    private static readonly KnnModel Model = new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(TitanicRows.Points);

    [Fact]
    public void Reads_format_version_1()
    {
        var model = KnnModel.Load(VersionOne);

        Assert.Equal(("golden/1", new KnnOptions(3, DistanceMetric.Euclidean, NeighborWeights.Distance)), (model.EncoderId, model.Options));
        Assert.Equal(["class", "âge"], model.Training.FeatureNames);
        Assert.Equal((11, 33, 15), (model.Training.Count, model.Training.Rows, model.Training.DiedRows));
        // Expected values from the same Python code: (2 + 2 * 2) of 2 + 3 * 2 votes for survival; at distance 0 only the row there votes.
        Assert.Equal((true, 4, 5), Predict(model, 2, -1, 0.7551020408163266));
        Assert.Equal((true, 1, 1), Predict(model, 1, 0, 2 / 3.0));
        Assert.Equal((false, 2, 4), Predict(model, 3, 5, 0.5));
    }

    /// <summary>
    /// A retrained model has the same bytes only if means and standard deviations are computed in the same order of operations.
    /// </summary>
    [Fact]
    public void Writes_format_version_1_unchanged()
    {
        var read = KnnModel.Load(VersionOne);
        Assert.Equal(VersionOne, read.Save());

        var rows = Enumerable.Range(0, read.Training.Count).SelectMany(point => (WeightedSample[])
        [
            .. Rows(read.Training, point, survived: false),
            .. Rows(read.Training, point, survived: true),
        ]);
        var retrained = new KnnTrainer(read.Options, read.EncoderId).Fit(WeightedSamples.FromRows(read.Training.FeatureNames, rows.Reverse()));
        Assert.Equal(VersionOne, retrained.Save());
    }

    /// <summary>
    /// Offsets counted by hand in <see cref="VersionOne"/>: encoder id 8 bytes, feature names 5 and 4, each point 16 and 8.
    /// </summary>
    [Theory]
    [InlineData(0, "the magic letters")]
    [InlineData(5, "the format version")]
    [InlineData(6, "the encoder id")]
    [InlineData(15, "the encoder id")]
    [InlineData(16, "the feature names")]
    [InlineData(30, "the feature names")]
    [InlineData(31, "k")]
    [InlineData(35, "the metric")]
    [InlineData(36, "the weights")]
    [InlineData(37, "the means")]
    [InlineData(53, "the standard deviations")]
    [InlineData(69, "the number of points")]
    [InlineData(73, "point 1 of 11, its class")]
    [InlineData(81, "point 1 of 11, its âge")]
    [InlineData(89, "point 1 of 11, its rows")]
    [InlineData(97, "point 2 of 11, its class")]
    [InlineData(336, "point 11 of 11, its rows")]
    [InlineData(337, "its own SHA-256")]
    [InlineData(369, "what follows the end of the model")]
    public void Every_offset_has_a_description(int offset, string part) => Assert.Equal(part, KnnModel.Load(VersionOne).DescribeOffset(offset));

    [Fact]
    public void Size_depends_on_the_number_of_distinct_points()
    {
        var names = TitanicRows.FeatureNames.Sum(name => 2 + name.Length);

        Assert.Equal(
            4 + 2 + 2 + "titanic_binned/1".Length + 2 + names + 4 + 1 + 1 + 2 * 4 * 8 + 4 + TitanicRows.Points.Count * (4 * 8 + 2 * 4) + 32,
            Model.Save().Length);
    }

    [Fact]
    public void Equal_rows_in_any_order_give_equal_bytes()
    {
        var shuffled = TitanicRows.All.ToArray();
        new SeededRandom(7).Shuffle(shuffled.AsSpan());
        var points = WeightedSamples.FromRows(TitanicRows.FeatureNames, shuffled);

        Assert.Equal(Model.Save(), new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(points).Save());
        Assert.NotEqual(Model.Save(), new KnnTrainer(new KnnOptions(8), "titanic_binned/1").Fit(points).Save());
        Assert.NotEqual(Model.Save(), new KnnTrainer(new KnnOptions(), "titanic_binned/2").Fit(points).Save());
    }

    [Fact]
    public void Saving_allocates_only_the_result()
    {
        var length = Model.Save().Length;
        var before = GC.GetAllocatedBytesForCurrentThread();

        _ = Model.Save();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, length, length + length / 2);
    }

    private static IEnumerable<WeightedSample> Rows(WeightedSamples points, int point, bool survived) =>
        Enumerable.Repeat(new WeightedSample(points.Point(point).ToArray(), survived), points.RowsOf(point, survived));

    private static (bool Survived, int Survivors, int Neighbors) Predict(KnnModel model, double @class, double age, double probability)
    {
        var prediction = model.Predict([@class, age]);
        Assert.Equal(probability, prediction.Probability, 1e-15);
        return (prediction.Survived, prediction.Survivors, prediction.Neighbors);
    }
}
