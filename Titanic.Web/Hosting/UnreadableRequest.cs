using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>
/// Why the framework could not bind a request's body, in the caller's words: by the place in the body and what the endpoint's type allows
/// there. Parameters of path and query are checked before, by <see cref="RequestParameters"/>.
/// </summary>
internal static class UnreadableRequest
{
    /// <param name="context">Of the request.</param>
    /// <param name="endpoint">The endpoint that was to handle it.</param>
    /// <param name="refused">What the framework threw.</param>
    public static string Sentence(HttpContext context, Endpoint? endpoint, BadHttpRequestException refused)
    {
        if (refused.GetType() != typeof(BadHttpRequestException))
            return refused.Message; // of the web server, about HTTP itself
        if (endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is not { } type)
            return "A parameter of the request cannot be read; /openapi/v1.json describes what it must be.";
        return refused.InnerException switch
        {
            JsonException { InnerException: JsonException } broken =>
                FormattableString.Invariant($"The body is not valid JSON: it is broken at line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}."),
            JsonException misfit => Misfit(context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions, type, misfit.Path ?? "$"),
            _ when context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false => "The body is empty; it must be JSON.",
            _ => "The body is empty or null; it must be JSON.",
        };
    }

    /// <param name="options">Of the API.</param>
    /// <param name="body">The type of the whole body.</param>
    /// <param name="path">Of what does not fit, as the serializer writes it: "$.sources[0]".</param>
    private static string Misfit(JsonSerializerOptions options, Type body, string path)
    {
        var type = options.GetTypeInfo(body);
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var name = step.Trim('[', '\'', ']');
            var member = type.Properties.FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (type.Kind == JsonTypeInfoKind.Object && member is null)
                return $"The body has a member {Excerpt.Truncate(name)} that does not exist; there are {string.Join(", ", type.Properties.Select(property => property.Name))}.";
            if ((member?.PropertyType ?? type.ElementType) is not { } inner)
                break;
            type = options.GetTypeInfo(inner);
        }
        return $"The body has a value at {Excerpt.Truncate(path)} that is of another kind than belongs there; it must be {Allowed(type)}.";
    }

    private static string Allowed(JsonTypeInfo type) => type.Kind switch
    {
        JsonTypeInfoKind.Enumerable => "an array",
        JsonTypeInfoKind.Object when type.Properties.Where(member => member.IsRequired).Select(member => member.Name).ToList() is { Count: > 0 } required =>
            $"an object with {string.Join(" and ", required)}",
        JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
        _ => RequestParameters.Allowed(type.Type),
    };
}
