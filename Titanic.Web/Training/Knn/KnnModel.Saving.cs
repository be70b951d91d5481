using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The model's own binary format, little-endian throughout:
/// magic "TKNN", u16 format version, encoder id, u16 features, their names (a text is u16 byte length + UTF-8), i32 k, u8 metric,
/// u8 weights, f64 means and f64 standard deviations per feature, i32 distinct points, for each point its f64 values, i32 rows that
/// died and i32 rows that survived, and the SHA-256 of everything before it. What speeds up searching is built when a model is
/// loaded and is no part of the format.
/// </summary>
public sealed partial class KnnModel
{
    /// <summary>Of the bytes that <see cref="Save"/> writes. A version that was ever written stays readable.</summary>
    public const ushort FormatVersion = 1;

    private const string Points = "the points";

    private static ReadOnlySpan<byte> Magic => "TKNN"u8;

    /// <summary>
    /// The whole model in one exactly sized array: 8 bytes per feature + 8 for each distinct point, and a few hundred in all. Equal rows
    /// and options give equal bytes, on every machine and in whatever order the rows came.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model is larger than an array can be (2 GB).</exception>
    public byte[] Save()
    {
        var length = SavedLength();
        if (length > Array.MaxLength)
            throw new InvalidOperationException($"The model would have {length} bytes; it can be saved up to {Array.MaxLength}.");
        var bytes = new byte[length];
        var saving = new SavingBytes(bytes);
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

    /// <summary>What stands at a place among the bytes that <see cref="Save"/> writes, in words: "the standard deviations".</summary>
    public string? PartAt(long offset)
    {
        foreach (var (name, length) in Parts())
        {
            if (offset < length)
                return name == Points ? PointPartAt(offset) : name;
            offset -= length;
        }
        return "what follows the end of the model";
    }

    private string PointPartAt(long offset)
    {
        var (point, at) = Math.DivRem(offset, SavedPointLength(Training.Dimensions));
        var what = at < Training.Dimensions * sizeof(double) ? Training.FeatureNames[(int)at / sizeof(double)] : "rows";
        return $"point {point + 1} of {Training.Count}, its {what}";
    }

    private long SavedLength() => Parts().Sum(part => part.Length);

    /// <summary>The parts of the format in their order, with their lengths.</summary>
    private IEnumerable<(string Name, long Length)> Parts() =>
    [
        ("the magic letters", Magic.Length),
        ("the format version", sizeof(ushort)),
        ("the encoder id", SavingBytes.LengthOf(EncoderId)),
        ("the feature names", sizeof(ushort) + Training.FeatureNames.Sum(SavingBytes.LengthOf)),
        ("k", sizeof(int)),
        ("the metric", sizeof(byte)),
        ("the weights", sizeof(byte)),
        ("the means", Training.Dimensions * sizeof(double)),
        ("the standard deviations", Training.Dimensions * sizeof(double)),
        ("the number of points", sizeof(int)),
        (Points, (long)Training.Count * SavedPointLength(Training.Dimensions)),
        ("its own SHA-256", SHA256.HashSizeInBytes),
    ];

    private static int SavedPointLength(int dimensions) => dimensions * sizeof(double) + 2 * sizeof(int);
}

/// <summary>Fills the bytes of a saved model from front to back; <see cref="SavedBytes"/> reads them.</summary>
internal ref struct SavingBytes(Span<byte> bytes)
{
    private Span<byte> _rest = bytes;

    /// <summary>Of a text as it is saved: u16 byte length and UTF-8.</summary>
    public static int LengthOf(string text) => sizeof(ushort) + SavedBytes.Utf8.GetByteCount(text);

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
        UInt16((ushort)SavedBytes.Utf8.GetByteCount(text));
        _rest = _rest[SavedBytes.Utf8.GetBytes(text, _rest)..];
    }

    private Span<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
