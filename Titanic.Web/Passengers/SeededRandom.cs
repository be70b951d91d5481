namespace Titanic.Web.Passengers;

/// <summary>
/// The SplitMix64 generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, DOI
/// 10.1145/2660193.2660195). Unlike <see cref="Random"/> its sequence does not depend on the runtime version, so a seed yields the same
/// passengers and folds on every machine.
/// </summary>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Creates a generator for one purpose and day; generators of other purposes and days are independent of it.</summary>
    public static SeededRandom For(long seed, string purpose, DateOnly day)
    {
        var state = (ulong)seed;
        foreach (var character in purpose)
            state = new SeededRandom(state ^ character).NextUInt64();
        return new SeededRandom(state ^ (ulong)day.DayNumber);
    }

    /// <summary>Uniform in 0..2^64-1.</summary>
    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// Uniform in 0..<paramref name="exclusiveMaximum"/>-1 without modulo bias (Lemire, "Fast random integer generation in an
    /// interval", 2019, DOI 10.1145/3230636).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is less than 1.</exception>
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

    /// <summary>Shuffles the items in place (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
