using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Titanic.Web.Lifecycle.Archives;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>The container: what we write others can read, and what others write, or hide, is not taken.</summary>
public sealed class StoredZipTests
{
    private const int CentralName = 46, LocalName = 30;

    private static readonly byte[] _sound = SampleArchive.Make();

    /// <summary>.NET's reader is the second implementation.</summary>
    [Fact]
    public void Another_reader_finds_the_same_files()
    {
        using var zip = new ZipArchive(new MemoryStream(_sound));

        Assert.Equal(ArchiveLayout.Names, zip.Entries.Select(entry => entry.FullName));
        Assert.All(zip.Entries, entry => Assert.Equal((new DateTime(1980, 1, 1), entry.Length), (entry.LastWriteTime.DateTime, entry.CompressedLength)));
        foreach (var (name, bytes) in SampleArchive.Files())
            Assert.Equal(bytes, ContentOf(zip.GetEntry(name)!));
    }

    /// <summary>The check value that every description of CRC-32 gives.</summary>
    [Fact]
    public void The_check_sum_is_that_of_zip_files()
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
    public void A_file_of_another_name_is_refused(string name) => AssertRefused(
        Zip(zip => AddAll(zip, (name, "{}"))), name.Equals("Version.json", StringComparison.Ordinal) ? "The archive has the file \"Version.json\" twice" : "; there may be none but version.json, metrics.json");

    [Fact]
    public void A_file_that_is_there_twice_is_refused() =>
        AssertRefused(Zip(zip => AddAll(zip, ("metrics.json", "{}"))), "The archive has the file \"metrics.json\" twice; each must be there once.");

    [Fact]
    public void A_missing_file_is_refused() =>
        AssertRefused(Zip(zip => Add(zip, "version.json", "{}")), "The archive has no file metrics.json; it must have version.json, metrics.json");

    [Fact]
    public void Files_in_another_order_are_refused() =>
        AssertRefused(Zip(zip => AddAll(zip, reversed: true)), "The archive's files are in the order SHA256SUMS");

    [Fact]
    public void Too_many_files_are_refused() =>
        AssertRefused(Zip(zip => { for (var file = 0; file < 5000; file++) Add(zip, $"{file}", ""); }), "The archive has 5000 files; it must have 6");

    /// <summary>Ten megabytes of zeros in ten kilobytes.</summary>
    [Fact]
    public void A_bomb_is_refused_before_anything_is_unpacked() => AssertRefused(
        Zip(zip => AddAll(zip, CompressionLevel.SmallestSize, _ => new string('0', 10_000_000))), "The file version.json is compressed (method 8); it must be stored as it is (method 0).");

    [Fact]
    public void A_good_archive_that_another_program_packed_again_is_refused_with_advice() => AssertRefused(
        Zip(zip => AddAll(zip, CompressionLevel.NoCompression, name => name)), "Take the file as it was downloaded");

    [Fact]
    public void An_encrypted_file_is_refused() =>
        AssertRefused(Patched(bytes => bytes[Central(bytes, 0) + 8] |= 1), "The file version.json is encrypted; it must be readable.");

    [Fact]
    public void A_declared_size_beyond_the_archive_is_refused() => AssertRefused(
        Patched(bytes =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Central(bytes, 3) + 20), uint.MaxValue);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Central(bytes, 3) + 24), uint.MaxValue);
        }),
        "The file model.bin is said to have 4294967295 bytes");

    [Fact]
    public void A_local_header_that_disagrees_with_the_directory_is_refused() =>
        AssertRefused(Patched(bytes => bytes[LocalName] = (byte)'w'), "The header before version.json and the one in the directory at the end disagree");

    [Fact]
    public void A_file_that_overlaps_another_is_refused() => AssertRefused(
        Patched(bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Central(bytes, 1) + 42), 0)), "The file metrics.json is said to begin at byte 0; it must begin at byte");

    [Fact]
    public void A_directory_somewhere_else_is_refused() => AssertRefused(
        Patched(bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 6), 0xFFFFFFF0)), "There is no file's header at byte 4294967280");

    [Fact]
    public void A_damaged_file_is_told_by_its_check_sum() => AssertRefused(
        Patched(bytes => bytes[LocalName + "version.json".Length] ^= 1), "The file version.json is damaged: its CRC-32 is");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(21)]
    [InlineData(1000)]
    public void What_is_no_archive_or_cut_off_is_refused(int length) => AssertRefused(_sound[..length], $"The {length} bytes do not end as a zip archive does");

    [Fact]
    public void Something_before_or_behind_the_archive_is_refused()
    {
        AssertRefused([.. _sound, 0], "do not end as a zip archive does");
        AssertRefused([0, .. _sound], "There is no file's header at byte");
    }

    [Fact]
    public void What_is_longer_than_an_archive_may_be_is_refused_unread() =>
        AssertRefused(new byte[ArchiveLayout.MostBytes + 1], "The archive has 67108865 bytes or more; it may have 67108864.");

    /// <summary>With method 0 nothing unfolds: an archive within an archive stays a file that nobody opens.</summary>
    [Fact]
    public void An_archive_in_the_place_of_a_file_is_only_bytes() => AssertRefused(
        SampleArchive.Pack(new(SampleArchive.Files()) { [ArchiveLayout.Model] = _sound }), "model.bin has");

    [Theory]
    [InlineData("  version.json", " *version.json", "it must be 64 hexadecimal digits, two blanks and a file's name")]
    [InlineData("  metrics.json", "  ../metrics.json", "Line 2 of SHA256SUMS is about \"../metrics.json\"; it must be about metrics.json.")]
    [InlineData("  training-data.csv\n", "  training-data.csv\n\n", "SHA256SUMS goes on after its 5 lines")]
    [InlineData("  training-data.csv\n", "  training-data.csv", "SHA256SUMS goes on after its 5 lines")]
    public void Checksums_of_another_form_are_refused(string text, string forged, string sentence) =>
        AssertRefused(SampleArchive.Pack(SampleArchive.Files(), Sums().Replace(text, forged, StringComparison.Ordinal)), sentence);

    [Fact]
    public void Checksums_that_miss_a_file_or_tell_another_digest_are_refused()
    {
        var lines = Sums().Split('\n');
        AssertRefused(SampleArchive.Pack(SampleArchive.Files(), string.Join('\n', lines[..4]) + "\n"), "SHA256SUMS lists 4 files; it must list 5, and training-data.csv is missing.");
        AssertRefused(SampleArchive.Pack(SampleArchive.Files(), new string('0', 64) + Sums()[64..]), $"version.json has SHA-256 {lines[0][..64]}; SHA256SUMS says {new string('0', 64)}.");
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

    /// <summary>Where the directory describes a file.</summary>
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
