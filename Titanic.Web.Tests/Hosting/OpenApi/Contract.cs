using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>The OpenAPI document of a site; validates responses against it.</summary>
internal sealed class Contract(JsonObject document)
{
    private static readonly EvaluationOptions _strict = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly ConcurrentDictionary<string, JsonSchema> _schemas = new();

    public JsonObject Document { get; } = document;

    public IReadOnlyList<Operation> Operations { get; } = [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
        .Select(method => new Operation(path.Key, method.Key.ToUpperInvariant(), method.Value!.AsObject())))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Contract> Load(TitanicSite site) =>
        new(JsonNode.Parse(await site.Client.GetStringAsync("/openapi/v1.json", Cancellation))!.AsObject());

    /// <summary>The node itself, or the node that its $ref refers to.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        var found = node.AsObject();
        while (found["$ref"] is { } address)
            found = address.GetValue<string>()[2..].Split('/').Aggregate((JsonNode)Document, (parent, name) => parent[name]!).AsObject();
        return found;
    }

    /// <summary>
    /// The first violation: a status, a content type or a body that the document does not define; null if the response is valid.
    /// </summary>
    public async Task<string?> FindError(Operation operation, HttpResponseMessage response)
    {
        var status = $"{(int)response.StatusCode}";
        var body = await response.Content.ReadAsByteArrayAsync(Cancellation);
        if (operation.Responses[status] is not { } documented)
            return $"status {status} is not documented: {Truncate(body)}";
        if (status.StartsWith('5'))
            return $"status {status}: {Truncate(body)}";
        if (Resolve(documented)["content"] is not JsonObject contents)
            return body.Length == 0 ? null : $"status {status} has a body that is not documented: {Truncate(body)}";
        if (response.Content.Headers.ContentType is not { MediaType: { } type } || contents[type] is not { } content)
        {
            var types = string.Join(", ", contents.Select(documentedContent => documentedContent.Key));
            return $"status {status} has the content type {response.Content.Headers.ContentType}; the documented content types are {types}";
        }
        return type.EndsWith("json", StringComparison.Ordinal) ? FindError(content["schema"]!, body) : null;
    }

    /// <summary>The errors of a JSON text against a schema of the document; null if it is valid.</summary>
    public string? FindError(JsonNode schema, ReadOnlyMemory<byte> json)
    {
        using var value = JsonDocument.Parse(json);
        var result = _schemas.GetOrAdd(schema.ToJsonString(), CreateSchema).Evaluate(value.RootElement, _strict);
        return result.IsValid ? null : string.Join("; ", result.Details!.Where(detail => detail.Errors is not null)
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}")).Distinct().Take(5)) + $" in {Truncate(json.Span)}";
    }

    private JsonSchema CreateSchema(string schema)
    {
        var selfContained = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["allOf"] = new JsonArray(JsonNode.Parse(schema)!.AsObject()),
            ["$defs"] = Document["components"]!["schemas"]!.DeepClone(),
        };
        return JsonSchema.FromText(selfContained.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
    }

    private static string Truncate(ReadOnlySpan<byte> body) => System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 400)]);
}

/// <summary>One operation of the document.</summary>
internal sealed record Operation(string Path, string Method, JsonObject Definition)
{
    public string Id => Definition["operationId"]!.GetValue<string>();

    public IEnumerable<JsonObject> Parameters => Definition["parameters"]?.AsArray().Select(parameter => parameter!.AsObject()) ?? [];

    public JsonObject Responses => Definition["responses"]!.AsObject();

    /// <summary>The request bodies by content type; null if the operation has none.</summary>
    public JsonObject? Bodies => Definition["requestBody"]?["content"]?.AsObject();

    /// <summary>The required scope of the API key: "ingest" or "operate"; null if the operation is public.</summary>
    public string? Scope => Definition["security"]?.AsArray().Select(requirement => requirement!.AsObject().Select(scheme => scheme.Key).FirstOrDefault())
        .Where(scheme => scheme is "ingestKey" or "operateKey").Select(scheme => scheme![..^3]).FirstOrDefault();

    /// <summary>The path with values for its parameters.</summary>
    /// <param name="valueOf">Returns the value of a path parameter.</param>
    public string PathWith(Func<JsonObject, string> valueOf) => Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "path")
        .Aggregate(Path, (path, parameter) => path.Replace($"{{{parameter["name"]}}}", Uri.EscapeDataString(valueOf(parameter)), StringComparison.Ordinal));

    public override string ToString() => $"{Method} {Path}";
}
