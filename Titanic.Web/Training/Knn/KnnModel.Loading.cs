using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.Training.Knn;

public sealed partial class KnnModel
{
    /// <summary>
    /// Loads a model that <see cref="Save"/> has written. The SHA-256 detects accidental changes; beyond it every number is validated, so
    /// manipulated bytes either are a valid model that saves to the same bytes, or are rejected. Memory is limited to a small multiple of
    /// the length of the bytes, whatever counts they contain.
    /// </summary>
    /// <param name="bytes">The saved model; see <see cref="FormatVersion"/>.</param>
    /// <exception cref="InvalidDataException">The bytes are not a complete, unchanged model of a known format version.</exception>
    public static KnnModel Load(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
            throw new InvalidDataException("This is not a saved K-NN model: it does not start with \"TKNN\".");
        if (bytes.Length < Magic.Length + sizeof(ushort) + SHA256.HashSizeInBytes)
            throw new InvalidDataException($"The saved model is truncated: its length is only {Quantity.Of(bytes.Length, "byte")}.");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[Magic.Length..]);
        if (version != FormatVersion)
            throw new InvalidDataException($"The saved model has format version {version}; only version {FormatVersion} can be loaded.");
        var content = bytes[..^SHA256.HashSizeInBytes];
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, sha256);
        if (!sha256.SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
            throw new InvalidDataException("The saved model is corrupt: its bytes do not match its SHA-256.");
        return LoadContent(new ModelBytesReader(content[(Magic.Length + sizeof(ushort))..]));
    }

    private static KnnModel LoadContent(ModelBytesReader saved)
    {
        var encoderId = saved.Text("encoder id");
        var dimensions = saved.UInt16("number of features");
        if (dimensions is 0 or > WeightedSamples.MaximumDimensions)
            throw new InvalidDataException(
                ErrorText.OutOfRange("The number of features of the saved model", dimensions, 1, WeightedSamples.MaximumDimensions));
        var featureNames = new string[dimensions];
        foreach (ref var name in featureNames.AsSpan())
            name = saved.Text("feature name");
        var options = new KnnOptions(saved.Int32("k"), (DistanceMetric)saved.Byte("metric"), (NeighborWeights)saved.Byte("weights"));
        var means = saved.Doubles(dimensions, "means");
        var deviations = saved.Doubles(dimensions, "standard deviations");
        var training = LoadPoints(ref saved, featureNames);
        saved.EnsureEnd();

        if (options.Validate(training.Rows) is { } problem)
            throw new InvalidDataException($"The saved model is invalid: {problem}");
        if (training.DiedRows == 0 || training.SurvivedRows == 0)
            throw new InvalidDataException($"All training rows of the saved model ({Format.Count(training.Rows)}) have the same outcome; there must be rows of both outcomes.");
        var model = Fit(encoderId, options, training);
        if (!AreBitwiseEqual(model.Means, means) || !AreBitwiseEqual(model.StandardDeviations, deviations))
            throw new InvalidDataException(
                "The saved model is inconsistent: its means and standard deviations are not those of its points.");
        return model;
    }

    private static KnnModel Fit(string encoderId, KnnOptions options, WeightedSamples training)
    {
        try
        {
            return new KnnModel(encoderId, options, training);
        }
        catch (TrainingFailedException error)
        {
            throw new InvalidDataException($"The saved model is invalid: {error.Message}", error);
        }
    }

    private static WeightedSamples LoadPoints(ref ModelBytesReader saved, string[] featureNames)
    {
        var dimensions = featureNames.Length;
        var count = saved.Int32("number of points");
        saved.EnsureRemaining(count, SavedPointLength(dimensions), "points");
        if (count == 0)
            throw new InvalidDataException("The saved model has 0 points; there must be at least 1.");
        var codes = new double[count * dimensions];
        var (negatives, positives) = (new int[count], new int[count]);
        var rows = 0L;
        for (var point = 0; point < count; point++)
        {
            var values = codes.AsSpan(point * dimensions, dimensions);
            saved.Doubles(values, "points");
            (negatives[point], positives[point]) = (saved.Int32("points"), saved.Int32("points"));
            ValidateValues(values, featureNames, point);
            if (point > 0 && codes.AsSpan((point - 1) * dimensions, dimensions).SequenceCompareTo(values) >= 0)
                throw new InvalidDataException(
                    $"Point {point} of the saved model is out of order: it must be greater than the previous point.");
            if ((negatives[point] | positives[point]) <= 0)
                throw new InvalidDataException(
                    $"Point {point} of the saved model has the row counts {negatives[point]} (died) and {positives[point]} (survived); both must be at least 0, and not both 0.");
            rows += (long)negatives[point] + positives[point];
        }
        if (rows > int.MaxValue)
            throw new InvalidDataException(
                $"The saved model has {Quantity.Of(rows, "training row")}; the maximum is {Format.Count(int.MaxValue)}.");
        return new WeightedSamples(featureNames, codes, negatives, positives);
    }

    private static void ValidateValues(ReadOnlySpan<double> values, string[] featureNames, int point)
    {
        for (var feature = 0; feature < values.Length; feature++)
        {
            var value = values[feature];
            // -0 is not allowed, because it equals +0 and equal models must have equal bytes.
            if (!WeightedSamples.IsAllowed(value) || (value == 0 && double.IsNegative(value)))
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Point {point} of the saved model has {value} as \"{featureNames[feature]}\"; it must be {WeightedSamples.AllowedValues}, and not -0."));
        }
    }

    private static bool AreBitwiseEqual(ReadOnlySpan<double> first, ReadOnlySpan<double> second) =>
        MemoryMarshal.AsBytes(first).SequenceEqual(MemoryMarshal.AsBytes(second));
}

/// <summary>Reads a saved model sequentially. Missing or invalid content raises an <see cref="InvalidDataException"/>.</summary>
internal ref struct ModelBytesReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>UTF-8 that throws for invalid bytes, so that every text that was read is saved as the same bytes again.</summary>
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _remaining = bytes;

    public byte Byte(string field) => Take(sizeof(byte), field)[0];

    public ushort UInt16(string field) => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort), field));

    public int Int32(string field) => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int), field));

    /// <summary>Reads values without validation; the caller must validate them.</summary>
    public void Doubles(Span<double> values, string field)
    {
        var bytes = Take(values.Length * sizeof(double), field);
        for (var value = 0; value < values.Length; value++)
            values[value] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(value * sizeof(double))..]);
    }

    public double[] Doubles(int count, string field)
    {
        EnsureRemaining(count, sizeof(double), field);
        var values = new double[count];
        Doubles(values, field);
        return values;
    }

    public string Text(string field)
    {
        var bytes = Take(UInt16(field), field);
        try
        {
            var text = Utf8.GetString(bytes);
            return text is { Length: > 0 and <= WeightedSamples.MaximumNameLength }
                ? text
                : throw new InvalidDataException(
                    $"The {field} in the saved model has {Quantity.Of(text.Length, "character")}; it must have 1 to {WeightedSamples.MaximumNameLength}.");
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"The {field} of the saved model is not valid UTF-8.", error);
        }
    }

    /// <summary>
    /// Must be called before allocating, so that an invalid count cannot cause an allocation larger than the bytes themselves.
    /// </summary>
    /// <exception cref="InvalidDataException">The count is negative, or fewer bytes remain.</exception>
    public readonly void EnsureRemaining(int count, int bytesEach, string field)
    {
        if (count < 0 || (long)count * bytesEach > _remaining.Length)
            throw new InvalidDataException(
                $"The saved model declares {count} {field}, but its remaining length is only {Quantity.Of(_remaining.Length, "byte")}.");
    }

    public readonly void EnsureEnd()
    {
        if (!_remaining.IsEmpty)
            throw new InvalidDataException($"The saved model continues after its last point; unexpected bytes: {_remaining.Length}.");
    }

    private ReadOnlySpan<byte> Take(int length, string field)
    {
        if (length > _remaining.Length)
            throw new InvalidDataException($"The saved model is truncated: it ends within the field \"{field}\".");
        var taken = _remaining[..length];
        _remaining = _remaining[length..];
        return taken;
    }
}
