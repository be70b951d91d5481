using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>Takes out the schemas that nothing refers to any more, since the framework's problems are told by one of ours.</summary>
internal static class UsedSchemas
{
    private const string Schemas = "#/components/schemas/";

    public static async Task Keep(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        if (document.Components?.Schemas is not { } schemas)
            return;
        var written = JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellation))!;
        var used = new HashSet<string>();
        var next = new Queue<JsonNode>([written["paths"]!, written["components"]!["responses"]!]);
        while (next.TryDequeue(out var part))
        {
            foreach (var name in Referred(part).Where(used.Add).ToList())
                next.Enqueue(written["components"]!["schemas"]![name]!);
        }
        foreach (var unused in schemas.Keys.Except(used).ToList())
            schemas.Remove(unused);
    }

    private static IEnumerable<string> Referred(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member is { Key: "$ref", Value: JsonValue address } && address.GetValue<string>().StartsWith(Schemas, StringComparison.Ordinal)
            ? [address.GetValue<string>()[Schemas.Length..]]
            : Referred(member.Value)),
        JsonArray items => items.SelectMany(Referred),
        _ => [],
    };
}
