using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// Lists that programs send as JSON. A row that breaks a rule is told in the answer and not refused with the list, so these say how a good
/// row looks; members that are not read are told too.
/// </summary>
internal static class ListSchemas
{
    public static OpenApiSchema Passengers() => List(
        ["passengerId", "pclass", "name", "sex"],
        ("passengerId", Id()),
        ("name", Member(JsonSchemaType.String, "As the list writes it.")),
        ("pclass", Member(JsonSchemaType.Integer, "1, 2 or 3.", [1, 2, 3])),
        ("sex", Member(JsonSchemaType.String, "In any case of letters.", ["male", "female"])),
        ("age", Member(JsonSchemaType.Number | JsonSchemaType.Null, "Years; null where it is not known.")),
        ("fare", Member(JsonSchemaType.Number | JsonSchemaType.Null, "Pounds; null where it is not known.")),
        ("survived", Member(JsonSchemaType.Boolean | JsonSchemaType.Integer | JsonSchemaType.Null, "Left out while it is not known.")),
        ("eventTime", Instant("When the passenger sailed; now when it is left out.")));

    public static OpenApiSchema Outcomes() => List(
        ["passengerId", "survived"],
        ("passengerId", Id()),
        ("survived", Member(JsonSchemaType.Boolean | JsonSchemaType.Integer, "true, false, 1 or 0.")),
        ("source", Member(JsonSchemaType.String | JsonSchemaType.Null, "Of the passenger; the parameter's when it is left out.", [.. PassengerSources.All.Select(source => (JsonNode)source), JsonNullSentinel.JsonNull])),
        ("knownAt", Instant("When it became known; now when it is left out.")));

    private static OpenApiSchema List(string[] required, params (string Name, OpenApiSchema Schema)[] members) => new()
    {
        Type = JsonSchemaType.Array,
        Items = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string>(required),
            Properties = members.ToDictionary(member => member.Name, member => (IOpenApiSchema)member.Schema),
        },
    };

    private static OpenApiSchema Id() => Member(JsonSchemaType.Integer | JsonSchemaType.String, "The passenger's number in its source; sent again it is the same passenger.");

    private static OpenApiSchema Instant(string description) => new() { Type = JsonSchemaType.String | JsonSchemaType.Null, Format = "date-time", Description = description };

    private static OpenApiSchema Member(JsonSchemaType type, string description, List<JsonNode>? words = null) => new() { Type = type, Description = description, Enum = words };
}
