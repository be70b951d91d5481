using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// The four ways in which MLflow writes a data frame as JSON. Columns are found by name in any case, as in all lists that Titanic reads;
/// those that the signature does not have are ignored, as MLflow does.
/// </summary>
internal static partial class MlflowFrames
{
    private static readonly string[] _formats = ["dataframe_split", "dataframe_records", "instances", "inputs"];

    /// <param name="json">See <see cref="JsonBody.Read"/>.</param>
    /// <exception cref="RefusedRequestException">It is no data frame, or a question cannot be understood.</exception>
    public static IReadOnlyList<PassengerInput> Questions(ReadOnlyMemory<byte> json)
    {
        using var document = Parse(json);
        var body = document.RootElement;
        if (body.ValueKind != JsonValueKind.Object)
            throw new RefusedRequestException($"The body is {Called(body)}; it must be an object with exactly one of {string.Join(", ", _formats)}.");
        var frames = body.EnumerateObject().Where(member => _formats.Contains(member.Name)).ToList();
        if (frames is not [var frame])
            throw new RefusedRequestException($"The body has {Members(body)}; it must have exactly one of {string.Join(", ", _formats)}.");
        RequireNoOtherMeaning(body);
        return frame.Name switch
        {
            "dataframe_split" => OfSplit(frame.Value),
            "dataframe_records" => OfRecords(frame.Name, frame.Value, isTensor: false),
            "instances" => OfRecords(frame.Name, frame.Value, isTensor: true),
            _ when frame.Value.ValueKind == JsonValueKind.Object => OfColumns(frame.Value),
            _ => OfRecords(frame.Name, frame.Value, isTensor: true),
        };
    }

    /// <summary>Members that MLflow knows and that this model has no use for.</summary>
    private static void RequireNoOtherMeaning(JsonElement body)
    {
        if (body.TryGetProperty("params", out var parameters) && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            throw new RefusedRequestException($"params is {Called(parameters)}; it must be an object, and is ignored, because the model has no parameters.");
        if (body.TryGetProperty("signature_name", out _))
            throw new RefusedRequestException("signature_name is not supported: the model has one signature.");
    }

    /// <summary>Python would take the last of two members with one name; here nobody has to guess which was meant.</summary>
    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException twice)
        {
            throw new RefusedRequestException($"The body has a member twice: {twice.Message}");
        }
    }

    private static string Members(JsonElement body)
    {
        var names = body.EnumerateObject().Select(member => Excerpt.Truncate(member.Name)).ToList();
        return names.Count == 0 ? "no members" : $"the members {string.Join(", ", names.Take(10))}{(names.Count > 10 ? ", …" : "")}";
    }

    private static string Called(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
