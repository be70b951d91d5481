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
internal sealed class CorruptModels
{
    private static readonly double[] _edgeCaseValues =
    [
        double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0, double.Epsilon, -double.Epsilon, 1e-310, 1e100, -1e100,
        Math.BitIncrement(1e100), double.MaxValue, double.MinValue, 1, Math.BitIncrement(1),
    ];

    private static readonly int[] _edgeCaseCounts = [0, 1, -1, 2, int.MinValue, int.MaxValue, int.MaxValue - 1, 1 << 16, 1 << 24, 1 << 30];

    private readonly SeededRandom _random;
    private readonly Original[] _originals;

    public CorruptModels(ulong seed)
    {
        _random = new SeededRandom(seed);
        _originals = [.. Enumerable.Range(0, 24).Select(_ => CreateValid())];
    }

    /// <summary>
    /// One corruption in two variants: as it is, and with a recomputed SHA-256, so that the validation after the SHA-256 check is reached.
    /// </summary>
    public (byte[] Corrupt, byte[] Resealed) Next()
    {
        var original = _originals[_random.Next(_originals.Length)];
        var bytes = original.Bytes.ToArray();
        for (var change = _random.Next(3); change >= 0; change--)
            bytes = Corrupt(bytes, original);
        var content = bytes.AsSpan(0, Math.Max(0, bytes.Length - SHA256.HashSizeInBytes));
        return (bytes, [.. content, .. SHA256.HashData(content)]);
    }

    private byte[] Corrupt(byte[] bytes, Original original)
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
                return Overwrite(bytes, original.OffsetOfCount, BitConverter.GetBytes(_edgeCaseCounts[_random.Next(_edgeCaseCounts.Length)]));
            case 8:
                return Overwrite(bytes, original.OffsetOfK, BitConverter.GetBytes(_edgeCaseCounts[_random.Next(_edgeCaseCounts.Length)]));
            case 9:
                return Overwrite(bytes, original.OffsetOfRows(_random) + 4 * _random.Next(2), BitConverter.GetBytes(_edgeCaseCounts[_random.Next(_edgeCaseCounts.Length)]));
            case 10:
                return Overwrite(bytes, original.OffsetOfValue(_random), BitConverter.GetBytes(_edgeCaseValues[_random.Next(_edgeCaseValues.Length)]));
            default:
                return SwapOutcomes(bytes, original.OffsetOfRows(_random));
        }
    }

    private static byte[] Overwrite(byte[] bytes, int offset, byte[] replacement)
    {
        if (offset + replacement.Length <= bytes.Length)
            replacement.CopyTo(bytes, offset);
        return bytes;
    }

    // Means and standard deviations remain correct: the manipulated model is valid and must be accepted.
    private static byte[] SwapOutcomes(byte[] bytes, int offset)
    {
        if (offset + 8 > bytes.Length)
            return bytes;
        var rows = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(offset));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(offset), long.RotateLeft(rows, 32));
        return bytes;
    }

    /// <summary>A valid model of random size with random values, including edge cases.</summary>
    private Original CreateValid()
    {
        var (dimensions, count) = (1 + _random.Next(5), 2 + _random.Next(60));
        var hasEdgeCases = _random.Next(2) == 0;
        var allowedValues = _edgeCaseValues.Where(WeightedSamples.IsAllowed).ToArray();
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

        private int OffsetOfPoints => Bytes.Length - SHA256.HashSizeInBytes - Points * PointLength;

        public int OffsetOfCount => OffsetOfPoints - 4;

        public int OffsetOfK => OffsetOfCount - 16 * Dimensions - 6;

        public int OffsetOfValue(SeededRandom random) => OffsetOfPoints + random.Next(Points) * PointLength + 8 * random.Next(Dimensions);

        /// <summary>Offset of a point's two counts: 4 bytes for rows that died, then 4 bytes for rows that survived.</summary>
        public int OffsetOfRows(SeededRandom random) => OffsetOfPoints + random.Next(Points) * PointLength + 8 * Dimensions;
    }
}
