using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Titanic.Web.Lifecycle.Archives;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>The zip container: other programs can read it, and archives that are not in its canonical form are rejected.</summary>
public sealed class StoredZipTests
{
    private const int CentralName = 46, LocalName = 30;

    private static readonly byte[] _sound = SampleArchive.Make();

    /// <summary>The zip reader of .NET is the reference implementation.</summary>
    [Fact]
    public void Another_zip_reader_reads_the_same_files()
    {
        using var zip = new ZipArchive(new MemoryStream(_sound));

        Assert.Equal(ArchiveLayout.Names, zip.Entries.Select(entry => entry.FullName));
        Assert.All(zip.Entries, entry => Assert.Equal((new DateTime(1980, 1, 1), entry.Length), (entry.LastWriteTime.DateTime, entry.CompressedLength)));
        foreach (var (name, bytes) in SampleArchive.Files())
            Assert.Equal(bytes, ContentOf(zip.GetEntry(name)!));
    }

    /// <summary>The standard check value of CRC-32: the checksum of "123456789".</summary>
    [Fact]
    public void Computes_the_standard_check_value_of_CRC_32()
    {
        var crc32 = new Crc32();
        crc32.Add("1234"u8);
        crc32.Add("56789"u8);

        Assert.Equal(0xCBF43926, crc32.Value);
    }

    [Theory]
    [InlineData("../version.json")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\version.json")]
    [InlineData("C:\\version.json")]
    [InlineData("version.json\0.exe")]
    [InlineData("files/version.json")]
    [InlineData("notes.txt")]
    [InlineData("Version.json")]
    public void Rejects_unknown_file_names(string name) => AssertRefused(
        Zip(zip => AddAll(zip, (name, "{}"))), name.Equals("Version.json", StringComparison.Ordinal) ? "The archive has the file \"Version.json\" twice" : "; allowed are version.json, metrics.json");

    [Fact]
    public void Rejects_duplicate_files() =>
        AssertRefused(Zip(zip => AddAll(zip, ("metrics.json", "{}"))), "The archive has the file \"metrics.json\" twice; file names must be unique.");

    [Fact]
    public void Rejects_an_archive_with_a_missing_file() =>
        AssertRefused(Zip(zip => Add(zip, "version.json", "{}")), "The archive has no file metrics.json; it must have version.json, metrics.json");

    [Fact]
    public void Rejects_files_in_another_order() =>
        AssertRefused(Zip(zip => AddAll(zip, reversed: true)), "The archive's files are in the order SHA256SUMS");

    [Fact]
    public void Rejects_too_many_files() =>
        AssertRefused(Zip(zip => { for (var file = 0; file < 5000; file++) Add(zip, $"{file}", ""); }), "The archive has 5000 files; it must have 6");

    /// <summary>Ten megabytes of zeros in ten kilobytes.</summary>
    [Fact]
    public void Rejects_a_decompression_bomb_without_unpacking() => AssertRefused(
        Zip(zip => AddAll(zip, CompressionLevel.SmallestSize, _ => new string('0', 10_000_000))), "The file version.json is compressed (method 8); it must be stored uncompressed (method 0).");

    [Fact]
    public void Rejects_a_repacked_archive_with_advice() => AssertRefused(
        Zip(zip => AddAll(zip, CompressionLevel.NoCompression, name => name)), "Use the downloaded file unchanged");

    [Fact]
    public void Rejects_an_encrypted_file() =>
        AssertRefused(Patched(bytes => bytes[Central(bytes, 0) + 8] |= 1), "The file version.json is encrypted; it must not be.");

    [Fact]
    public void Rejects_a_declared_size_larger_than_the_archive() => AssertRefused(
        Patched(bytes =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Central(bytes, 3) + 20), uint.MaxValue);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Central(bytes, 3) + 24), uint.MaxValue);
        }),
        "The file model.bin has a declared size of 4294967295 bytes");

    [Fact]
    public void Rejects_a_local_header_that_differs_from_the_directory() =>
        AssertRefused(Patched(bytes => bytes[LocalName] = (byte)'w'), "The local header of version.json does not match the directory");

    [Fact]
    public void Rejects_overlapping_files() => AssertRefused(
        Patched(bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Central(bytes, 1) + 42), 0)), "The file metrics.json starts at byte 0 according to the directory; it must start at byte");

    [Fact]
    public void Rejects_a_directory_at_another_offset() => AssertRefused(
        Patched(bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 6), 0xFFFFFFF0)), "There is no directory entry at byte 4294967280");

    [Fact]
    public void Rejects_a_file_with_another_CRC_32() => AssertRefused(
        Patched(bytes => bytes[LocalName + "version.json".Length] ^= 1), "The file version.json is corrupt: its CRC-32 is");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(21)]
    [InlineData(1000)]
    public void Rejects_truncated_archives(int length) => AssertRefused(_sound[..length], FormattableString.Invariant($"The file of {length:#,##0} bytes has no zip end record"));

    [Fact]
    public void Rejects_extra_bytes_before_and_after_the_archive()
    {
        AssertRefused([.. _sound, 0], "has no zip end record");
        AssertRefused([0, .. _sound], "There is no directory entry at byte");
    }

    [Fact]
    public void Rejects_an_oversized_archive_without_reading_it() =>
        AssertRefused(new byte[ArchiveLayout.MostBytes + 1], "The archive has 67,108,865 bytes or more; at most 67,108,864 are allowed.");

    /// <summary>Nested archives are not opened.</summary>
    [Fact]
    public void Does_not_open_nested_archives() => AssertRefused(
        SampleArchive.Pack(new(SampleArchive.Files()) { [ArchiveLayout.Model] = _sound }), "model.bin has");

    [Theory]
    [InlineData("  version.json", " *version.json", "it must be 64 hexadecimal digits, two spaces and a file name")]
    [InlineData("  metrics.json", "  ../metrics.json", "Line 2 of SHA256SUMS names \"../metrics.json\"; it must name metrics.json.")]
    [InlineData("  training-data.csv\n", "  training-data.csv\n\n", "SHA256SUMS continues after line 5")]
    [InlineData("  training-data.csv\n", "  training-data.csv", "SHA256SUMS continues after line 5")]
    public void Rejects_malformed_checksum_files(string text, string forged, string message) =>
        AssertRefused(SampleArchive.Pack(SampleArchive.Files(), Sums().Replace(text, forged, StringComparison.Ordinal)), message);

    [Fact]
    public void Rejects_missing_and_wrong_checksums()
    {
        var lines = Sums().Split('\n');
        AssertRefused(SampleArchive.Pack(SampleArchive.Files(), string.Join('\n', lines[..4]) + "\n"), "SHA256SUMS lists 4 files; it must list 5, and training-data.csv is missing.");
        AssertRefused(SampleArchive.Pack(SampleArchive.Files(), new string('0', 64) + Sums()[64..]), $"version.json has SHA-256 {lines[0][..64]}; SHA256SUMS states {new string('0', 64)}.");
        AssertRefused(SampleArchive.Pack(SampleArchive.Files(), Sums().ToUpperInvariant()), "Line 1 of SHA256SUMS is");
        AssertRefused(SampleArchive.Pack(SampleArchive.Files(), ""), "SHA256SUMS lists 0 files");
    }

    private static void AssertRefused(byte[] archive, string sentence)
    {
        var failed = TrainedArchive.Check(archive).Failed;

        Assert.NotNull(failed);
        Assert.Contains(sentence, failed.Sentence, StringComparison.Ordinal);
    }

    private static string Sums() => Encoding.UTF8.GetString(TrainedArchive.FilesOf(_sound)[ArchiveLayout.Sums]);

    private static byte[] Patched(Action<byte[]> patch)
    {
        var bytes = (byte[])_sound.Clone();
        patch(bytes);
        return bytes;
    }

    /// <summary>Offset of a file's entry in the central directory.</summary>
    private static int Central(byte[] archive, int file)
    {
        var at = (int)BinaryPrimitives.ReadUInt32LittleEndian(archive.AsSpan(archive.Length - 6));
        for (; file > 0; file--)
            at += CentralName + BinaryPrimitives.ReadUInt16LittleEndian(archive.AsSpan(at + 28));
        return at;
    }

    private static byte[] Zip(Action<ZipArchive> fill)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            fill(zip);
        return stream.ToArray();
    }

    private static void AddAll(ZipArchive zip, params (string Name, string Text)[] more)
    {
        AddAll(zip, CompressionLevel.NoCompression, name => name);
        foreach (var (name, text) in more)
            Add(zip, name, text);
    }

    private static void AddAll(ZipArchive zip, bool reversed)
    {
        foreach (var name in reversed ? ArchiveLayout.Names.Reverse() : ArchiveLayout.Names)
            Add(zip, name, "");
    }

    private static void AddAll(ZipArchive zip, CompressionLevel level, Func<string, string> text)
    {
        foreach (var name in ArchiveLayout.Names)
            Add(zip, name, text(name), level);
    }

    private static void Add(ZipArchive zip, string name, string text, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var content = zip.CreateEntry(name, level).Open();
        content.Write(Encoding.UTF8.GetBytes(text));
    }

    private static byte[] ContentOf(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }
}
