using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Titanic.Web.Access;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// The OpenAPI document at <c>/openapi/v1.json</c>. Endpoints, parameters and types are described where they are declared; what holds for
/// all of them is added here.
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
    public static void MapApiDocument(this WebApplication app) => app.MapOpenApi(Path).CacheOutput();
}

/// <summary>General information in the document: title, server, tags and security schemes.</summary>
internal static class ApiInformation
{
    public const string IngestKey = "ingestKey", OperateKey = "operateKey", PredictKey = "predictKey", Cookie = "cookie";

    private static readonly Dictionary<string, string> _tags = new()
    {
        ["Feature store"] = "Passengers, outcomes, commits, validation, statistics, feature views and training datasets. Every read can be as of a commit, a day or an instant.",
        ["Feedback"] = "Feedback on predictions.",
        ["MLflow"] = "The protocol of MLflow's scoring server.",
        ["Model registry"] = "Model versions with their evidence, aliases with their history, archives and reproductions.",
        ["Monitoring"] = "Prediction traffic.",
        ["Open Inference Protocol"] = "The Open Inference Protocol, version 2, over REST.",
        ["Pipelines"] = "Runs of the pipelines, and their lineage.",
        ["Predictions"] = "Predictions of the model in service, their receipts and explanations.",
    };

    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Titanic",
            Version = typeof(ApiInformation).Assembly.GetName().Version!.ToString(3),
            Summary = "A whole machine-learning workflow in one process.",
            Description = "Reading and predicting are public; everything else that writes needs an API key or the administrator's sign-in. "
                + "Errors are problems (RFC 9457) that say which value was seen and which are allowed. Members and parameters that do not exist are refused, "
                + "and a page of a list has the address of the next. Times are UTC.",
            Contact = new OpenApiContact { Name = "Whoever runs this site" },
            License = new OpenApiLicense { Name = "Titanic; the credits of its parts are in NOTICE.md", Identifier = "LicenseRef-Titanic" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "The process that serves this document." }];
        document.Tags = _tags.Select(tag => new OpenApiTag { Name = tag.Key, Description = tag.Value }).ToHashSet();
        document.Components!.Schemas!.Remove(nameof(ProblemDetails)); // StandardResponses has put another in their place
        document.Components.Schemas.Remove(nameof(HttpValidationProblemDetails));
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [IngestKey] = Key("ingest", "allows sending passengers and outcomes"),
            [OperateKey] = Key("operate", "allows starting runs, moving aliases and changing the registry"),
            [PredictKey] = Key("predict", "gives the caller a name and a rate limit of its own; predicting is public"),
            [Cookie] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = AccessModule.CookieName,
                Description = "The administrator's sign-in at /login. A request that writes also needs the page's antiforgery token in "
                    + $"{CookieAntiforgery.Header}, or its status is 400.",
            },
        };
        return Task.CompletedTask;
    }

    private static OpenApiSecurityScheme Key(string scope, string does) => new()
    {
        Type = SecuritySchemeType.ApiKey,
        In = ParameterLocation.Header,
        Name = ApiKeyAuthentication.Header,
        Description = $"A program's key of scope {scope}, which {does}. It is made by `create-api-key --name NAME --scope {scope}` and shown once.",
    };
}
