using System.Buffers.Binary;
using System.Text;

namespace Titanic.Web.Training.Knn;

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
            return text is { Length: > 0 and <= LabelledPoints.MaximumNameLength }
                ? text
                : throw new InvalidDataException(
                    $"The saved model's {what} has {text.Length} characters; it must have 1..{LabelledPoints.MaximumNameLength}.");
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
