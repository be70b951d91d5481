using System.Buffers.Binary;
using System.Text;

namespace Titanic.Web.Training.Knn;

/// <summary>Reads a saved model from front to back; what cannot be right is an <see cref="InvalidDataException"/>.</summary>
internal ref struct SavedBytes(ReadOnlySpan<byte> bytes, Encoding encoding)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public byte Byte(string what) => Take(sizeof(byte), what)[0];

    public ushort UInt16(string what) => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort), what));

    public int Int32(string what) => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int), what));

    public double Double(string what)
    {
        var value = BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double), what));
        if (!LabelledPoints.IsUsable(value) || (value == 0 && double.IsNegative(value)))
            throw new InvalidDataException($"The saved model's {what} holds a number that no model has.");
        return value;
    }

    public double[] Doubles(int count, string what)
    {
        RequireRoomFor(count, sizeof(double), what);
        var values = new double[count];
        foreach (ref var value in values.AsSpan())
            value = Double(what);
        return values;
    }

    public string Text(string what)
    {
        var bytes = Take(UInt16(what), what);
        try
        {
            var text = encoding.GetString(bytes);
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
