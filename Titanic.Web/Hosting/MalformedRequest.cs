using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>
/// Describes why the framework could not bind a request body: the JSON path of the error and the values that the endpoint allows there.
/// <see cref="RequestParameters"/> validates route and query parameters earlier.
/// </summary>
internal static class MalformedRequest
{
    /// <summary>The detail of status 400.</summary>
    /// <param name="context">The context of the request.</param>
    /// <param name="endpoint">The endpoint of the request; null if none was matched.</param>
    /// <param name="exception">The exception that the framework or the web server threw.</param>
    public static string Describe(HttpContext context, Endpoint? endpoint, BadHttpRequestException exception)
    {
        if (exception.GetType().Assembly == typeof(MalformedRequest).Assembly)
            return exception.Message;
        if (exception.GetType() != typeof(BadHttpRequestException))
        {
            // Thrown by the web server, about HTTP itself.
            return exception.StatusCode == StatusCodes.Status408RequestTimeout
                ? "The body arrives too slowly. Send the request again."
                : "The request is not valid HTTP: the body ends too early or its encoding is wrong. Send the request again.";
        }
        if (endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is not { } type)
            return "A parameter of the request is not valid; /openapi/v1.json describes the allowed values.";
        return exception.InnerException switch
        {
            JsonException { InnerException: JsonException } syntax => ErrorText.InvalidJson(syntax),
            JsonException mismatch => DescribeMismatch(
                context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions, type, mismatch.Path ?? "$"),
            _ when context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false => "The body is empty; it must be JSON.",
            _ => "The body is empty or null; it must be JSON.",
        };
    }

    /// <summary>Follows the path through the types and describes the first member that does not match.</summary>
    /// <param name="options">The serializer options of the API.</param>
    /// <param name="body">The type of the whole body.</param>
    /// <param name="path">The path of the mismatch in the format of the serializer: "$.sources[0]".</param>
    private static string DescribeMismatch(JsonSerializerOptions options, Type body, string path)
    {
        var type = options.GetTypeInfo(body);
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var name = step.Trim('[', '\'', ']');
            var member = type.Properties.FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (type.Kind == JsonTypeInfoKind.Object && member is null)
            {
                return ErrorText.UnknownName("member", name, [.. type.Properties.Select(property => property.Name)], " of the body");
            }
            if ((member?.PropertyType ?? type.ElementType) is not { } inner)
                break;
            type = options.GetTypeInfo(inner);
        }
        return $"The value at {Excerpt.Truncate(path)} of the body has the wrong type; it must be {DescribeAllowed(type)}.";
    }

    private static string DescribeAllowed(JsonTypeInfo type) => type.Kind switch
    {
        JsonTypeInfoKind.Enumerable => "an array",
        JsonTypeInfoKind.Object when type.Properties.Where(member => member.IsRequired).Select(member => member.Name).ToList() is { Count: > 0 } required =>
            $"an object with {string.Join(" and ", required)}",
        JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
        _ => RequestParameters.DescribeAllowed(type.Type),
    };
}
