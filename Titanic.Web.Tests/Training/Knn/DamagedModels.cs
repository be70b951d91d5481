using System.Buffers.Binary;
using System.Security.Cryptography;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>
/// Generates corrupt and manipulated models: flipped bits, truncated, extended, spliced, extreme counts, edge case numbers. Deterministic
/// for a seed.
/// </summary>
internal sealed class DamagedModels
{
    private static readonly double[] _strangeValues =
    [
        double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0, double.Epsilon, -double.Epsilon, 1e-310, 1e100, -1e100,
        Math.BitIncrement(1e100), double.MaxValue, double.MinValue, 1, Math.BitIncrement(1),
    ];

    private static readonly int[] _strangeCounts = [0, 1, -1, 2, int.MinValue, int.MaxValue, int.MaxValue - 1, 1 << 16, 1 << 24, 1 << 30];

    private readonly SeededRandom _random;
    private readonly Original[] _originals;

    public DamagedModels(ulong seed)
    {
        _random = new SeededRandom(seed);
        _originals = [.. Enumerable.Range(0, 24).Select(_ => Sound())];
    }

    /// <summary>
    /// One corruption in two variants: as it is, and with a recomputed SHA-256, so that the validation after the SHA-256 check is reached.
    /// </summary>
    public (byte[] Corrupt, byte[] Resealed) Next()
    {
        var original = _originals[_random.Next(_originals.Length)];
        var bytes = original.Bytes.ToArray();
        for (var change = _random.Next(3); change >= 0; change--)
            bytes = Damage(bytes, original);
        var content = bytes.AsSpan(0, Math.Max(0, bytes.Length - SHA256.HashSizeInBytes));
        return (bytes, [.. content, .. SHA256.HashData(content)]);
    }

    private byte[] Damage(byte[] bytes, Original original)
    {
        if (bytes.Length == 0)
            return [(byte)_random.Next(256)];
        var offset = _random.Next(bytes.Length);
        var length = _random.Next(Math.Min(bytes.Length - offset, 200) + 1);
        switch (_random.Next(12))
        {
            case 0:
                bytes[offset] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                bytes[offset] = (byte)_random.Next(256);
                return bytes;
            case 2:
                return bytes[..offset];
            case 3:
                return [.. bytes, .. Enumerable.Range(0, 1 + _random.Next(500)).Select(_ => (byte)_random.Next(256))];
            case 4:
                var other = _originals[_random.Next(_originals.Length)].Bytes;
                return [.. bytes[..offset], .. other[_random.Next(other.Length)..]];
            case 5:
                return [.. bytes[..offset], .. bytes[(offset + length)..]];
            case 6:
                return [.. bytes[..(offset + length)], .. bytes[offset..]];
            case 7:
                return Overwritten(bytes, original.PlaceOfCount, BitConverter.GetBytes(_strangeCounts[_random.Next(_strangeCounts.Length)]));
            case 8:
                return Overwritten(bytes, original.PlaceOfK, BitConverter.GetBytes(_strangeCounts[_random.Next(_strangeCounts.Length)]));
            case 9:
                return Overwritten(bytes, original.PlaceOfRows(_random) + 4 * _random.Next(2), BitConverter.GetBytes(_strangeCounts[_random.Next(_strangeCounts.Length)]));
            case 10:
                return Overwritten(bytes, original.PlaceOfValue(_random), BitConverter.GetBytes(_strangeValues[_random.Next(_strangeValues.Length)]));
            default:
                return WithOutcomesExchanged(bytes, original.PlaceOfRows(_random));
        }
    }

    private static byte[] Overwritten(byte[] bytes, int place, byte[] with)
    {
        if (place + with.Length <= bytes.Length)
            with.CopyTo(bytes, place);
        return bytes;
    }

    // Means and standard deviations remain correct: the manipulated model is valid and must be accepted.
    private static byte[] WithOutcomesExchanged(byte[] bytes, int place)
    {
        if (place + 8 > bytes.Length)
            return bytes;
        var rows = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(place));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(place), long.RotateLeft(rows, 32));
        return bytes;
    }

    /// <summary>A valid model of random size with random values, including edge cases.</summary>
    private Original Sound()
    {
        var (dimensions, count) = (1 + _random.Next(5), 2 + _random.Next(60));
        var hasEdgeCases = _random.Next(2) == 0;
        var allowedValues = _strangeValues.Where(WeightedSamples.IsUsable).ToArray();
        double Value() => hasEdgeCases && _random.Next(3) == 0 ? allowedValues[_random.Next(allowedValues.Length)] : _random.Next(2) == 0 ? _random.Next(5) : _random.NextDouble();
        var points = WeightedSamples.FromRows(
            [.. Enumerable.Range(0, dimensions).Select(feature => $"größe {feature}")],
            Enumerable.Range(0, count).Select(row => new WeightedSample(
                [.. Enumerable.Range(0, dimensions).Select(_ => Value())], row % 2 == 0, _random.Next(8) == 0 ? int.MaxValue / 64 : 1 + _random.Next(9))));
        var options = new KnnOptions(1 + _random.Next(2 * count), (DistanceMetric)_random.Next(2), (NeighborWeights)_random.Next(2));
        return new Original(new KnnTrainer(options with { K = Math.Min(options.K, points.Rows) }, "corrupt/1").Fit(points).Save(), dimensions, points.Count);
    }

    private sealed record Original(byte[] Bytes, int Dimensions, int Points)
    {
        private int PointLength => 8 * Dimensions + 8;

        private int PlaceOfPoints => Bytes.Length - SHA256.HashSizeInBytes - Points * PointLength;

        public int PlaceOfCount => PlaceOfPoints - 4;

        public int PlaceOfK => PlaceOfCount - 16 * Dimensions - 6;

        public int PlaceOfValue(SeededRandom random) => PlaceOfPoints + random.Next(Points) * PointLength + 8 * random.Next(Dimensions);

        /// <summary>Offset of a point's two counts: 4 bytes for rows that died, then 4 bytes for rows that survived.</summary>
        public int PlaceOfRows(SeededRandom random) => PlaceOfPoints + random.Next(Points) * PointLength + 8 * Dimensions;
    }
}
