using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>Validates content types and reads JSON bodies for both protocols.</summary>
internal static class ProtocolRequest
{
    /// <summary>The version of this server in the form of the protocols, such as 0.1.0.</summary>
    public static readonly string ServerVersion = typeof(ProtocolRequest).Assembly.GetName().Version!.ToString(3);

    public const string Json = "application/json", Csv = "text/csv", Binary = "application/octet-stream";

    /// <returns>The content type, one of the allowed ones.</returns>
    /// <exception cref="RequestValidationException">
    /// The content type is not allowed, its charset is not UTF-8, or it has another parameter; status 415.
    /// </exception>
    public static string RequireContentType(HttpRequest request, params ReadOnlySpan<string> allowed)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var seen))
            throw UnsupportedMediaType(ErrorText.ContentType(request.ContentType, [.. allowed]));
        if (seen.Charset.HasValue && !HeaderUtilities.RemoveQuotes(seen.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw UnsupportedMediaType(ErrorText.Invalid("The charset", seen.Charset.ToString(), "utf-8"));
        if (seen.Parameters.FirstOrDefault(parameter => !parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)) is { } unknown)
            throw UnsupportedMediaType(ErrorText.UnknownName("parameter", unknown.Name.ToString(), ["charset"], " of the content type"));
        foreach (var type in allowed)
        {
            if (seen.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
                return type;
        }
        throw UnsupportedMediaType(ErrorText.ContentType(request.ContentType, [.. allowed]));
    }

    private static RequestValidationException UnsupportedMediaType(string message) => new(message, StatusCodes.Status415UnsupportedMediaType);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Reads the whole body as JSON. The literal NaN, which is not JSON but is accepted by the servers of both protocols, becomes a missing value.
    /// </summary>
    /// <exception cref="RequestValidationException">The body is empty, not UTF-8, or not valid JSON; status 400.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadJson(HttpRequest request, CancellationToken cancellation) =>
        ToJson(await ReadBody(request, cancellation));

    /// <summary>Reads the whole body.</summary>
    public static async Task<Memory<byte>> ReadBody(HttpRequest request, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        await request.Body.CopyToAsync(whole, cancellation);
        return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }

    /// <inheritdoc cref="ReadJson"/>
    public static ReadOnlyMemory<byte> ToJson(Memory<byte> body)
    {
        if (body.Span.StartsWith(ByteOrderMark))
            body = body[ByteOrderMark.Length..];
        if (body.IsEmpty)
            throw new RequestValidationException("The body is empty; it must be a JSON object.");
        if (!Utf8.IsValid(body.Span))
            throw new RequestValidationException("The body has bytes that are not valid UTF-8; it must be UTF-8.");
        new JsonNaN().Replace(body.Span);
        RequireJson(body.Span);
        return body;
    }

    /// <summary>Validates the JSON once, including its strings, so that later readers of the body do not throw.</summary>
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
        catch (JsonException invalid)
        {
            throw new RequestValidationException(ErrorText.InvalidJson(invalid));
        }
        catch (InvalidOperationException)
        {
            throw new RequestValidationException(
                "A string of the body has an unpaired surrogate (\\uD800 to \\uDFFF); surrogates must be paired.");
        }
    }
}

/// <summary>A request is invalid and was rejected without any effect.</summary>
/// <param name="message">The error text for the caller: the value seen and the values allowed.</param>
/// <param name="status">The HTTP status code.</param>
internal sealed class RequestValidationException(string message, int status = StatusCodes.Status400BadRequest) : Exception(message)
{
    /// <summary>An endpoint filter that returns the exception as problem details.</summary>
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
