using System.Globalization;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>The split (S4: the original drew a new one each day, unseeded).</summary>
public sealed class TrainingRowTests
{
    private static readonly string[] HistoricalKeys = [.. Enumerable.Range(1, 1309).Select(id => id.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Fractions computed with Python: int.from_bytes(sha256(salt NUL source NUL key)[:8], "big") / 2**64.</summary>
    [Theory]
    [InlineData("titanic split 1", "titanic3", "1", 0.466242485855327)]
    [InlineData("titanic split 1", "titanic3", "6", 0.3914518960204401)]
    [InlineData("titanic split 1", "synthetic", "realistic-2026-03-01-1", 0.4989759439761387)]
    [InlineData("titanic split 1", "upload", "1", 0.8958887092081457)]
    [InlineData("another salt", "titanic3", "4", 0.13585632871905975)]
    public void A_passenger_is_held_out_if_their_hash_as_a_fraction_is_below_the_share(string salt, string source, string key, double fraction)
    {
        Assert.False(TrainingRow.IsHeldOut(source, key, salt, fraction - 1e-9));
        Assert.True(TrainingRow.IsHeldOut(source, key, salt, fraction + 1e-9));
    }

    [Fact]
    public void Of_the_historical_list_270_passengers_are_held_out()
    {
        // Counted by the same few lines of Python: 20.6 % of 1309.
        Assert.Equal(270, HistoricalKeys.Count(key => TrainingRow.IsHeldOut("titanic3", key, "titanic split 1", 0.2)));
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(1.0, 1309)]
    public void A_share_of_nothing_holds_out_nobody_and_a_share_of_all_everybody(double share, int held) =>
        Assert.Equal(held, HistoricalKeys.Count(key => TrainingRow.IsHeldOut("titanic3", key, "titanic split 1", share)));

    [Fact]
    public void Source_and_key_cannot_be_confused() =>
        Assert.NotEqual(
            new TrainingRow("ab", "c", 1, 1, BinnedPoint.FromCode(0), true, false).Canonical(),
            new TrainingRow("a", "bc", 1, 1, BinnedPoint.FromCode(0), true, false).Canonical());

    [Fact]
    public void Our_own_ids_and_the_split_are_not_part_of_a_rows_bytes() =>
        Assert.Equal(
            new TrainingRow("a", "b", 1, 1, BinnedPoint.FromCode(395), true, false).Canonical(),
            new TrainingRow("a", "b", 2, 3, BinnedPoint.FromCode(395), true, true).Canonical());
}
