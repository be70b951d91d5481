using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.OpenApi;
using Titanic.Web.Access;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// The error responses of each operation, its own and those that follow from what it takes: a parameter can be wrong, a body too large, a key
/// missing, and a database away. Below <c>/api</c> every refusal is a problem.
/// </summary>
internal static class StandardResponses
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var endpoint = context.Description.ActionDescriptor.EndpointMetadata;
        var needs = endpoint.OfType<IAuthorizeData>().Select(rule => rule.Policy).FirstOrDefault();
        var predicts = endpoint.OfType<EnableRateLimitingAttribute>().Any();
        operation.Security = needs switch
        {
            null when predicts => [[], Shown(ApiInformation.PredictKey, context)],
            null => [],
            _ => [Shown(AccessPolicies.ScopeOf(needs) == ApiKeyScope.Ingest ? ApiInformation.IngestKey : ApiInformation.OperateKey, context), Shown(ApiInformation.Cookie, context)],
        };

        if (!context.Description.RelativePath!.StartsWith("api/", StringComparison.Ordinal))
            return Task.CompletedTask; // protocols of others have their own ways to refuse
        operation.Responses ??= [];
        ProblemResponses.AddTo(context.Document!);
        var writes = context.Description.HttpMethod is not "GET";
        int[] following =
        [
            400, // a query that does not exist, if nothing else
            .. needs is null ? [] : new[] { 401, 403 },
            .. context.Description.RelativePath.Contains('{') ? [404] : Array.Empty<int>(),
            .. operation.RequestBody is null ? [] : new[] { 413, 415 },
            .. writes || predicts ? [429] : Array.Empty<int>(),
            503,
        ];
        foreach (var status in following.Concat(operation.Responses.Keys.Select(int.Parse).Where(status => status >= 400)).Distinct().Order().ToList())
            operation.Responses[$"{status}"] = new OpenApiResponseReference(ProblemResponses.NameOf(status), context.Document);
        return Task.CompletedTask;
    }

    private static OpenApiSecurityRequirement Shown(string scheme, OpenApiOperationTransformerContext context) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] };
}

/// <summary>Problems as components of the document: one schema, and one response with an example for each status.</summary>
internal static class ProblemResponses
{
    private const string Schema = "Problem";

    private static readonly (int Status, string Name, string Title, string Section, string Description, string Example)[] _all =
    [
        (400, "BadRequest", "Bad Request", "9110#section-15.5.1", "A parameter or the body cannot be understood; nothing was done.", "The limit is 0; it must be 1 to 200."),
        (401, "Unauthorized", "Unauthorized", "9110#section-15.5.2", "Nobody is known by what was shown.", "Sign in at /login, or send an API key in X-Api-Key."),
        (403, "Forbidden", "Forbidden", "9110#section-15.5.4", "The key has another scope.", "This needs a key of scope operate; the API key loader has scope ingest."),
        (404, "NotFound", "Not Found", "9110#section-15.5.5", "There is no such thing.", "There is no run 17."),
        (409, "Conflict", "Conflict", "9110#section-15.5.10", "It cannot be done as things stand; nothing was done.", "previous follows the champion by itself and cannot be set; to go back to it, POST /api/models/aliases/champion/rollback."),
        (413, "TooLarge", "Content Too Large", "9110#section-15.5.14", "The body is longer than is allowed; nothing was done.", "The body has 1048577 bytes; it must have at most 1048576."),
        (415, "UnsupportedMediaType", "Unsupported Media Type", "9110#section-15.5.16", "The body is of another kind than is taken; nothing was done.", "The content type is \"text/plain\"; it must be application/json."),
        (422, "UnprocessableContent", "Unprocessable Entity", "4918#section-11.2", "It can be understood but not be done; nothing was done.", "The reason is empty; it must have 1 to 500 characters."),
        (429, "TooManyRequests", "Too Many Requests", "6585#section-4", "More requests came than are allowed; nothing was done.", "There were more requests from your address than are allowed: 300 requests that write a minute. Nothing was done; try again in 1 s."),
        (503, "Unavailable", "Service Unavailable", "9110#section-15.6.4", "The database does not answer, no model is in service, or the process is starting; nothing was done.", "The database does not answer. Nothing was changed; try again in a moment."),
    ];

    public static string NameOf(int status) => _all.Single(refusal => refusal.Status == status).Name;

    public static void AddTo(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>();
        if (document.Components.Responses.Count > 0)
            return;
        document.AddComponent<IOpenApiSchema>(Schema, Problem());
        foreach (var (status, name, title, section, description, example) in _all)
        {
            document.Components.Responses[name] = new OpenApiResponse
            {
                Description = description,
                Headers = status is 429 or 503 ? new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = Wait(status) } : null,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new OpenApiMediaType
                    {
                        Schema = new OpenApiSchemaReference(Schema, document),
                        Example = new JsonObject { ["type"] = $"https://tools.ietf.org/html/rfc{section}", ["title"] = title, ["status"] = status, ["detail"] = example },
                    },
                },
            };
        }
    }

    private static OpenApiHeader Wait(int status) => new()
    {
        Description = status == 429 ? "Seconds after which the next request is allowed." : "Seconds after which to ask again, where it can be told.",
        Required = status == 429,
        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
    };

    private static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "What went wrong, as RFC 9457 tells it. Some refusals tell more in further members.",
        Required = new HashSet<string> { "type", "title", "status" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference", Description = "The kind of refusal; stable." },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "400", Maximum = "599" },
            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "A sentence for whoever sent the request." },
            ["instance"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" },
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Finds the request in the log." },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Sentences by the field that they are about.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        },
    };
}
