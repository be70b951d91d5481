using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>An archive whose container is sound; its files are read one at a time, each within its limit.</summary>
internal sealed class OpenedArchive
{
    private readonly Stream _archive;

    private OpenedArchive(Stream archive, IReadOnlyList<StoredEntry> files, string sha256) => (_archive, Files, Sha256) = (archive, files, sha256);

    public IReadOnlyList<StoredEntry> Files { get; }

    /// <summary>Of the whole archive.</summary>
    public string Sha256 { get; }

    /// <exception cref="ArchiveRefusedException">It is no archive of this product, or is damaged.</exception>
    public static OpenedArchive Of(Stream archive)
    {
        var files = StoredZipReader.Open(archive, ArchiveLayout.Names);
        archive.Position = 0;
        return new OpenedArchive(archive, files, Convert.ToHexStringLower(SHA256.HashData(archive)));
    }

    /// <exception cref="ArchiveRefusedException">A file is not the one that is listed, or the list is not one of these files.</exception>
    public void RequireChecksums() => Checksums.Require(
        Text(ArchiveLayout.Sums), [.. Files.Where(file => file.Name != ArchiveLayout.Sums).Select(file => (file.Name, Digest(file)))]);

    /// <exception cref="ArchiveRefusedException">One of the texts cannot have been written by this product.</exception>
    public (ArchivedVersion Version, ArchivedMetrics Metrics) ReadDescription()
    {
        var version = ArchiveJson.Read<ArchivedVersion>(ArchiveLayout.Version, Text(ArchiveLayout.Version));
        var metrics = ArchiveJson.Read<ArchivedMetrics>(ArchiveLayout.Metrics, Text(ArchiveLayout.Metrics));
        if (version.Problem() is { } wrongVersion)
            throw new ArchiveRefusedException($"{ArchiveLayout.Version}: {wrongVersion}");
        if (metrics.Problem() is { } wrongMetrics)
            throw new ArchiveRefusedException($"{ArchiveLayout.Metrics}: {wrongMetrics}");
        if (!Utf8.IsValid(Text(ArchiveLayout.Card)))
            throw new ArchiveRefusedException($"{ArchiveLayout.Card} is no UTF-8.");
        return (version, metrics);
    }

    /// <exception cref="ArchiveRefusedException">They are not the rows of the dataset.</exception>
    /// <exception cref="InvalidDataException">They are no rows.</exception>
    public SnapshotContent ReadRows(ArchivedDataset dataset)
    {
        using var csv = Open(ArchiveLayout.Rows);
        var rows = SnapshotContent.Read(csv, TrainingViews.Of(dataset.View, dataset.ViewVersion));
        if (rows.Sha256 != dataset.Sha256)
            throw new ArchiveRefusedException($"{ArchiveLayout.Rows} reads as SHA-256 {rows.Sha256} ({rows.Rows} rows); {ArchiveLayout.Version} says {dataset.Sha256} ({dataset.Rows} rows).");
        return (rows.Rows, rows.Survivors, rows.HeldOutRows) == (dataset.Rows, dataset.Survivors, dataset.HeldOutRows)
            ? rows
            : throw new ArchiveRefusedException($"{ArchiveLayout.Rows} has {rows.Rows} rows, {rows.Survivors} survivors and {rows.HeldOutRows} rows held out; {ArchiveLayout.Version} says {dataset.Rows}, {dataset.Survivors} and {dataset.HeldOutRows}.");
    }

    /// <exception cref="ArchiveRefusedException">They are other bytes than the version says.</exception>
    public byte[] ReadModel(ArchivedArtifact artifact)
    {
        var bytes = Bytes(ArchiveLayout.Model);
        var sha256 = ModelVersion.Sha256Of(bytes);
        return bytes.Length == artifact.Bytes && sha256 == artifact.Sha256
            ? bytes
            : throw new ArchiveRefusedException($"{ArchiveLayout.Model} has {bytes.Length} bytes with SHA-256 {sha256}; {ArchiveLayout.Version} says {artifact.Bytes} with {artifact.Sha256}.");
    }

    public byte[] Bytes(string name)
    {
        using var content = Open(name);
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    private byte[] Text(string name) => Files.Single(file => file.Name == name).Length is var length && length <= ArchiveLayout.MostTextBytes
        ? Bytes(name)
        : throw new ArchiveRefusedException($"{name} has {length} bytes; it may have {ArchiveLayout.MostTextBytes}.");

    private string Digest(StoredEntry file)
    {
        using var content = new StoredContent(_archive, file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private StoredContent Open(string name) => new(_archive, Files.Single(file => file.Name == name));
}

/// <summary>The file <c>SHA256SUMS</c>, as <c>sha256sum -c</c> reads it: a line for every other file, in their order.</summary>
internal static class Checksums
{
    private const int DigestLength = 64;

    public static string Of(IEnumerable<(string Name, string Sha256)> files) => string.Concat(files.Select(file => $"{file.Sha256}  {file.Name}\n"));

    /// <exception cref="ArchiveRefusedException">A line is missing, too much, no line at all or tells another digest than the file's.</exception>
    public static void Require(byte[] text, IReadOnlyList<(string Name, string Sha256)> files)
    {
        var lines = Encoding.UTF8.GetString(text).Split('\n');
        for (var line = 0; line < files.Count; line++)
        {
            var (name, sha256) = files[line];
            if (line >= lines.Length || lines[line].Length == 0)
                throw new ArchiveRefusedException($"{ArchiveLayout.Sums} lists {line} files; it must list {files.Count}, and {name} is missing.");
            var listed = lines[line];
            if (listed.Length < DigestLength + 3 || listed.AsSpan(0, DigestLength).ContainsAnyExcept("0123456789abcdef") || !listed.AsSpan(DigestLength).StartsWith("  "))
                throw new ArchiveRefusedException($"Line {line + 1} of {ArchiveLayout.Sums} is \"{Excerpt.TruncateRecord(listed)}\"; it must be 64 hexadecimal digits, two blanks and a file's name.");
            if (listed[(DigestLength + 2)..] != name)
                throw new ArchiveRefusedException($"Line {line + 1} of {ArchiveLayout.Sums} is about \"{Excerpt.Truncate(listed.AsSpan(DigestLength + 2))}\"; it must be about {name}.");
            if (listed[..DigestLength] != sha256)
                throw new ArchiveRefusedException($"{name} has SHA-256 {sha256}; {ArchiveLayout.Sums} says {listed[..DigestLength]}.");
        }
        if (!text.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(Of(files))))
            throw new ArchiveRefusedException($"{ArchiveLayout.Sums} goes on after its {files.Count} lines with \"{Excerpt.TruncateRecord(string.Join('\n', lines.Skip(files.Count)))}\"; it must end there.");
    }
}

/// <summary>
/// The JSON files of an archive: written for people to read, and read without trust. What is read must be, byte for byte, what would be
/// written: so there is no member that nobody knows, none twice, no number that does not fit, and no text that a database refuses.
/// </summary>
internal static class ArchiveJson
{
    public const int LongestText = 4000;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutOptionalNulls } },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // nobody puts a file into a page unescaped
        WriteIndented = true,
        NewLine = "\n",
        MaxDepth = 32,
    };

    public static string Text<T>(T value) => JsonSerializer.Serialize(value, _json);

    public static byte[] Write<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, _json), (byte)'\n'];

    /// <param name="name">Of the file.</param>
    /// <exception cref="ArchiveRefusedException">It cannot have been written by this product.</exception>
    public static T Read<T>(string name, byte[] bytes)
        where T : class
    {
        try
        {
            RequirePlainValues(name, bytes);
            var value = JsonSerializer.Deserialize<T>(bytes, _json) ?? throw new ArchiveRefusedException($"{name} is null; it must be an object.");
            var written = Write(value).AsSpan();
            if (!written.SequenceEqual(bytes))
                throw new ArchiveRefusedException($"{name} is not written as Titanic writes it, from byte {written.CommonPrefixLength(bytes)} on.");
            return value;
        }
        catch (JsonException broken)
        {
            throw new ArchiveRefusedException($"{name} cannot be read as schema {ArchivedVersion.CurrentSchema}: line {broken.LineNumber + 1}, at {Excerpt.TruncateRecord(broken.Path ?? "$")}.");
        }
        catch (Exception strange) when (strange is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new ArchiveRefusedException($"{name} has a value that cannot be kept, such as a number that is not finite or half a character."); // infinite numbers can be read, but not written
        }
    }

    /// <summary>Records may get further members later that can be left out; what was written before then still reads, and writes, as it did.</summary>
    private static void LeaveOutOptionalNulls(JsonTypeInfo type)
    {
        foreach (var member in type.Properties.Where(member => member.AssociatedParameter is { HasDefaultValue: true, DefaultValue: null }))
            member.ShouldSerialize = (_, value) => value is not null;
    }

    private static void RequirePlainValues(string name, byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = _json.MaxDepth });
        var before = JsonTokenType.None;
        for (; reader.Read(); before = reader.TokenType)
        {
            // A list of our records has no gaps; the compiler's word for that does not reach into lists.
            if (reader.TokenType == JsonTokenType.Null && before != JsonTokenType.PropertyName)
                throw new ArchiveRefusedException($"{name} has null at byte {reader.TokenStartIndex}, where a value must be.");
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                RequirePlainText(name, reader.GetString()!);
        }
    }

    private static void RequirePlainText(string name, string text)
    {
        if (text.Length > LongestText)
            throw new ArchiveRefusedException($"{name} has a text of {text.Length} characters; it may have {LongestText}.");
        foreach (var letter in text.Where(letter => char.IsControl(letter) && letter is not ('\n' or '\t')))
            throw new ArchiveRefusedException($"{name} has a text with the control character U+{(int)letter:X4}; texts must be plain.");
    }
}
