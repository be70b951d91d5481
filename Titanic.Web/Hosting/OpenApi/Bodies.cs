using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
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
