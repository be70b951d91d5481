using Titanic.Web.FeatureStore;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class TrainingDigestTests
{
    private static readonly double[] Last = BinnedPoint.FromCode(395).Features;

    [Fact]
    public void The_boundary_of_source_and_key_is_unambiguous() =>
        Assert.NotEqual(
            Bytes(new TrainingRow("ab", "c", 1, 1, Last, true, false, 0)), Bytes(new TrainingRow("a", "bc", 1, 1, Last, true, false, 0)));

    [Fact]
    public void Internal_ids_and_the_split_are_not_part_of_the_bytes() =>
        Assert.Equal(
            Bytes(new TrainingRow("a", "b", 1, 1, Last, true, false, 0)), Bytes(new TrainingRow("a", "b", 2, 3, Last, true, true, 0)));

    [Fact]
    public void The_bytes_of_a_row_are_source_key_point_and_label()
    {
        // 395 = 0x018B; "é" is two bytes of UTF-8.
        Assert.Equal([(byte)'a', 0, 0xC3, 0xA9, 0, 0x8B, 0x01, 1], Bytes(new TrainingRow("a", "é", 1, 1, Last, true, false, 0)));
        Assert.Equal([(byte)'a', 0, (byte)'b', 0, 0, 0, 0], Bytes(new TrainingRow("a", "b", 1, 1, BinnedPoint.FromCode(0).Features, false, false, 0)));
    }

    [Fact]
    public void Includes_a_long_key_completely()
    {
        var key = new string('k', 5_000);

        Assert.Equal(5_000 + 6, Bytes(new TrainingRow("a", key, 1, 1, Last, true, false, 0)).Length);
    }

    [Fact]
    public void Counts_rows_survivors_and_held_out_rows()
    {
        using var digest = new TrainingDigest(TrainingViews.Binned);
        digest.Add(new TrainingRow("a", "1", 1, 1, Last, true, false, 0));
        digest.Add(new TrainingRow("a", "2", 1, 1, Last, true, true, 0));
        digest.Add(new TrainingRow("a", "3", 1, 1, Last, false, false, 0));

        Assert.Equal((3, 2, 1), (digest.Rows, digest.Survivors, digest.HeldOutRows));
    }

    private static byte[] Bytes(TrainingRow row)
    {
        using var digest = new TrainingDigest(TrainingViews.Binned);
        return digest.CanonicalBytes(row).ToArray();
    }
}
