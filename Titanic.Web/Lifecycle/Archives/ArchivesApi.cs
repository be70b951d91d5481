using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary><c>GET /api/models/{version}/archive</c> and <c>POST /api/models/archives</c>.</summary>
internal static class ArchivesApi
{
    private const string Zip = "application/zip";

    public static void MapArchivesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/models").WithTags("Model registry");
        api.MapGet("{version}/archive", Download).WithName("downloadArchive").WithSummary("Export a model version")
            .WithDescription("One zip file with model, model card, metrics, training rows and digests; the same bytes for each download.")
            .Produces<Stream>(StatusCodes.Status200OK, Zip)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .LimitCostlyReads();
        api.MapPost("archives", Import).WithName("importArchive").WithSummary("Import a model version")
            .WithDescription("Verifies digests, rows, artifact, prediction and metrics, and registers the version with the verdict HOLD.")
            .Accepts<Stream>(Zip)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
    }

    internal static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> Download(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version,
        HttpResponse response, ModelRegistry registry, ArchiveExport export, CancellationToken cancellation)
    {
        if (await registry.Find(version, cancellation) is not { } found)
            return Problem(ModelRegistry.NotFoundMessage(version), StatusCodes.Status404NotFound);
        try
        {
            var archive = await export.Write(found, cancellation);
            response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(archive.Sha256))}:";
            return TypedResults.File(archive.Content, Zip, archive.Name, entityTag: new EntityTagHeaderValue($"\"{archive.Sha256}\""));
        }
        catch (Exception failure) when (failure is InvalidDataException or InvalidArchiveException)
        {
            return Problem(failure.Message, StatusCodes.Status409Conflict);
        }
    }

    internal static async Task<Results<Created<ImportResponse>, Ok<ImportResponse>, ProblemHttpResult>> Import(
        HttpRequest request, ArchiveImport import, ClaimsPrincipal user, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(request.ContentType)) // routing rejects every other type
            return Problem(ErrorText.ContentType(null, [Zip]), StatusCodes.Status415UnsupportedMediaType);
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding)
            return Problem(ErrorText.ContentEncoding(encoding.ToString()), StatusCodes.Status415UnsupportedMediaType);
        if (request.ContentLength > ArchiveLayout.MaximumBytes)
            return Problem(InvalidArchiveException.TooLarge(request.ContentLength.Value).Message, StatusCodes.Status413PayloadTooLarge);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = ArchiveLayout.MaximumBytes + 1; // the import rejects larger bodies with a clear message
        try
        {
            var imported = await import.Import(request.Body, AuditLog.CallerName(user), cancellation);
            var response = new ImportResponse(imported.Version.Version, imported.IsNew, imported.ToString(), imported.Sha256, imported.Checks);
            return imported.IsNew ? TypedResults.Created($"/api/models/{response.Version}", response) : TypedResults.Ok(response);
        }
        catch (InvalidArchiveException invalid)
        {
            return Problem(invalid.Message, invalid.IsTooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>The result of an import.</summary>
/// <param name="Version">Number of the version in this store.</param>
/// <param name="IsNew">False when a version with the same artifact existed already; nothing was stored.</param>
/// <param name="Summary">The result as text for people.</param>
/// <param name="ArchiveSha256">Digest of the archive; lower-case hexadecimal.</param>
/// <param name="Checks">The checks that were made, in order.</param>
internal sealed record ImportResponse(int Version, bool IsNew, string Summary, string ArchiveSha256, IReadOnlyList<IntegrityCheck> Checks);
