using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Titanic.Web.Passengers;

namespace Titanic.Web.Registry.Archives;

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
            RequirePlainText(name, bytes);
            var value = JsonSerializer.Deserialize<T>(bytes, _json) ?? throw new ArchiveRefusedException($"{name} is null; it must be an object.");
            var written = Write(value).AsSpan();
            if (!written.SequenceEqual(bytes))
                throw new ArchiveRefusedException($"{name} is not written as Titanic writes it, from byte {written.CommonPrefixLength(bytes)} on.");
            return value;
        }
        catch (JsonException broken)
        {
            throw new ArchiveRefusedException($"{name} cannot be read as schema {ArchiveLayout.Schema}: line {broken.LineNumber + 1}, at {Excerpt.OfRecord(broken.Path ?? "$")}.");
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

    private static void RequirePlainText(string name, byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = _json.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
                continue;
            var text = reader.GetString()!;
            if (text.Length > LongestText)
                throw new ArchiveRefusedException($"{name} has a text of {text.Length} characters; it may have {LongestText}.");
            if (text.FirstOrDefault(letter => char.IsControl(letter) && letter is not ('\n' or '\t')) is var control && (control != '\0' || text.Contains('\0', StringComparison.Ordinal)))
                throw new ArchiveRefusedException($"{name} has a text with the control character U+{(int)control:X4}; texts must be plain.");
        }
    }
}
