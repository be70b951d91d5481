using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titanic.Web.FeatureStore;

/// <summary>A point of history in a body: programs write the number of a commit as a number, everything else as a text. See <see cref="AsOf.Resolve"/>.</summary>
internal sealed class WrittenAsOf : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.String => reader.GetString(),
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
