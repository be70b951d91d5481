using System.Buffers.Binary;
using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Lifecycle.Archives;

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
