using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// An uncompressed file of a zip archive. Its headers are fixed except for these members: format version 1.0, no flags, the earliest
/// timestamp of the format, no attributes, no extra fields and no comment.
/// </summary>
/// <param name="Name">The file name, in ASCII.</param>
/// <param name="Crc32">Checksum of the content.</param>
/// <param name="Length">Size of the content in bytes.</param>
/// <param name="Offset">Offset of the local header from the start of the archive, in bytes.</param>
public sealed record StoredEntry(string Name, uint Crc32, uint Length, uint Offset)
{
    internal const uint LocalSignature = 0x04034b50, CentralSignature = 0x02014b50, EndSignature = 0x06054b50;
    internal const int LocalHeaderLength = 30, CentralHeaderLength = 46, EndRecordLength = 22;

    private const ushort FormatVersion = 10, EarliestDate = 1 << 5 | 1; // 1.0; 1 January 1980 as an MS-DOS date

    /// <summary>Offset of the content.</summary>
    public long Start => Offset + LocalHeaderLength + Name.Length;

    /// <summary>Offset of the next header.</summary>
    public long End => Start + Length;

    /// <summary>The local header, which precedes the content.</summary>
    internal byte[] LocalHeader()
    {
        var header = new byte[LocalHeaderLength + Name.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, LocalSignature);
        WriteCommon(header.AsSpan(4));
        Encoding.ASCII.GetBytes(Name, header.AsSpan(LocalHeaderLength));
        return header;
    }

    /// <summary>The header in the central directory.</summary>
    internal byte[] CentralHeader()
    {
        var header = new byte[CentralHeaderLength + Name.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, CentralSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), FormatVersion);
        WriteCommon(header.AsSpan(6));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(42), Offset);
        Encoding.ASCII.GetBytes(Name, header.AsSpan(CentralHeaderLength));
        return header;
    }

    /// <summary>The end of central directory record.</summary>
    internal static byte[] EndRecord(IReadOnlyCollection<StoredEntry> entries)
    {
        var record = new byte[EndRecordLength];
        BinaryPrimitives.WriteUInt32LittleEndian(record, EndSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(8), (ushort)entries.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(10), (ushort)entries.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12), (uint)entries.Sum(entry => CentralHeaderLength + entry.Name.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(16), (uint)entries.Last().End);
        return record;
    }

    private void WriteCommon(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(header, FormatVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], EarliestDate);
        BinaryPrimitives.WriteUInt32LittleEndian(header[10..], Crc32);
        BinaryPrimitives.WriteUInt32LittleEndian(header[14..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[18..], Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)Name.Length);
    }
}

/// <summary>Writes uncompressed files into a zip archive, one after another.</summary>
/// <param name="archive">An empty, seekable stream: a local header is written after its content.</param>
internal sealed class StoredZipWriter(Stream archive)
{
    private readonly List<StoredEntry> _entries = [];

    /// <summary>Adds a file.</summary>
    /// <returns>SHA-256 of the content in lower-case hexadecimal.</returns>
    /// <exception cref="InvalidArchiveException">The archive exceeds <see cref="ArchiveLayout.MaximumBytes"/>.</exception>
    public async Task<string> Add(string name, Func<Stream, Task> write)
    {
        var entry = new StoredEntry(name, 0, 0, (uint)archive.Length);
        archive.Position = entry.Start;
        await using var content = new ChecksumStream(archive);
        await write(content);
        entry = entry with { Crc32 = content.Crc32, Length = (uint)(archive.Length - entry.Start) };
        archive.Position = entry.Offset;
        await archive.WriteAsync(entry.LocalHeader());
        _entries.Add(entry);
        return content.Sha256();
    }

    /// <inheritdoc cref="Add(string, Func{Stream, Task})"/>
    public Task<string> Add(string name, ReadOnlyMemory<byte> bytes) => Add(name, content => content.WriteAsync(bytes).AsTask());

    /// <summary>Writes the central directory and the end record.</summary>
    public async Task Close()
    {
        archive.Position = archive.Length;
        foreach (var entry in _entries)
            await archive.WriteAsync(entry.CentralHeader());
        await archive.WriteAsync(StoredEntry.EndRecord(_entries));
    }

    /// <summary>Writes through to the archive, limits its size, and computes CRC-32 and SHA-256.</summary>
    private sealed class ChecksumStream(Stream archive) : Stream
    {
        private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private Crc32 _crc32 = new();

        public uint Crc32 => _crc32.Value;
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public string Sha256() => Convert.ToHexStringLower(_sha256.GetCurrentHash());

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (archive.Position + buffer.Length > ArchiveLayout.MaximumBytes)
                throw InvalidArchiveException.TooLarge(archive.Position + buffer.Length);
            _crc32.Add(buffer.Span);
            _sha256.AppendData(buffer.Span);
            await archive.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An archive supports asynchronous writes only.");

        public override void Flush()
        {
            // Nothing is buffered.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _sha256.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>
/// Opens an archive only if it is, bit for bit, what <see cref="StoredZipWriter"/> writes for its files. That excludes the ambiguities
/// of the zip format: compression, overlapping files, hidden bytes between files, and local headers that contradict the directory. The
/// allocated memory does not depend on numbers in the archive.
/// </summary>
internal static class StoredZipReader
{
    private const int MaximumEntries = 16;

    /// <summary>Validates the container and returns its files.</summary>
    /// <param name="archive">A seekable stream.</param>
    /// <param name="names">The names of the required files, in order.</param>
    /// <exception cref="InvalidArchiveException">The container is not valid.</exception>
    public static IReadOnlyList<StoredEntry> Open(Stream archive, IReadOnlyList<string> names)
    {
        if (archive.Length > ArchiveLayout.MaximumBytes)
            throw InvalidArchiveException.TooLarge(archive.Length);
        var entries = ReadDirectory(archive, names);
        var offset = 0L;
        foreach (var entry in entries)
        {
            if (entry.Offset != offset)
                throw new InvalidArchiveException($"The file {entry.Name} starts at byte {entry.Offset} according to the directory; it must start at byte {offset}, where the previous file ends.");
            Require(archive, offset, entry.LocalHeader(), $"The local header of {entry.Name} does not match the directory, or is not one that Titanic writes. {UseUnchangedFile}");
            offset = entry.End;
        }
        foreach (var entry in entries)
        {
            Require(archive, offset, entry.CentralHeader(), $"The directory entry of {entry.Name} is not one that Titanic writes (without timestamp, attributes, comment and extra fields). {UseUnchangedFile}");
            offset += entry.CentralHeader().Length;
        }
        Require(archive, offset, StoredEntry.EndRecord(entries), $"The end record of the archive is not one that Titanic writes. {UseUnchangedFile}");
        foreach (var entry in entries)
            RequireCrc(archive, entry);
        return entries;
    }

    private const string UseUnchangedFile = "Use the downloaded file unchanged: an archive that another program has repacked is not accepted.";

    private static List<StoredEntry> ReadDirectory(Stream archive, IReadOnlyList<string> names)
    {
        var end = Read(archive, archive.Length - StoredEntry.EndRecordLength, StoredEntry.EndRecordLength);
        if (end.Length < StoredEntry.EndRecordLength || BinaryPrimitives.ReadUInt32LittleEndian(end) != StoredEntry.EndSignature)
            throw new InvalidArchiveException(FormattableString.Invariant(
                $"The file of {archive.Length:#,##0} bytes has no zip end record: it is not a zip archive, is truncated, or has extra bytes at the end."));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(end.AsSpan(10));
        if (count > MaximumEntries)
            throw new InvalidArchiveException($"The archive has {count} files; it must have {names.Count}: {string.Join(", ", names)}.");
        var at = (long)BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(16));
        var entries = new List<StoredEntry>();
        while (entries.Count < count)
        {
            var entry = ReadEntry(archive, at, names, entries);
            at += StoredEntry.CentralHeaderLength + entry.Name.Length;
            entries.Add(entry);
        }
        if (names.FirstOrDefault(name => entries.All(entry => entry.Name != name)) is { } missing)
            throw new InvalidArchiveException($"The archive has no file {missing}; it must have {string.Join(", ", names)}.");
        return entries.Select(entry => entry.Name).SequenceEqual(names)
            ? entries
            : throw new InvalidArchiveException($"The archive's files are in the order {string.Join(", ", entries.Select(entry => entry.Name))}; it must be {string.Join(", ", names)}.");
    }

    private static StoredEntry ReadEntry(Stream archive, long at, IReadOnlyList<string> names, List<StoredEntry> previous)
    {
        var header = Read(archive, at, StoredEntry.CentralHeaderLength);
        if (header.Length < StoredEntry.CentralHeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(header) != StoredEntry.CentralSignature)
            throw new InvalidArchiveException(
                $"There is no directory entry at byte {at}, where file {previous.Count + 1} must be described.");
        var bytes = Read(archive, at + StoredEntry.CentralHeaderLength, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28)));
        var name = Encoding.UTF8.GetString(bytes);
        var shown = Excerpt.TruncateRecord(name);
        if (previous.Any(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            throw new InvalidArchiveException($"The archive has the file \"{shown}\" twice; file names must be unique.");
        if (!names.Contains(name))
            throw new InvalidArchiveException(ErrorText.UnknownName("file", shown, names, " of an archive"));
        var (flags, method) = (BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8)), BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(10)));
        if ((flags & 1) != 0)
            throw new InvalidArchiveException($"The file {name} is encrypted; it must not be.");
        if (method != 0)
            throw new InvalidArchiveException(
                $"The file {name} is compressed (method {method}); it must be stored uncompressed (method 0). {UseUnchangedFile}");
        var (compressed, length) = (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20)), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(24)));
        if (compressed != length || length > archive.Length)
            throw new InvalidArchiveException($"The file {name} has a declared size of {Quantity.Of(length, "byte")} and a compressed size of {Quantity.Of(compressed, "byte")} in an archive of {Quantity.Of(archive.Length, "byte")}; the two must be equal and fit.");
        return new StoredEntry(name, BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16)), length, BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(42)));
    }

    private static void RequireCrc(Stream archive, StoredEntry entry)
    {
        var crc32 = new Crc32();
        var buffer = new byte[32 * 1024];
        using var content = new StoredContent(archive, entry);
        while (content.Read(buffer) is var read and > 0)
            crc32.Add(buffer.AsSpan(0, read));
        if (crc32.Value != entry.Crc32)
            throw new InvalidArchiveException(
                $"The file {entry.Name} is corrupt: its CRC-32 is {crc32.Value:x8}; the directory states {entry.Crc32:x8}.");
    }

    private static void Require(Stream archive, long at, byte[] expected, string message)
    {
        if (!Read(archive, at, expected.Length).AsSpan().SequenceEqual(expected))
            throw new InvalidArchiveException(message);
    }

    /// <summary>Reads up to <paramref name="length"/> bytes: fewer at the end of the archive, none at a negative offset.</summary>
    private static byte[] Read(Stream archive, long at, int length)
    {
        if (at < 0 || at >= archive.Length)
            return [];
        var bytes = new byte[Math.Min(length, archive.Length - at)];
        archive.Position = at;
        archive.ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>Reads the content of one file of an archive. Several can be read alternately, because each seeks to its own position.</summary>
public sealed class StoredContent(Stream archive, StoredEntry entry) : Stream
{
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => entry.Length;
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        archive.Position = entry.Start + _position;
        var read = archive.Read(buffer[..(int)Math.Min(buffer.Length, Length - _position)]);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // The stream is read-only.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
