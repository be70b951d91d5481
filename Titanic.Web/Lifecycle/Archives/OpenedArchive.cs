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

/// <summary>An archive whose container is valid. Its files are read one at a time, each with a size limit.</summary>
internal sealed class OpenedArchive
{
    private readonly Stream _archive;

    private OpenedArchive(Stream archive, IReadOnlyList<StoredEntry> files, string sha256) => (_archive, Files, Sha256) = (archive, files, sha256);

    public IReadOnlyList<StoredEntry> Files { get; }

    /// <summary>Digest of the whole archive.</summary>
    public string Sha256 { get; }

    /// <summary>Opens an archive after validating its container.</summary>
    /// <exception cref="InvalidArchiveException">The container is not valid, or is corrupt.</exception>
    public static OpenedArchive Of(Stream archive)
    {
        var files = StoredZipReader.Open(archive, ArchiveLayout.Names);
        archive.Position = 0;
        return new OpenedArchive(archive, files, Convert.ToHexStringLower(SHA256.HashData(archive)));
    }

    /// <summary>Verifies the digests of all files.</summary>
    /// <exception cref="InvalidArchiveException">A digest differs, or the list of digests is not valid.</exception>
    public void RequireChecksums() => Checksums.Verify(
        ReadText(ArchiveLayout.Sums), [.. Files.Where(file => file.Name != ArchiveLayout.Sums).Select(file => (file.Name, ComputeSha256(file)))]);

    /// <summary>Reads and validates the metadata and the metrics.</summary>
    /// <exception cref="InvalidArchiveException">A text file is not valid.</exception>
    public (ArchivedVersion Version, ArchivedMetrics Metrics) ReadDescription()
    {
        var version = ArchiveJson.Read<ArchivedVersion>(ArchiveLayout.Version, ReadText(ArchiveLayout.Version));
        var metrics = ArchiveJson.Read<ArchivedMetrics>(ArchiveLayout.Metrics, ReadText(ArchiveLayout.Metrics));
        if (version.Problem() is { } versionProblem)
            throw new InvalidArchiveException($"{ArchiveLayout.Version}: {versionProblem}");
        if (metrics.Problem() is { } metricsProblem)
            throw new InvalidArchiveException($"{ArchiveLayout.Metrics}: {metricsProblem}");
        if (!Utf8.IsValid(ReadText(ArchiveLayout.Card)))
            throw new InvalidArchiveException($"{ArchiveLayout.Card} is not valid UTF-8.");
        return (version, metrics);
    }

    /// <summary>Reads the training rows and compares them with the metadata.</summary>
    /// <exception cref="InvalidArchiveException">Digest or counts differ from the metadata.</exception>
    /// <exception cref="InvalidDataException">The file is not a valid training snapshot.</exception>
    public SnapshotContent ReadRows(ArchivedDataset dataset)
    {
        using var csv = Open(ArchiveLayout.Rows);
        var rows = SnapshotContent.Read(csv, TrainingViews.Get(dataset.View, dataset.ViewVersion), dataset.Split);
        if (rows.Sha256 != dataset.Sha256)
            throw new InvalidArchiveException($"The rows of {ArchiveLayout.Rows} have SHA-256 {rows.Sha256} ({rows.Rows} rows); {ArchiveLayout.Version} states {dataset.Sha256} ({dataset.Rows} rows).");
        return (rows.Rows, rows.Survivors, rows.HeldOutRows) == (dataset.Rows, dataset.Survivors, dataset.HeldOutRows)
            ? rows
            : throw new InvalidArchiveException($"{ArchiveLayout.Rows} has {rows.Rows} rows, {rows.Survivors} survivors and {rows.HeldOutRows} hold-out rows; {ArchiveLayout.Version} states {dataset.Rows}, {dataset.Survivors} and {dataset.HeldOutRows}.");
    }

    /// <summary>Reads the artifact and compares it with the metadata.</summary>
    /// <exception cref="InvalidArchiveException">Size or digest differ from the metadata.</exception>
    public byte[] ReadModel(ArchivedArtifact artifact)
    {
        var bytes = ReadBytes(ArchiveLayout.Model);
        var sha256 = ModelVersion.Sha256Of(bytes);
        return bytes.Length == artifact.Bytes && sha256 == artifact.Sha256
            ? bytes
            : throw new InvalidArchiveException($"{ArchiveLayout.Model} has {Quantity.Of(bytes.Length, "byte")} with SHA-256 {sha256}; {ArchiveLayout.Version} states {Quantity.Of(artifact.Bytes, "byte")} with {artifact.Sha256}.");
    }

    public byte[] ReadBytes(string name)
    {
        using var content = Open(name);
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    private byte[] ReadText(string name) => Files.Single(file => file.Name == name).Length is var length && length <= ArchiveLayout.MaximumTextBytes
        ? ReadBytes(name)
        : throw new InvalidArchiveException(
            FormattableString.Invariant($"{name} has {length:#,##0} bytes; it must have at most {ArchiveLayout.MaximumTextBytes:#,##0}."));

    private string ComputeSha256(StoredEntry file)
    {
        using var content = new StoredContent(_archive, file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private StoredContent Open(string name) => new(_archive, Files.Single(file => file.Name == name));
}

/// <summary>The file <c>SHA256SUMS</c> in the format of <c>sha256sum -c</c>: one line for each other file, in archive order.</summary>
internal static class Checksums
{
    private const int DigestLength = 64;

    public static string Format(IEnumerable<(string Name, string Sha256)> files) => string.Concat(files.Select(file => $"{file.Sha256}  {file.Name}\n"));

    /// <summary>Verifies a checksum file.</summary>
    /// <exception cref="InvalidArchiveException">A line is missing, extra or malformed, or a digest differs.</exception>
    public static void Verify(byte[] text, IReadOnlyList<(string Name, string Sha256)> files)
    {
        var lines = Encoding.UTF8.GetString(text).Split('\n');
        for (var line = 0; line < files.Count; line++)
        {
            var (name, sha256) = files[line];
            if (line >= lines.Length || lines[line].Length == 0)
                throw new InvalidArchiveException(
                    $"{ArchiveLayout.Sums} lists {Quantity.Of(line, "file")}; it must list {files.Count}, and {name} is missing.");
            var listed = lines[line];
            if (listed.Length < DigestLength + 3 || listed.AsSpan(0, DigestLength).ContainsAnyExcept("0123456789abcdef") || !listed.AsSpan(DigestLength).StartsWith("  "))
                throw new InvalidArchiveException($"Line {line + 1} of {ArchiveLayout.Sums} is \"{Excerpt.TruncateRecord(listed)}\"; it must be 64 hexadecimal digits, two spaces and a file name.");
            if (listed[(DigestLength + 2)..] != name)
                throw new InvalidArchiveException($"Line {line + 1} of {ArchiveLayout.Sums} names \"{Excerpt.Truncate(listed.AsSpan(DigestLength + 2))}\"; it must name {name}.");
            if (listed[..DigestLength] != sha256)
                throw new InvalidArchiveException($"{name} has SHA-256 {sha256}; {ArchiveLayout.Sums} states {listed[..DigestLength]}.");
        }
        if (!text.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(Format(files))))
            throw new InvalidArchiveException($"{ArchiveLayout.Sums} continues after line {files.Count} with \"{Excerpt.TruncateRecord(string.Join('\n', lines.Skip(files.Count)))}\"; it must end there.");
    }
}

/// <summary>
/// The JSON files of an archive. They are indented for people and untrusted when read: a file must equal, bit for bit, what
/// <see cref="Write{T}"/> writes for its value. That excludes unknown and duplicate members, out-of-range numbers, and text that a
/// database rejects.
/// </summary>
internal static class ArchiveJson
{
    public const int MaximumTextLength = 4000;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { OmitOptionalNulls } },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // safe: the files are never embedded in HTML unescaped
        WriteIndented = true,
        NewLine = "\n",
        MaxDepth = 32,
    };

    public static string Format<T>(T value) => JsonSerializer.Serialize(value, _json);

    public static byte[] Write<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, _json), (byte)'\n'];

    /// <summary>Reads a file.</summary>
    /// <param name="name">The file name for messages.</param>
    /// <exception cref="InvalidArchiveException">The file is not valid JSON of this type in the canonical form.</exception>
    public static T Read<T>(string name, byte[] bytes)
        where T : class
    {
        try
        {
            RequirePlainValues(name, bytes);
            var value = JsonSerializer.Deserialize<T>(bytes, _json) ?? throw new InvalidArchiveException($"{name} is null; it must be an object.");
            var written = Write(value).AsSpan();
            if (!written.SequenceEqual(bytes))
                throw new InvalidArchiveException($"{name} is not in the canonical form that Titanic writes; the first difference is at byte {written.CommonPrefixLength(bytes)}.");
            return value;
        }
        catch (JsonException invalid)
        {
            throw new InvalidArchiveException($"{name} cannot be read as schema {ArchivedVersion.CurrentSchema}: line {invalid.LineNumber + 1}, at {Excerpt.TruncateRecord(invalid.Path ?? "$")}.");
        }
        catch (Exception invalid) when (invalid is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new InvalidArchiveException($"{name} has a value that cannot be stored, such as an infinite number or an unpaired surrogate."); // infinite numbers can be read, but not written
        }
    }

    /// <summary>Omits optional members that are null: files that were written before a member was added stay in canonical form.</summary>
    private static void OmitOptionalNulls(JsonTypeInfo type)
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
            // The deserializer does not enforce non-nullable list elements.
            if (reader.TokenType == JsonTokenType.Null && before != JsonTokenType.PropertyName)
                throw new InvalidArchiveException($"{name} has null at byte {reader.TokenStartIndex}; it must have a value.");
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                RequirePlainText(name, reader.GetString()!);
        }
    }

    private static void RequirePlainText(string name, string text)
    {
        if (text.Length > MaximumTextLength)
            throw new InvalidArchiveException(FormattableString.Invariant($"{name} has a text of {text.Length:#,##0} characters; it must have at most {MaximumTextLength:#,##0}."));
        foreach (var character in text.Where(character => char.IsControl(character) && character is not ('\n' or '\t')))
            throw new InvalidArchiveException(
                $"{name} has a text with the control character U+{(int)character:X4}; it must be plain text.");
    }
}
