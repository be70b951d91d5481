using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.Training.Knn;

public sealed partial class KnnModel
{
    /// <summary>
    /// Reads what <see cref="Save"/> wrote. Nothing in the bytes is trusted: the SHA-256 tells accidents, and behind it every number is
    /// checked, so that forged bytes too either are a model that saves to these same bytes or are refused. Memory stays within a small
    /// multiple of the bytes given, whatever counts they claim.
    /// </summary>
    /// <exception cref="InvalidDataException">These are not the bytes of a whole, unchanged model of a known format version; the message says what is wrong.</exception>
    public static KnnModel Load(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
            throw new InvalidDataException("This is not a saved K-NN model: it does not start with \"TKNN\".");
        if (bytes.Length < Magic.Length + sizeof(ushort) + SHA256.HashSizeInBytes)
            throw new InvalidDataException($"The saved model is cut off: it has only {bytes.Length} bytes.");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[Magic.Length..]);
        if (version != FormatVersion)
            throw new InvalidDataException($"The saved model has format version {version}; only {FormatVersion} can be read.");
        var content = bytes[..^SHA256.HashSizeInBytes];
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, sha256);
        if (!sha256.SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
            throw new InvalidDataException("The saved model is damaged: its bytes do not match its SHA-256.");
        return LoadContent(new SavedBytes(content[(Magic.Length + sizeof(ushort))..]));
    }

    private static KnnModel LoadContent(SavedBytes saved)
    {
        var encoderId = saved.Text("encoder id");
        var dimensions = saved.UInt16("number of features");
        if (dimensions is 0 or > WeightedSamples.MaximumDimensions)
            throw new InvalidDataException($"The saved model has {dimensions} features; it must be 1..{WeightedSamples.MaximumDimensions}.");
        var featureNames = new string[dimensions];
        foreach (ref var name in featureNames.AsSpan())
            name = saved.Text("feature name");
        var options = new KnnOptions(saved.Int32("k"), (DistanceMetric)saved.Byte("metric"), (NeighborWeights)saved.Byte("weights"));
        var means = saved.Doubles(dimensions, "means");
        var deviations = saved.Doubles(dimensions, "standard deviations");
        var training = LoadPoints(ref saved, featureNames);
        saved.RequireEnd();

        if (options.Problem(training.Rows) is { } problem)
            throw new InvalidDataException($"The saved model cannot answer: {problem}");
        if (training.DiedRows == 0 || training.SurvivedRows == 0)
            throw new InvalidDataException($"All {training.Rows} training rows of the saved model have one outcome; no model learns from that.");
        var model = new KnnModel(encoderId, options, training);
        if (!AreSameBits(model.Means, means) || !AreSameBits(model.StandardDeviations, deviations))
            throw new InvalidDataException("The saved model contradicts itself: its means and deviations are not those of its points.");
        return model;
    }

    private static WeightedSamples LoadPoints(ref SavedBytes saved, string[] featureNames)
    {
        var dimensions = featureNames.Length;
        var count = saved.Int32("number of points");
        saved.RequireRoomFor(count, SavedPointLength(dimensions), "points");
        if (count == 0)
            throw new InvalidDataException("The saved model has 0 points; it must have at least 1.");
        var codes = new double[count * dimensions];
        var (negatives, positives) = (new int[count], new int[count]);
        var rows = 0L;
        for (var point = 0; point < count; point++)
        {
            var values = codes.AsSpan(point * dimensions, dimensions);
            saved.Doubles(values, "points");
            (negatives[point], positives[point]) = (saved.Int32("points"), saved.Int32("points"));
            RequireUsable(values, featureNames, point);
            if (point > 0 && codes.AsSpan((point - 1) * dimensions, dimensions).SequenceCompareTo(values) >= 0)
                throw new InvalidDataException($"The saved model's point {point} is out of order: it must be greater than the one before.");
            if ((negatives[point] | positives[point]) <= 0)
                throw new InvalidDataException(
                    $"The saved model's point {point} stands for {negatives[point]} rows that died and {positives[point]} that survived; no count may be negative, nor both 0.");
            rows += (long)negatives[point] + positives[point];
        }
        if (rows > int.MaxValue)
            throw new InvalidDataException($"The saved model has {rows} training rows; it can have up to {int.MaxValue}.");
        return new WeightedSamples(featureNames, codes, negatives, positives);
    }

    private static void RequireUsable(ReadOnlySpan<double> values, string[] featureNames, int point)
    {
        for (var feature = 0; feature < values.Length; feature++)
        {
            var value = values[feature];
            // A stored zero is +0, because the two zeros are equal and an equal model must have equal bytes.
            if (!WeightedSamples.IsUsable(value) || (value == 0 && double.IsNegative(value)))
                throw new InvalidDataException(FormattableString.Invariant(
                    $"The saved model's point {point} has {value} as '{featureNames[feature]}'; it must be {WeightedSamples.UsableValue}, and not -0."));
        }
    }

    private static bool AreSameBits(ReadOnlySpan<double> one, ReadOnlySpan<double> other) =>
        MemoryMarshal.AsBytes(one).SequenceEqual(MemoryMarshal.AsBytes(other));
}

/// <summary>Reads a saved model from front to back; what cannot be right is an <see cref="InvalidDataException"/>.</summary>
internal ref struct SavedBytes(ReadOnlySpan<byte> bytes)
{
    /// <summary>Throws at what is not UTF-8, so that a text that was read is saved as the same bytes again.</summary>
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    public byte Byte(string what) => Take(sizeof(byte), what)[0];

    public ushort UInt16(string what) => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort), what));

    public int Int32(string what) => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int), what));

    /// <summary>Any bits: what they mean is for the caller to judge.</summary>
    public void Doubles(Span<double> values, string what)
    {
        var bytes = Take(values.Length * sizeof(double), what);
        for (var value = 0; value < values.Length; value++)
            values[value] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(value * sizeof(double))..]);
    }

    public double[] Doubles(int count, string what)
    {
        RequireRoomFor(count, sizeof(double), what);
        var values = new double[count];
        Doubles(values, what);
        return values;
    }

    public string Text(string what)
    {
        var bytes = Take(UInt16(what), what);
        try
        {
            var text = Utf8.GetString(bytes);
            return text is { Length: > 0 and <= WeightedSamples.MaximumNameLength }
                ? text
                : throw new InvalidDataException(
                    $"The saved model's {what} has {text.Length} characters; it must have 1..{WeightedSamples.MaximumNameLength}.");
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"The saved model's {what} is not UTF-8.", error);
        }
    }

    /// <summary>To be asked before allocating, so that a wrong count cannot ask for more memory than the bytes themselves.</summary>
    public readonly void RequireRoomFor(int count, int bytesEach, string what)
    {
        if (count < 0 || (long)count * bytesEach > _rest.Length)
            throw new InvalidDataException($"The saved model promises {count} {what}, but only {_rest.Length} bytes follow.");
    }

    public readonly void RequireEnd()
    {
        if (!_rest.IsEmpty)
            throw new InvalidDataException($"The saved model has {_rest.Length} bytes too many after its last point.");
    }

    private ReadOnlySpan<byte> Take(int length, string what)
    {
        if (length > _rest.Length)
            throw new InvalidDataException($"The saved model ends within its {what}.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
