namespace Titanic.Web.Passengers;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014). Unlike <see cref="Random"/> its sequence is fixed by the algorithm and not by the
/// runtime's version, so a seed gives the same passengers, folds and splits on every machine for good.
/// </summary>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A generator for one purpose on one day: independent of every other purpose and day.</summary>
    public static SeededRandom For(long seed, string purpose, DateOnly day)
    {
        var state = (ulong)seed;
        foreach (var letter in purpose)
            state = new SeededRandom(state ^ letter).NextUInt64();
        return new SeededRandom(state ^ (ulong)day.DayNumber);
    }

    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0..<paramref name="exclusiveMaximum"/>-1 without modulo bias (Lemire, 2019).</summary>
    public int Next(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMaximum);
        var range = (ulong)exclusiveMaximum;
        var high = Math.BigMul(NextUInt64(), range, out var low);
        if (low < range)
        {
            var threshold = (0UL - range) % range;
            while (low < threshold)
                high = Math.BigMul(NextUInt64(), range, out low);
        }
        return (int)high;
    }

    /// <summary>Fisher–Yates, in place.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
