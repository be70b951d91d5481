using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>Bodies that the framework cannot see, because they are read or written as they come: lists, archives, one question or many.</summary>
internal static class Bodies
{
    public static async Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        switch (operation.OperationId)
        {
            case "predict":
                var question = await Component<PredictionInput>(context, cancellation);
                operation.RequestBody = Taken("One question, or an array of them.", ("application/json", OneOrMany(question)));
                var answer = await Component<PredictionAnswer>(context, cancellation);
                operation.Responses!["200"] = Given("The answer, or an answer to each question in their order.", ("application/json", OneOrMany(answer)));
                operation.Parameters ??= [];
                if (operation.Parameters.All(parameter => parameter.Name != IdempotencyKey))
                    operation.Parameters.Add(Idempotency());
                break;
            case "sendPassengers":
                operation.RequestBody = Taken("A list in UTF-8; members and columns are found by name in any case.", ("application/json", ListSchemas.Passengers()), ("text/csv", Text()));
                break;
            case "sendOutcomes":
                operation.RequestBody = Taken("A list in UTF-8; members and columns are found by name in any case.", ("application/json", ListSchemas.Outcomes()), ("text/csv", Text()));
                break;
            case "scoreByMlflow":
                operation.RequestBody!.Content!["text/csv"] = new OpenApiMediaType { Schema = Text() };
                break;
            case "importArchive":
                operation.RequestBody = Taken("An archive as downloadArchive gives it.", ("application/zip", Bytes()));
                break;
            case "downloadArchive":
                operation.Responses!["200"] = Given("The archive.", ("application/zip", Bytes()));
                break;
            case "downloadTrainingDataset":
                operation.Responses!["200"] = Given("The rows.", ("text/csv", Text()), ("application/vnd.apache.parquet", Bytes()));
                break;
        }
    }

    private const string IdempotencyKey = "Idempotency-Key";

    private static OpenApiParameter Idempotency() => new()
    {
        Name = IdempotencyKey,
        In = ParameterLocation.Header,
        Description = "A name for this request: sent again with the same body it gets the same answer, and one row is stored.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
    };

    private static async Task<OpenApiSchemaReference> Component<T>(OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellation);
        context.Document!.AddComponent<IOpenApiSchema>(typeof(T).Name, schema);
        return new OpenApiSchemaReference(typeof(T).Name, context.Document);
    }

    private static OpenApiSchema OneOrMany(IOpenApiSchema one) => new()
    {
        OneOf = [one, new OpenApiSchema { Type = JsonSchemaType.Array, Items = one, MinItems = 1, MaxItems = PredictionsApi.MaximumInputs }],
    };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Bytes() => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static OpenApiRequestBody Taken(string description, params (string Type, OpenApiSchema Schema)[] kinds) =>
        new() { Description = description, Required = true, Content = Content(kinds) };

    private static OpenApiResponse Given(string description, params (string Type, OpenApiSchema Schema)[] kinds) =>
        new() { Description = description, Content = Content(kinds) };

    private static Dictionary<string, OpenApiMediaType> Content((string Type, OpenApiSchema Schema)[] kinds) =>
        kinds.ToDictionary(kind => kind.Type, kind => new OpenApiMediaType { Schema = kind.Schema });
}

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
