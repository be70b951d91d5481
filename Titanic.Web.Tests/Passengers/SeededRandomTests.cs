using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class SeededRandomTests
{
    [Fact]
    public void Returns_the_published_SplitMix64_numbers_for_seed_1234567()
    {
        var random = new SeededRandom(1234567);

        ulong[] numbers = [.. Enumerable.Range(0, 5).Select(_ => random.NextUInt64())];

        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821], numbers);
    }

    [Fact]
    public void Doubles_are_in_the_half_open_unit_interval_with_mean_one_half()
    {
        const int n = 100_000;
        var random = new SeededRandom(1);

        double[] doubles = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble())];

        Assert.All(doubles, number => Assert.InRange(number, 0, Math.BitDecrement(1.0)));
        Assert.Equal(0.5, doubles.Average(), 4 * Math.Sqrt(1.0 / 12 / n)); // four standard errors of a uniform mean
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Next_is_uniform_below_the_maximum(int maximum)
    {
        var n = 2000 * maximum;
        var random = new SeededRandom(2);
        var counts = new int[maximum];

        for (var i = 0; i < n; i++)
            counts[random.Next(maximum)]++;

        // Six standard deviations of a binomial count: one false alarm in about half a billion counts.
        Assert.All(counts, count => Assert.Equal(2000.0, count, 6 * Math.Sqrt(2000)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Next_rejects_a_maximum_below_1(int maximum) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).Next(maximum));

    [Fact]
    public void Shuffle_is_a_permutation_and_every_item_reaches_every_position()
    {
        var reached = new HashSet<(int Item, int Place)>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            int[] items = [0, 1, 2, 3, 4];
            new SeededRandom(seed).Shuffle<int>(items);
            Assert.Equal([0, 1, 2, 3, 4], items.Order());
            reached.UnionWith(items.Select((item, place) => (item, place)));
        }

        Assert.Equal(25, reached.Count);
    }

    [Fact]
    public void Shuffle_accepts_empty_and_single_item_spans()
    {
        int[] one = [7];
        new SeededRandom(1).Shuffle<int>([]);
        new SeededRandom(1).Shuffle<int>(one);

        Assert.Equal([7], one);
    }

    [Fact]
    public void Seed_purpose_and_day_each_change_the_sequence()
    {
        var day = new DateOnly(2026, 11, 23);
        ulong[] first =
        [
            SeededRandom.For(1912, "stream", day).NextUInt64(),
            SeededRandom.For(1913, "stream", day).NextUInt64(),
            SeededRandom.For(1912, "split", day).NextUInt64(),
            SeededRandom.For(1912, "stream", day.AddDays(1)).NextUInt64(),
        ];

        Assert.Distinct(first);
        Assert.Equal(first[0], SeededRandom.For(1912, "stream", day).NextUInt64());
    }
}
