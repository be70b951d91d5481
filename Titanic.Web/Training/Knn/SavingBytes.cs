using System.Buffers.Binary;

namespace Titanic.Web.Training.Knn;

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
