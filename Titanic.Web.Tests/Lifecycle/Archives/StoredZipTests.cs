using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>The zip container: other programs can read it, and archives that are not in its canonical form are rejected.</summary>
public sealed class StoredZipTests
{
    private const int CentralHeaderLength = 46, LocalHeaderLength = 30;

    private static readonly byte[] _validArchive = SampleArchive.Create();

    /// <summary>The zip reader of .NET is the reference implementation.</summary>
    [Fact]
    public void Another_zip_reader_reads_the_same_files()
    {
        using var zip = new ZipArchive(new MemoryStream(_validArchive));

        Assert.Equal(ArchiveLayout.Names, zip.Entries.Select(entry => entry.FullName));
        Assert.All(zip.Entries, entry => Assert.Equal((new DateTime(1980, 1, 1), entry.Length), (entry.LastWriteTime.DateTime, entry.CompressedLength)));
        foreach (var (name, bytes) in SampleArchive.CreateFiles())
            Assert.Equal(bytes, ReadContent(zip.GetEntry(name)!));
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
    public void Rejects_unknown_file_names(string name) => AssertRejected(
        Zip(zip => AddAll(zip, (name, "{}"))), name.Equals("Version.json", StringComparison.Ordinal) ? "The archive has the file \"Version.json\" twice" : "; there are version.json, metrics.json");

    [Fact]
    public void Rejects_duplicate_files() =>
        AssertRejected(Zip(zip => AddAll(zip, ("metrics.json", "{}"))), "The archive has the file \"metrics.json\" twice; file names must be unique.");

    [Fact]
    public void Rejects_an_archive_with_a_missing_file() =>
        AssertRejected(Zip(zip => Add(zip, "version.json", "{}")), "The archive has no file metrics.json; it must have version.json, metrics.json");

    [Fact]
    public void Rejects_files_in_another_order() =>
        AssertRejected(Zip(zip => AddAll(zip, reversed: true)), "The archive's files are in the order SHA256SUMS");

    [Fact]
    public void Rejects_too_many_files() =>
        AssertRejected(Zip(zip => { for (var file = 0; file < 5000; file++) Add(zip, $"{file}", ""); }), "The archive has 5000 files; it must have 6");

    /// <summary>Ten megabytes of zeros in ten kilobytes.</summary>
    [Fact]
    public void Rejects_a_decompression_bomb_without_unpacking() => AssertRejected(
        Zip(zip => AddAll(zip, CompressionLevel.SmallestSize, _ => new string('0', 10_000_000))), "The file version.json is compressed (method 8); it must be stored uncompressed (method 0).");

    [Fact]
    public void Rejects_a_repacked_archive_with_advice() => AssertRejected(
        Zip(zip => AddAll(zip, CompressionLevel.NoCompression, name => name)), "Use the downloaded file unchanged");

    [Fact]
    public void Rejects_an_encrypted_file() =>
        AssertRejected(Patch(bytes => bytes[CentralHeaderOffset(bytes, 0) + 8] |= 1), "The file version.json is encrypted; it must not be.");

    [Fact]
    public void Rejects_a_declared_size_larger_than_the_archive() => AssertRejected(
        Patch(bytes =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CentralHeaderOffset(bytes, 3) + 20), uint.MaxValue);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CentralHeaderOffset(bytes, 3) + 24), uint.MaxValue);
        }),
        "The file model.bin has a declared size of 4,294,967,295 bytes");

    [Fact]
    public void Rejects_a_local_header_that_differs_from_the_directory() =>
        AssertRejected(Patch(bytes => bytes[LocalHeaderLength] = (byte)'w'), "The local header of version.json does not match the directory");

    [Fact]
    public void Rejects_overlapping_files() => AssertRejected(
        Patch(bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CentralHeaderOffset(bytes, 1) + 42), 0)), "The file metrics.json starts at byte 0 according to the directory; it must start at byte");

    [Fact]
    public void Rejects_a_directory_at_another_offset() => AssertRejected(
        Patch(bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 6), 0xFFFFFFF0)), "There is no directory entry at byte 4294967280");

    [Fact]
    public void Rejects_a_file_with_another_CRC_32() => AssertRejected(
        Patch(bytes => bytes[LocalHeaderLength + "version.json".Length] ^= 1), "The file version.json is corrupt: its CRC-32 is");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(21)]
    [InlineData(1000)]
    public void Rejects_truncated_archives(int length) => AssertRejected(_validArchive[..length], FormattableString.Invariant($"The file of {length:#,##0} bytes has no zip end record"));

    [Fact]
    public void Rejects_extra_bytes_before_and_after_the_archive()
    {
        AssertRejected([.. _validArchive, 0], "has no zip end record");
        AssertRejected([0, .. _validArchive], "There is no directory entry at byte");
    }

    [Fact]
    public void Rejects_an_oversized_archive_without_reading_it() =>
        AssertRejected(new byte[ArchiveLayout.MaximumBytes + 1], "The archive has 67,108,865 bytes or more; it must have at most 67,108,864.");

    /// <summary>Nested archives are not opened.</summary>
    [Fact]
    public void Does_not_open_nested_archives() => AssertRejected(
        SampleArchive.Pack(new(SampleArchive.CreateFiles()) { [ArchiveLayout.Model] = _validArchive }), "model.bin has");

    [Theory]
    [InlineData("  version.json", " *version.json", "it must be 64 hexadecimal digits, two spaces and a file name")]
    [InlineData("  metrics.json", "  ../metrics.json", "Line 2 of SHA256SUMS names \"../metrics.json\"; it must name metrics.json.")]
    [InlineData("  training-data.csv\n", "  training-data.csv\n\n", "SHA256SUMS continues after line 5")]
    [InlineData("  training-data.csv\n", "  training-data.csv", "SHA256SUMS continues after line 5")]
    public void Rejects_malformed_checksum_files(string text, string forged, string message) =>
        AssertRejected(SampleArchive.Pack(SampleArchive.CreateFiles(), ReadChecksums().Replace(text, forged, StringComparison.Ordinal)), message);

    [Fact]
    public void Rejects_missing_and_wrong_checksums()
    {
        var lines = ReadChecksums().Split('\n');
        AssertRejected(SampleArchive.Pack(SampleArchive.CreateFiles(), string.Join('\n', lines[..4]) + "\n"), "SHA256SUMS lists 4 files; it must list 5, and training-data.csv is missing.");
        AssertRejected(SampleArchive.Pack(SampleArchive.CreateFiles(), new string('0', 64) + ReadChecksums()[64..]), $"version.json has SHA-256 {lines[0][..64]}; SHA256SUMS states {new string('0', 64)}.");
        AssertRejected(SampleArchive.Pack(SampleArchive.CreateFiles(), ReadChecksums().ToUpperInvariant()), "Line 1 of SHA256SUMS is");
        AssertRejected(SampleArchive.Pack(SampleArchive.CreateFiles(), ""), "SHA256SUMS lists 0 files");
    }

    private static void AssertRejected(byte[] archive, string message)
    {
        var failed = TrainedArchive.Check(archive).FirstFailure;

        Assert.NotNull(failed);
        Assert.Contains(message, failed.Sentence, StringComparison.Ordinal);
    }

    private static string ReadChecksums() => Encoding.UTF8.GetString(TrainedArchive.FilesOf(_validArchive)[ArchiveLayout.Sums]);

    private static byte[] Patch(Action<byte[]> patch)
    {
        var bytes = (byte[])_validArchive.Clone();
        patch(bytes);
        return bytes;
    }

    /// <summary>Offset of a file's entry in the central directory.</summary>
    private static int CentralHeaderOffset(byte[] archive, int file)
    {
        var at = (int)BinaryPrimitives.ReadUInt32LittleEndian(archive.AsSpan(archive.Length - 6));
        for (; file > 0; file--)
            at += CentralHeaderLength + BinaryPrimitives.ReadUInt16LittleEndian(archive.AsSpan(at + 28));
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

    private static byte[] ReadContent(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }
}
