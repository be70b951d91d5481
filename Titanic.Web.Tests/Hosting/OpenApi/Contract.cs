using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>A site's document as a program reads it, and the judge of what the site answers.</summary>
internal sealed class Contract(JsonObject document)
{
    private static readonly EvaluationOptions _strict = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly ConcurrentDictionary<string, JsonSchema> _schemas = new();

    public JsonObject Document { get; } = document;

    public IReadOnlyList<Operation> Operations { get; } = [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
        .Select(method => new Operation(path.Key, method.Key.ToUpperInvariant(), method.Value!.AsObject())))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Contract> Of(TitanicSite site) =>
        new(JsonNode.Parse(await site.Client.GetStringAsync("/openapi/v1.json", Cancellation))!.AsObject());

    /// <summary>The node itself, or what it refers to.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        var found = node.AsObject();
        while (found["$ref"] is { } address)
            found = address.GetValue<string>()[2..].Split('/').Aggregate((JsonNode)Document, (at, step) => at[step]!).AsObject();
        return found;
    }

    /// <summary>What is wrong with an answer: a status, a content type or a body that the document does not tell; null where nothing is.</summary>
    public async Task<string?> ProblemOf(Operation operation, HttpResponseMessage answer)
    {
        var status = $"{(int)answer.StatusCode}";
        var body = await answer.Content.ReadAsByteArrayAsync(Cancellation);
        if (operation.Responses[status] is not { } told)
            return $"status {status} is not documented: {Start(body)}";
        if (status.StartsWith('5'))
            return $"status {status}: {Start(body)}";
        if (Resolve(told)["content"] is not JsonObject kinds)
            return body.Length == 0 ? null : $"status {status} has a body that is not documented: {Start(body)}";
        if (answer.Content.Headers.ContentType is not { MediaType: { } type } || kinds[type] is not { } kind)
            return $"status {status} has the content type {answer.Content.Headers.ContentType}; documented are {string.Join(", ", kinds.Select(one => one.Key))}";
        return type.EndsWith("json", StringComparison.Ordinal) ? ProblemOf(kind["schema"]!, body) : null;
    }

    /// <summary>Why a JSON text does not fit a schema of the document.</summary>
    public string? ProblemOf(JsonNode schema, ReadOnlyMemory<byte> json)
    {
        using var value = JsonDocument.Parse(json);
        var result = _schemas.GetOrAdd(schema.ToJsonString(), Build).Evaluate(value.RootElement, _strict);
        return result.IsValid ? null : string.Join("; ", result.Details!.Where(detail => detail.Errors is not null)
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}")).Distinct().Take(5)) + $" in {Start(json.Span)}";
    }

    private JsonSchema Build(string schema)
    {
        var alone = JsonNode.Parse(schema)!.AsObject();
        var whole = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["allOf"] = new JsonArray(alone), ["$defs"] = Document["components"]!["schemas"]!.DeepClone() };
        return JsonSchema.FromText(whole.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
    }

    private static string Start(ReadOnlySpan<byte> body) => System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 400)]);
}

/// <summary>One operation of the document.</summary>
internal sealed record Operation(string Path, string Method, JsonObject Told)
{
    public string Id => Told["operationId"]!.GetValue<string>();

    public IEnumerable<JsonObject> Parameters => Told["parameters"]?.AsArray().Select(parameter => parameter!.AsObject()) ?? [];

    public JsonObject Responses => Told["responses"]!.AsObject();

    /// <summary>By content type.</summary>
    public JsonObject? Bodies => Told["requestBody"]?["content"]?.AsObject();

    /// <summary>Scope of the key that it needs: "ingest", "operate" or null.</summary>
    public string? Scope => Told["security"]?.AsArray().Select(way => way!.AsObject().Select(scheme => scheme.Key).FirstOrDefault())
        .Where(scheme => scheme is "ingestKey" or "operateKey").Select(scheme => scheme![..^3]).FirstOrDefault();

    /// <param name="valueOf">What to put in the place of a path's parameter.</param>
    public string PathWith(Func<JsonObject, string> valueOf) => Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "path")
        .Aggregate(Path, (path, parameter) => path.Replace($"{{{parameter["name"]}}}", Uri.EscapeDataString(valueOf(parameter)), StringComparison.Ordinal));

    public override string ToString() => $"{Method} {Path}";
}
