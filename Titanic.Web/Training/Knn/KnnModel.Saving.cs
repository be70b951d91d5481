using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The model's own binary format, little-endian throughout:
/// magic "TKNN", u16 format version, encoder id, u16 features, their names (a text is u16 byte length + UTF-8), i32 k, u8 metric,
/// u8 weights, f64 means and f64 standard deviations per feature, i32 distinct points, for each point its f64 values, i32 rows that
/// died and i32 rows that survived, and the SHA-256 of everything before it. Equal rows and options give equal bytes.
/// </summary>
public sealed partial class KnnModel
{
    public const ushort FormatVersion = 1;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Magic => "TKNN"u8;

    public byte[] Save()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, StrictUtf8);
        writer.Write(Magic);
        writer.Write(FormatVersion);
        WriteText(writer, EncoderId);
        writer.Write((ushort)Training.Dimensions);
        foreach (var name in Training.FeatureNames)
            WriteText(writer, name);
        writer.Write(Options.K);
        writer.Write((byte)Options.Metric);
        writer.Write((byte)Options.Weights);
        foreach (var mean in Means)
            writer.Write(mean);
        foreach (var deviation in StandardDeviations)
            writer.Write(deviation);
        writer.Write(Training.Count);
        for (var point = 0; point < Training.Count; point++)
        {
            foreach (var value in Training.Point(point))
                writer.Write(value);
            writer.Write(Training.Negatives[point]);
            writer.Write(Training.Positives[point]);
        }
        writer.Flush();
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">These are not the bytes of a whole, unchanged model of a known format version.</exception>
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
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
            throw new InvalidDataException("The saved model is damaged: its bytes do not match its SHA-256.");
        return LoadContent(new SavedBytes(content[(Magic.Length + sizeof(ushort))..], StrictUtf8));
    }

    private static KnnModel LoadContent(SavedBytes saved)
    {
        var encoderId = saved.Text("encoder id");
        var dimensions = saved.UInt16("number of features");
        if (dimensions is 0 or > LabelledPoints.MaximumDimensions)
            throw new InvalidDataException($"The saved model has {dimensions} features; it must be 1..{LabelledPoints.MaximumDimensions}.");
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
        var model = new KnnModel(encoderId, options, training);
        if (!model.Means.SequenceEqual(means) || !model.StandardDeviations.SequenceEqual(deviations))
            throw new InvalidDataException("The saved model contradicts itself: its means and deviations are not those of its points.");
        return model;
    }

    private static LabelledPoints LoadPoints(ref SavedBytes saved, string[] featureNames)
    {
        var dimensions = featureNames.Length;
        var count = saved.Int32("number of points");
        saved.RequireRoomFor(count, dimensions * sizeof(double) + 2 * sizeof(int), "points");
        var codes = new double[count * dimensions];
        var (negatives, positives) = (new int[count], new int[count]);
        var rows = 0L;
        for (var point = 0; point < count; point++)
        {
            var values = codes.AsSpan(point * dimensions, dimensions);
            foreach (ref var value in values)
                value = saved.Double("point");
            negatives[point] = saved.Int32("count");
            positives[point] = saved.Int32("count");
            rows += (long)negatives[point] + positives[point];
            var isAscending = point == 0 || codes.AsSpan((point - 1) * dimensions, dimensions).SequenceCompareTo(values) < 0;
            var hasRows = negatives[point] >= 0 && positives[point] >= 0 && (negatives[point] | positives[point]) != 0;
            if (!isAscending || !hasRows || rows > int.MaxValue)
                throw new InvalidDataException($"The saved model's point {point} is out of order, or its counts are impossible.");
        }
        if (count == 0)
            throw new InvalidDataException("The saved model has 0 points; it must have at least 1.");
        return new LabelledPoints(featureNames, codes, negatives, positives);
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = StrictUtf8.GetBytes(text);
        writer.Write((ushort)bytes.Length);
        writer.Write(bytes);
    }
}
