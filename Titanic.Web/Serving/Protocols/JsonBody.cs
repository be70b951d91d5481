using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// A request's JSON, held in memory whole. Python writes an unknown number as the bare word NaN, which JSON does not have but the servers
/// of both protocols take: outside of texts it is read as null.
/// </summary>
internal static class JsonBody
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <exception cref="RefusedRequestException">It is empty, not UTF-8, or not JSON.</exception>
    public static async Task<ReadOnlyMemory<byte>> Read(HttpRequest request, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        await request.Body.CopyToAsync(whole, cancellation);
        ReadOnlyMemory<byte> body = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        if (body.Span.StartsWith(ByteOrderMark))
            body = body[ByteOrderMark.Length..];
        if (body.IsEmpty)
            throw new RefusedRequestException("The body is empty; it must be a JSON object.");
        if (!Utf8.IsValid(body.Span))
            throw new RefusedRequestException("The body holds bytes that are not valid UTF-8; only UTF-8 is allowed.");
        if (body.Span.IndexOf("NaN"u8) >= 0)
            body = WithNullForNaN(body.Span);
        RequireJson(body.Span);
        return body;
    }

    private static ReadOnlyMemory<byte> WithNullForNaN(ReadOnlySpan<byte> body)
    {
        var written = new ArrayBufferWriter<byte>(body.Length + (body.Length / 3) + 1);
        var isText = false;
        for (var at = 0; at < body.Length; at++)
        {
            if (!isText && body[at..].StartsWith("NaN"u8))
            {
                written.Write("null"u8);
                at += 2;
                continue;
            }
            written.Write(body.Slice(at, 1));
            if (isText && body[at] == '\\' && at + 1 < body.Length)
                written.Write(body.Slice(++at, 1)); // an escaped quote ends no text
            else if (body[at] == '"')
                isText = !isText;
        }
        return written.WrittenMemory;
    }

    /// <summary>After this whoever reads it finds no surprise: not in the form, nor half a character in a text.</summary>
    private static void RequireJson(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    reader.GetString();
            }
        }
        catch (JsonException broken)
        {
            throw new RefusedRequestException($"The body is not valid JSON: {broken.Message}");
        }
        catch (InvalidOperationException)
        {
            throw new RefusedRequestException("A text of the body holds half a surrogate pair, which is no character.");
        }
    }
}
