using System.Buffers.Binary;
using System.Text;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// A file of a zip archive that is stored as it is, and the only headers that are ever written for it: version 1.0 of the format, no flags,
/// no time (the first that a zip file can hold), no attributes, no extra fields, no comment.
/// </summary>
/// <param name="Offset">Of its local header, from the archive's beginning.</param>
public sealed record StoredEntry(string Name, uint Crc32, uint Length, uint Offset)
{
    internal const uint LocalSignature = 0x04034b50, CentralSignature = 0x02014b50, EndSignature = 0x06054b50;
    internal const int LocalLength = 30, CentralLength = 46, EndLength = 22;

    private const ushort FormatVersion = 10, FirstDay = 1 << 5 | 1;

    /// <summary>Where its bytes begin.</summary>
    public long Start => Offset + LocalLength + Name.Length;

    /// <summary>Where the next header stands.</summary>
    public long End => Start + Length;

    /// <summary>The header before its bytes.</summary>
    internal byte[] Local()
    {
        var header = new byte[LocalLength + Name.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, LocalSignature);
        WriteCommon(header.AsSpan(4));
        Encoding.ASCII.GetBytes(Name, header.AsSpan(LocalLength));
        return header;
    }

    /// <summary>The header in the directory at the end.</summary>
    internal byte[] Central()
    {
        var header = new byte[CentralLength + Name.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, CentralSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), FormatVersion);
        WriteCommon(header.AsSpan(6));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(42), Offset);
        Encoding.ASCII.GetBytes(Name, header.AsSpan(CentralLength));
        return header;
    }

    /// <summary>What closes the archive.</summary>
    internal static byte[] EndOf(IReadOnlyCollection<StoredEntry> entries)
    {
        var record = new byte[EndLength];
        BinaryPrimitives.WriteUInt32LittleEndian(record, EndSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(8), (ushort)entries.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(10), (ushort)entries.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12), (uint)entries.Sum(entry => CentralLength + entry.Name.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(16), (uint)entries.Last().End);
        return record;
    }

    private void WriteCommon(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(header, FormatVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], FirstDay);
        BinaryPrimitives.WriteUInt32LittleEndian(header[10..], Crc32);
        BinaryPrimitives.WriteUInt32LittleEndian(header[14..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[18..], Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)Name.Length);
    }
}
