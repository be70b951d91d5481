using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>What the requests of both protocols have in common: content types, JSON bodies, and how they are refused.</summary>
internal static class ProtocolRequest
{
    /// <summary>What the protocols call the server's version, such as 0.1.0.</summary>
    public static readonly string ServerVersion = typeof(ProtocolRequest).Assembly.GetName().Version!.ToString(3);

    public const string Json = "application/json", Csv = "text/csv";

    /// <returns>Which of the allowed ones it is.</returns>
    /// <exception cref="RequestValidationException">Another one, another charset than UTF-8, an unknown parameter, or a packed body.</exception>
    public static string RequireContentType(HttpRequest request, params ReadOnlySpan<string> allowed)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var seen))
            throw Refused(Sentence(request.ContentType, allowed));
        if (seen.Charset.HasValue && !HeaderUtilities.RemoveQuotes(seen.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw Refused($"The charset is \"{Excerpt.Truncate(seen.Charset)}\"; it must be utf-8.");
        if (seen.Parameters.FirstOrDefault(parameter => !parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)) is { } unknown)
            throw Refused($"The content type has the parameter \"{Excerpt.Truncate(unknown.Name)}\"; only charset is allowed.");
        if (request.Headers.ContentEncoding is { Count: > 0 } packed)
            throw Refused($"The content encoding is \"{Excerpt.Truncate(packed.ToString())}\"; send the body unpacked.");
        foreach (var type in allowed)
        {
            if (seen.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
                return type;
        }
        throw Refused(Sentence(request.ContentType, allowed));
    }

    private static string Sentence(string? seen, params ReadOnlySpan<string> allowed) =>
        $"{(string.IsNullOrEmpty(seen) ? "The request has no content type" : $"The content type is \"{Excerpt.TruncateRecord(seen)}\"")}; it must be {string.Join(" or ", allowed)}.";

    private static RequestValidationException Refused(string sentence) => new(sentence, StatusCodes.Status415UnsupportedMediaType);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// The body, held in memory whole. Python writes an unknown number as the bare word NaN, which JSON does not have but the servers of both
    /// protocols accept: outside of texts it is read as null.
    /// </summary>
    /// <exception cref="RequestValidationException">It is empty, not UTF-8, or not JSON.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadJson(HttpRequest request, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        await request.Body.CopyToAsync(whole, cancellation);
        ReadOnlyMemory<byte> body = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        if (body.Span.StartsWith(ByteOrderMark))
            body = body[ByteOrderMark.Length..];
        if (body.IsEmpty)
            throw new RequestValidationException("The body is empty; it must be a JSON object.");
        if (!Utf8.IsValid(body.Span))
            throw new RequestValidationException("The body holds bytes that are not valid UTF-8; only UTF-8 is allowed.");
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
            throw new RequestValidationException($"The body is not valid JSON: {broken.Message}");
        }
        catch (InvalidOperationException)
        {
            throw new RequestValidationException("A text of the body holds half a surrogate pair, which is no character.");
        }
    }
}

/// <summary>A request that is not valid; nothing of it was done.</summary>
/// <param name="sentence">For the caller: what was seen and what is allowed.</param>
/// <param name="status">HTTP's.</param>
internal sealed class RequestValidationException(string sentence, int status = StatusCodes.Status400BadRequest) : Exception(sentence)
{
    /// <summary>For endpoints whose readers throw it.</summary>
    public static async ValueTask<object?> AsProblem(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation);
        }
        catch (RequestValidationException invalid)
        {
            return invalid.Problem();
        }
    }

    private IResult Problem() => TypedResults.Problem(Message, statusCode: status);
}
