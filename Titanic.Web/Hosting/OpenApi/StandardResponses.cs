using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Titanic.Web.Access;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// Adds to each operation its security requirements and, below <c>/api</c>, its error responses: those that it declares and those that
/// follow from its parameters, body, policy and method. All of them are problem details.
/// </summary>
internal static class StandardResponses
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var endpoint = context.Description.ActionDescriptor.EndpointMetadata;
        var policy = endpoint.OfType<IAuthorizeData>().Select(rule => rule.Policy).FirstOrDefault();
        var predicts = endpoint.OfType<EnableRateLimitingAttribute>().Any(limit => limit.PolicyName == RateLimits.Predicting);
        operation.Security = policy switch
        {
            null when predicts => [[], Require(ApiInformation.PredictKey, context)],
            null => [],
            _ =>
            [
                Require(AccessPolicies.ScopeOf(policy) == ApiKeyScope.Ingest ? ApiInformation.IngestKey : ApiInformation.OperateKey, context),
                Require(ApiInformation.Cookie, context),
            ],
        };
        if (!context.Description.RelativePath!.StartsWith("api/", StringComparison.Ordinal))
            return Task.CompletedTask; // the protocols define their own errors
        ProblemResponses.AddTo(context.Document!);
        int[] following =
        [
            400, // every endpoint rejects unknown query parameters
            .. policy is null ? [] : new[] { 401, 403 },
            .. context.Description.RelativePath.Contains('{') ? [404] : Array.Empty<int>(),
            .. operation.RequestBody is null ? [] : new[] { 413, 415 },
            .. context.Description.HttpMethod is "GET" ? Array.Empty<int>() : [429],
            503,
        ];
        foreach (var status in following.Union(operation.Responses!.Keys.Select(int.Parse).Where(status => status >= 400)).Order())
            operation.Responses[$"{status}"] = new OpenApiResponseReference(ProblemResponses.NameOf(status), context.Document);
        return Task.CompletedTask;
    }

    private static OpenApiSecurityRequirement Require(string scheme, OpenApiOperationTransformerContext context) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] };
}

/// <summary>The error responses as components of the document: one schema, and one response with an example for each status.</summary>
internal static class ProblemResponses
{
    private const string SchemaName = "Problem";

    private const string Schema = """
        {"type": "object", "description": "Problem details as defined by RFC 9457. Some errors have additional members.",
         "required": ["type", "title", "status"], "properties": {
           "type": {"type": "string", "format": "uri-reference", "description": "The stable URI of the error type."},
           "title": {"type": "string"},
           "status": {"type": "integer", "minimum": 400, "maximum": 599},
           "detail": {"type": "string", "description": "The error in this request and the values allowed."},
           "instance": {"type": "string", "format": "uri-reference"},
           "traceId": {"type": "string", "description": "Identifies the request in the log."},
           "errors": {"type": "object", "description": "Messages by field.",
             "additionalProperties": {"type": "array", "items": {"type": "string"}}}}}
        """;

    private static readonly (int Status, string Name, string Description, string Example)[] _all =
    [
        (400, "BadRequest", "A parameter or the body is not valid; nothing was done.",
            "The parameter limit is \"0\"; it must be a whole number between 1 and 200."),
        (401, "Unauthorized", "The request has neither a valid API key nor the cookie of a sign-in.",
            "Sign in at /login, or send an API key in X-Api-Key."),
        (403, "Forbidden", "The API key has another scope.",
            "This request requires an API key of scope operate; the API key loader has scope ingest."),
        (404, "NotFound", "The resource does not exist.", NotFoundText.Run(17)),
        (409, "Conflict", "The current state does not allow it; nothing was done.",
            "The alias previous is set automatically and cannot be set by a request; to roll back to it, POST /api/models/aliases/champion/rollback."),
        (413, "TooLarge", "The body is too long; nothing was done.",
            "The body has 4,194,305 bytes; it must have at most 4,194,304 bytes. Nothing was done."),
        (415, "UnsupportedMediaType", "The content type of the body is not supported; nothing was done.",
            "The content type is \"text/plain\"; it must be application/json."),
        (422, "UnprocessableContent", "The request is valid but cannot be carried out; nothing was done.",
            "The reason is empty; it must have 1 to 500 characters."),
        (429, "TooManyRequests", "Too many requests; nothing was done.",
            "Too many requests from your address; the limit is 300 write requests per minute. "
            + "Nothing was done; try again in 1 s."),
        (503, "Unavailable", "The database does not respond, there is no champion, the process is starting, or too many costly requests wait; nothing was done.",
            "The database does not respond. Nothing was changed; try again in a moment."),
    ];

    public static string NameOf(int status) => _all.Single(problem => problem.Status == status).Name;

    public static void AddTo(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        if (document.Components.Responses is not null)
            return;
        document.Components.Responses = new Dictionary<string, IOpenApiResponse>();
        var schema = OpenApiModelFactory.Parse<OpenApiSchema>(Schema, OpenApiSpecVersion.OpenApi3_1, document, out _)!;
        document.AddComponent<IOpenApiSchema>(SchemaName, schema);
        foreach (var (status, name, description, detail) in _all)
        {
            var problem = TypedResults.Problem(detail, statusCode: status).ProblemDetails;
            problem.Type ??= "about:blank";
            document.Components.Responses[name] = new OpenApiResponse
            {
                Description = description,
                Headers = status is 429 or 503
                    ? new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = RetryAfter(isRequired: status == 429) }
                    : null,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new OpenApiMediaType
                    {
                        Schema = new OpenApiSchemaReference(SchemaName, document),
                        Example = JsonSerializer.SerializeToNode(problem),
                    },
                },
            };
        }
    }

    private static OpenApiHeader RetryAfter(bool isRequired) => new()
    {
        Description = isRequired ? "Seconds until the next request is allowed." : "Seconds until the next attempt, if known.",
        Required = isRequired,
        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
    };
}
