using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary><c>POST /api/passengers</c> and <c>DELETE /api/passengers/{source}/{key}</c>.</summary>
internal static class IngestionApi
{
    private const string Csv = "text/csv";

    private static readonly string[] _sourcesOfSenders = [PassengerSources.Api, PassengerSources.Upload];

    public static void MapIngestionApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Feature store").RequireAuthorization(AccessPolicies.Ingest).RequireAntiforgeryForCookies();
        api.MapPost("/passengers", PostPassengers);
        api.MapDelete("/passengers/{source}/{key}", Delete);
    }

    /// <param name="source">Of the rows: "api" (default) or "upload", which is history.</param>
    /// <param name="policy">"always" (default) keeps the good rows; "strict" refuses everything for one broken expectation.</param>
    private static async Task<Results<Ok<IngestionAnswer>, ProblemHttpResult>> PostPassengers(
        HttpRequest request, string? source, string? policy, Uploads uploads, IngestionAnswers answers, IOptions<PassengersOptions> options, ClaimsPrincipal user, CancellationToken cancellation)
    {
        source ??= PassengerSources.Api;
        if (!_sourcesOfSenders.Contains(source))
            return Problem($"The source is \"{source}\"; it must be {string.Join(" or ", _sourcesOfSenders)}.", StatusCodes.Status400BadRequest);
        if (PolicyOf(policy) is not { } chosen)
            return Problem($"The policy is \"{policy}\"; it must be always or strict.", StatusCodes.Status400BadRequest);
        if (!IsCsv(request))
            return Problem($"The content type is \"{request.ContentType}\"; it must be {Csv}.", StatusCodes.Status415UnsupportedMediaType);

        var limit = options.Value.MaximumFileSizeInBytes;
        if (request.ContentLength > limit)
            return IngestionAnswers.TooLarge(limit);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit; // the server's own limit is for requests that are held in memory

        var upload = new Upload(request.Body, source, chosen, RunTrigger.Api, AuditLog.NameOf(user));
        return await answers.Of(await uploads.TakePassengers(upload, cancellation), limit, cancellation);
    }

    private static async Task<Results<Ok<DeletionAnswer>, ProblemHttpResult>> Delete(
        string source, string key, FeatureReader features, Uploads uploads, ClaimsPrincipal user, CancellationToken cancellation)
    {
        if (await features.IsKnown(source, key, cancellation))
        {
            var (run, result) = await uploads.Delete(source, key, RunTrigger.Api, AuditLog.NameOf(user), cancellation);
            IngestionAnswers.ThrowUnexpected(run);
            if (result is { Deleted: > 0 })
                return TypedResults.Ok(new DeletionAnswer(run.RunId, result.CommitId!.Value, result.Deleted));
        }
        return Problem($"There is no passenger \"{key}\" of source \"{source}\".", StatusCodes.Status404NotFound);
    }

    private static IngestionPolicy? PolicyOf(string? text) => text switch
    {
        null or "always" => IngestionPolicy.Always,
        "strict" => IngestionPolicy.Strict,
        _ => null,
    };

    private static bool IsCsv(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase);

    private static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);
}
