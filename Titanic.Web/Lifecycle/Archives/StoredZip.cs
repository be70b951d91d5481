using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Titanic.Web.Passengers;

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

/// <summary>Writes stored files into an archive, one after another, and then closes it.</summary>
/// <param name="archive">Empty, and to be written anywhere: a header is filled in when its file is known.</param>
internal sealed class StoredZipWriter(Stream archive)
{
    private readonly List<StoredEntry> _entries = [];

    /// <returns>The file's SHA-256 in lower-case hexadecimal.</returns>
    /// <exception cref="ArchiveRefusedException">The archive becomes longer than one may be.</exception>
    public async Task<string> Add(string name, Func<Stream, Task> write)
    {
        var entry = new StoredEntry(name, 0, 0, (uint)archive.Length);
        archive.Position = entry.Start;
        await using var content = new MeasuredContent(archive);
        await write(content);
        entry = entry with { Crc32 = content.Crc32, Length = (uint)(archive.Length - entry.Start) };
        archive.Position = entry.Offset;
        await archive.WriteAsync(entry.Local());
        _entries.Add(entry);
        return content.Sha256();
    }

    /// <inheritdoc cref="Add(string, Func{Stream, Task})"/>
    public Task<string> Add(string name, ReadOnlyMemory<byte> bytes) => Add(name, content => content.WriteAsync(bytes).AsTask());

    public async Task Close()
    {
        archive.Position = archive.Length;
        foreach (var entry in _entries)
            await archive.WriteAsync(entry.Central());
        await archive.WriteAsync(StoredEntry.EndOf(_entries));
    }

    /// <summary>Passes on what is written, and counts and digests it.</summary>
    private sealed class MeasuredContent(Stream archive) : Stream
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
            if (archive.Position + buffer.Length > ArchiveLayout.MostBytes)
                throw ArchiveRefusedException.TooLarge(archive.Position + buffer.Length);
            _crc32.Add(buffer.Span);
            _sha256.AppendData(buffer.Span);
            await archive.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An archive is written asynchronously only.");

        public override void Flush()
        {
            // What is written is passed on at once.
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
/// Opens an archive only if it is, byte for byte, what <see cref="StoredZipWriter"/> makes of its files. So the many ways in which a zip file
/// can mean two things do not exist here: nothing is compressed, overlaps, is hidden between files or is said twice in two ways. No number in
/// the archive decides how much memory is taken.
/// </summary>
internal static class StoredZipReader
{
    private const int MostEntries = 16;

    /// <param name="archive">Can seek.</param>
    /// <param name="names">Of the files that there must be, in their order.</param>
    /// <exception cref="ArchiveRefusedException">It is no such archive.</exception>
    public static IReadOnlyList<StoredEntry> Open(Stream archive, IReadOnlyList<string> names)
    {
        if (archive.Length > ArchiveLayout.MostBytes)
            throw ArchiveRefusedException.TooLarge(archive.Length);
        var entries = Directory(archive, names);
        var offset = 0L;
        foreach (var entry in entries)
        {
            if (entry.Offset != offset)
                throw new ArchiveRefusedException($"The file {entry.Name} is said to begin at byte {entry.Offset}; it must begin at byte {offset}, where the one before ends.");
            Require(archive, offset, entry.Local(), $"The header before {entry.Name} and the one in the directory at the end disagree, or are not as Titanic writes them. {Untouched}");
            offset = entry.End;
        }
        foreach (var entry in entries)
        {
            Require(archive, offset, entry.Central(), $"The file {entry.Name} is not stored as Titanic stores it (without time, attributes, comment and extra fields). {Untouched}");
            offset += entry.Central().Length;
        }
        Require(archive, offset, StoredEntry.EndOf(entries), $"The archive is not closed as Titanic closes it. {Untouched}");
        foreach (var entry in entries)
            RequireCrc(archive, entry);
        return entries;
    }

    private const string Untouched = "Take the file as it was downloaded: one that another program packed is not the same.";

    private static List<StoredEntry> Directory(Stream archive, IReadOnlyList<string> names)
    {
        var end = Read(archive, archive.Length - StoredEntry.EndLength, StoredEntry.EndLength);
        if (end.Length < StoredEntry.EndLength || BinaryPrimitives.ReadUInt32LittleEndian(end) != StoredEntry.EndSignature)
            throw new ArchiveRefusedException($"The {archive.Length} bytes do not end as a zip archive does: it is another kind of file, was cut off, or something was added to it.");
        int count = BinaryPrimitives.ReadUInt16LittleEndian(end.AsSpan(10));
        if (count > MostEntries)
            throw new ArchiveRefusedException($"The archive has {count} files; it must have {names.Count}: {string.Join(", ", names)}.");
        var at = (long)BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(16));
        var entries = new List<StoredEntry>();
        while (entries.Count < count)
        {
            var entry = EntryAt(archive, at, names, entries);
            at += StoredEntry.CentralLength + entry.Name.Length;
            entries.Add(entry);
        }
        if (names.FirstOrDefault(name => entries.All(entry => entry.Name != name)) is { } missing)
            throw new ArchiveRefusedException($"The archive has no file {missing}; it must have {string.Join(", ", names)}.");
        return entries.Select(entry => entry.Name).SequenceEqual(names)
            ? entries
            : throw new ArchiveRefusedException($"The archive's files are in the order {string.Join(", ", entries.Select(entry => entry.Name))}; it must be {string.Join(", ", names)}.");
    }

    private static StoredEntry EntryAt(Stream archive, long at, IReadOnlyList<string> names, List<StoredEntry> before)
    {
        var header = Read(archive, at, StoredEntry.CentralLength);
        if (header.Length < StoredEntry.CentralLength || BinaryPrimitives.ReadUInt32LittleEndian(header) != StoredEntry.CentralSignature)
            throw new ArchiveRefusedException($"There is no file's header at byte {at}, where the archive's end says that file {before.Count + 1} is described.");
        var bytes = Read(archive, at + StoredEntry.CentralLength, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28)));
        var name = Encoding.UTF8.GetString(bytes);
        var shown = Excerpt.TruncateRecord(name);
        if (before.Any(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            throw new ArchiveRefusedException($"The archive has the file \"{shown}\" twice; each must be there once.");
        if (!names.Contains(name))
            throw new ArchiveRefusedException($"The archive has a file \"{shown}\"; there may be none but {string.Join(", ", names)}.");
        var (flags, method) = (BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8)), BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(10)));
        if ((flags & 1) != 0)
            throw new ArchiveRefusedException($"The file {name} is encrypted; it must be readable.");
        if (method != 0)
            throw new ArchiveRefusedException($"The file {name} is compressed (method {method}); it must be stored as it is (method 0). {Untouched}");
        var (packed, length) = (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20)), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(24)));
        if (packed != length || length > archive.Length)
            throw new ArchiveRefusedException($"The file {name} is said to have {length} bytes in the place of {packed}, in an archive of {archive.Length}; what is stored takes its own length.");
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
            throw new ArchiveRefusedException($"The file {entry.Name} is damaged: its CRC-32 is {crc32.Value:x8}, but {entry.Crc32:x8} was noted.");
    }

    private static void Require(Stream archive, long at, byte[] expected, string otherwise)
    {
        if (!Read(archive, at, expected.Length).AsSpan().SequenceEqual(expected))
            throw new ArchiveRefusedException(otherwise);
    }

    /// <summary>Fewer bytes where the archive ends, and none before its beginning.</summary>
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

/// <summary>The bytes of one file of an archive, from where it begins to where it ends. Several can be read in turn.</summary>
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
        // Nothing is ever written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>The check sum of zip files (reflected polynomial 0xEDB88320). It tells accidents; forgeries are for SHA-256 to tell.</summary>
internal struct Crc32()
{
    private static readonly uint[] _table = [.. Enumerable.Range(0, 256).Select(index => Remainder((uint)index))];

    private uint _inverted = uint.MaxValue;

    public readonly uint Value => ~_inverted;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            _inverted = _table[(byte)(_inverted ^ value)] ^ (_inverted >> 8);
    }

    private static uint Remainder(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
            value = (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1);
        return value;
    }
}
