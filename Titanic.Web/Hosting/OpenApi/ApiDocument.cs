using System.Security.Cryptography;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// The contract of every JSON endpoint at <c>/openapi/v1.json</c>. Names, summaries and statuses that are an endpoint's own stand with the
/// endpoint, descriptions of members in the types' documentation; what holds for many is added here.
/// </summary>
internal static class ApiDocument
{
    public const string Path = "/openapi/v1.json";
    private const string Name = "v1";

    public static IServiceCollection AddApiDocument(this IServiceCollection services)
    {
        services.AddOpenApi(Name, document =>
        {
            document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            document.CreateSchemaReferenceId = SchemaNames.Of;
            document.AddSchemaTransformer(SchemaWords.Describe);
            document.AddOperationTransformer(ParameterWords.Describe);
            document.AddOperationTransformer(Bodies.Describe);
            document.AddOperationTransformer(StandardAnswers.Describe);
            document.AddOperationTransformer(RequestExamples.Describe);
            document.AddOperationTransformer(AnswerExamples.Describe);
            document.AddDocumentTransformer(ApiInformation.Describe);
            document.AddDocumentTransformer(UsedSchemas.Keep);
        });
        return services.AddSingleton<WrittenDocument>();
    }

    public static void MapApiDocument(this WebApplication app) => app
        .MapGet(Path, async (WrittenDocument document, CancellationToken cancellation) =>
        {
            var (bytes, tag) = await document.Read(cancellation);
            return Results.Bytes(bytes, "application/json", entityTag: tag);
        })
        .ExcludeFromDescription();

    /// <summary>Written once: it says nothing of the request, so that it is the same bytes for everyone and after every start.</summary>
    private sealed class WrittenDocument([FromKeyedServices(Name)] IOpenApiDocumentProvider documents)
    {
        private (byte[] Bytes, EntityTagHeaderValue Tag)? _written;

        public async Task<(byte[] Bytes, EntityTagHeaderValue Tag)> Read(CancellationToken cancellation)
        {
            if (_written is { } before)
                return before;
            var document = await documents.GetOpenApiDocumentAsync(cancellation);
            using var text = new MemoryStream();
            await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1, cancellation);
            var bytes = text.ToArray();
            (byte[], EntityTagHeaderValue) written = (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\""));
            _written = written;
            return written;
        }
    }
}
