using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Titanic.Web.Access;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// The OpenAPI document at <c>/openapi/v1.json</c>. Endpoints, parameters and types are described where they are declared; this class adds
/// what applies to all of them.
/// </summary>
internal static class ApiDocument
{
    public const string Path = "/openapi/v1.json";

    public static IServiceCollection AddApiDocument(this IServiceCollection services)
    {
        services.AddOpenApi(document =>
        {
            document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            document.CreateSchemaReferenceId = type =>
                type.Type == typeof(Sex) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            document.AddSchemaTransformer(DeclaredValues.Describe);
            document.AddOperationTransformer(DeclaredValues.Describe);
            document.AddOperationTransformer(StandardResponses.Describe);
            document.AddDocumentTransformer(ApiInformation.Describe);
        });
        return services.AddOutputCache();
    }

    /// <summary>The document depends on neither the request nor the data, so it is generated once a minute at most.</summary>
    public static void MapApiDocument(this WebApplication app) => app.MapOpenApi(Path)
        .CacheOutput(policy => policy.SetLocking(false)); // with a lock, a client that disconnects fails the requests that wait for its response
}

/// <summary>General information in the document: title, server, tags and security schemes.</summary>
internal static class ApiInformation
{
    public const string IngestKey = "ingestKey", OperateKey = "operateKey", PredictKey = "predictKey", Cookie = "cookie";

    private static readonly Dictionary<string, string> _tags = new()
    {
        ["Alerts"] = "Alerts with their history.",
        ["Feature store"] = "Passengers, outcomes, commits, validation, statistics, feature views and training datasets. "
            + "Every read can be as of a commit, a day or an instant.",
        ["Feedback"] = "Feedback on predictions.",
        ["MLflow"] = "The protocol of the MLflow scoring server.",
        ["Model registry"] = "Model versions and their metrics, aliases and their history, archives and reproductions.",
        ["Monitoring"] = "Prediction traffic.",
        ["Open Inference Protocol"] = "The Open Inference Protocol, version 2, over REST.",
        ["Pipelines"] = "Pipeline runs and their lineage.",
        ["Predictions"] = "Predictions of the champion, their receipts and explanations.",
    };

    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Titanic",
            Version = typeof(ApiInformation).Assembly.GetName().Version!.ToString(3),
            Summary = "A complete machine-learning workflow in one process.",
            Description = "Reading, except rejected rows, feedback and errors, and predicting are public unless the setting Access:Read is signed-in; "
                + "all other writes require an API key or the sign-in of an operator. "
                + "Errors are problem details (RFC 9457) with the value received and the values allowed. "
                + "Unknown members and parameters are rejected. A page of a list contains the URL of the next page. Times are UTC.",
            Contact = new OpenApiContact { Name = "The operator of this site" },
            License = new OpenApiLicense
            {
                Name = "Titanic; the notices of third-party components are in NOTICE.md",
                Identifier = "LicenseRef-Titanic",
            },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "The process that serves this document." }];
        document.Tags = _tags.Select(tag => new OpenApiTag { Name = tag.Key, Description = tag.Value }).ToHashSet();
        document.Components!.Schemas!.Remove(nameof(ProblemDetails)); // StandardResponses adds another schema for both
        document.Components.Schemas.Remove(nameof(HttpValidationProblemDetails));
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [IngestKey] = Key("ingest", "allows sending passengers and outcomes"),
            [OperateKey] = Key("operate", "allows starting runs, moving aliases and changing the registry"),
            [PredictKey] = Key("predict", "identifies the client and gives it a rate limit of its own; predicting is public"),
            [Cookie] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = AccessModule.CookieName,
                Description = "The cookie of a sign-in at /login of an account with the role operator or admin. A request that writes also requires the page's "
                    + $"antiforgery token in the header {CookieAntiforgery.Header}; without it the status is 400.",
            },
        };
        return Task.CompletedTask;
    }

    private static OpenApiSecurityScheme Key(string scope, string permission) => new()
    {
        Type = SecuritySchemeType.ApiKey,
        In = ParameterLocation.Header,
        Name = ApiKeyAuthentication.Header,
        Description = $"An API key of scope {scope}, which {permission}. "
            + $"`api-key create --name NAME --scope {scope}` creates it and shows it once.",
    };
}
