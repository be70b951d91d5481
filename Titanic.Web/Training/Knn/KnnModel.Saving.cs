using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The binary format of the model, little-endian: magic "TKNN", u16 format version, encoder id, u16 number of features, their names (a text
/// is u16 byte length + UTF-8), i32 k, u8 metric, u8 weights, f64 means and f64 standard deviations per feature, i32 number of distinct
/// points, per point its f64 values, i32 rows that died and i32 rows that survived, and the SHA-256 of everything before it. The search
/// tree is built when a model is loaded and is not part of the format.
/// </summary>
public sealed partial class KnnModel
{
    /// <summary>Format version that <see cref="Save"/> writes. Every version that was ever written remains readable.</summary>
    public const ushort FormatVersion = 1;

    private const string PointsSection = "the points";

    private static ReadOnlySpan<byte> Magic => "TKNN"u8;

    /// <summary>
    /// Serializes the model into one exactly sized array: 8 d + 8 bytes per distinct point and a few hundred bytes in total. Equal rows and
    /// options give equal bytes, on every machine and for any order of the rows.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model exceeds the maximum length of an array (2 GB).</exception>
    public byte[] Save()
    {
        var length = SavedLength();
        if (length > Array.MaxLength)
            throw new InvalidOperationException(
                $"The model would have {Quantity.Of(length, "byte")}; the maximum is {Quantity.Of(Array.MaxLength, "byte")}.");
        var bytes = new byte[length];
        var saving = new ModelBytesWriter(bytes);
        saving.Bytes(Magic);
        saving.UInt16(FormatVersion);
        saving.Text(EncoderId);
        saving.UInt16((ushort)Training.Dimensions);
        foreach (var name in Training.FeatureNames)
            saving.Text(name);
        saving.Int32(Options.K);
        saving.Byte((byte)Options.Metric);
        saving.Byte((byte)Options.Weights);
        saving.Doubles(Means);
        saving.Doubles(StandardDeviations);
        saving.Int32(Training.Count);
        for (var point = 0; point < Training.Count; point++)
        {
            saving.Doubles(Training.Point(point));
            saving.Int32(Training.Negatives[point]);
            saving.Int32(Training.Positives[point]);
        }
        SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), bytes.AsSpan(^SHA256.HashSizeInBytes..));
        return bytes;
    }

    /// <summary>
    /// Describes the content offsetInPoint an offset of the bytes that <see cref="Save"/> writes, for example "the standard deviations".
    /// </summary>
    public string? DescribeOffset(long offset)
    {
        foreach (var (name, length) in Sections())
        {
            if (offset < length)
                return name == PointsSection ? DescribePointOffset(offset) : name;
            offset -= length;
        }
        return "what follows the end of the model";
    }

    private string DescribePointOffset(long offset)
    {
        var (point, offsetInPoint) = Math.DivRem(offset, SavedPointLength(Training.Dimensions));
        var content = offsetInPoint < Training.Dimensions * sizeof(double) ? Training.FeatureNames[(int)offsetInPoint / sizeof(double)] : "rows";
        return $"point {point + 1} of {Training.Count}, its {content}";
    }

    private long SavedLength() => Sections().Sum(part => part.Length);

    /// <summary>The sections of the format in order, with their lengths in bytes.</summary>
    private IEnumerable<(string Name, long Length)> Sections() =>
    [
        ("the magic letters", Magic.Length),
        ("the format version", sizeof(ushort)),
        ("the encoder id", ModelBytesWriter.LengthOf(EncoderId)),
        ("the feature names", sizeof(ushort) + Training.FeatureNames.Sum(ModelBytesWriter.LengthOf)),
        ("k", sizeof(int)),
        ("the metric", sizeof(byte)),
        ("the weights", sizeof(byte)),
        ("the means", Training.Dimensions * sizeof(double)),
        ("the standard deviations", Training.Dimensions * sizeof(double)),
        ("the number of points", sizeof(int)),
        (PointsSection, (long)Training.Count * SavedPointLength(Training.Dimensions)),
        ("its own SHA-256", SHA256.HashSizeInBytes),
    ];

    private static int SavedPointLength(int dimensions) => dimensions * sizeof(double) + 2 * sizeof(int);
}

/// <summary>Writes a saved model sequentially; <see cref="ModelBytesReader"/> reads it.</summary>
internal ref struct ModelBytesWriter(Span<byte> bytes)
{
    private Span<byte> _remaining = bytes;

    /// <summary>Length of a text in bytes: u16 byte length and UTF-8.</summary>
    public static int LengthOf(string text) => sizeof(ushort) + ModelBytesReader.Utf8.GetByteCount(text);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Byte(byte value) => Take(sizeof(byte))[0] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(sizeof(ushort)), value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);

    public void Doubles(ReadOnlySpan<double> values)
    {
        var bytes = Take(values.Length * sizeof(double));
        for (var value = 0; value < values.Length; value++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[(value * sizeof(double))..], values[value]);
    }

    public void Text(string text)
    {
        UInt16((ushort)ModelBytesReader.Utf8.GetByteCount(text));
        _remaining = _remaining[ModelBytesReader.Utf8.GetBytes(text, _remaining)..];
    }

    private Span<byte> Take(int length)
    {
        var taken = _remaining[..length];
        _remaining = _remaining[length..];
        return taken;
    }
}
