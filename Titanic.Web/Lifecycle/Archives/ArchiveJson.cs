using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

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
