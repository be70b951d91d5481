using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary><c>POST /api/passengers</c>, <c>POST /api/outcomes</c> and <c>DELETE /api/passengers/{source}/{key}</c>.</summary>
internal static class IngestionApi
{
    private const string Csv = "text/csv", Json = "application/json";

    internal static IReadOnlyList<string> SourcesOfSenders { get; } = [PassengerSources.Api, PassengerSources.Upload];

    public static void MapIngestionApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Feature store").RequireAuthorization(AccessPolicies.Ingest).RequireAntiforgeryForCookies();
        api.MapPost("/passengers", PostPassengers).WithName("sendPassengers")
            .WithSummary("Send passengers")
            .WithDescription("One transaction and one commit; the answer comes when the rows can be read. The same rows again change nothing.")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapPost("/outcomes", PostOutcomes).WithName("sendOutcomes")
            .WithSummary("Send outcomes")
            .WithDescription("Outcomes that became known later, and corrections, of passengers who are known already.")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapDelete("/passengers/{source}/{key}", Delete).WithName("deletePassenger")
            .WithSummary("End a passenger")
            .WithDescription("A tombstone: every commit before reads as it did.");
    }

    /// <param name="source">Of the rows: "api" (default) or "upload", which is history.</param>
    /// <param name="policy">"always" (default) keeps the good rows; "strict" refuses everything for one broken expectation.</param>
    internal static Task<Results<Ok<IngestionAnswer>, ProblemHttpResult>> PostPassengers(
        HttpRequest request, string? source, string? policy, Uploads uploads, IngestionAnswers answers, IOptions<PassengersOptions> options, ClaimsPrincipal user, CancellationToken cancellation) =>
        Take(request, source, SourcesOfSenders, policy, uploads.TakePassengers, answers, options.Value.MaximumFileSizeInBytes, user, cancellation);

    /// <param name="source">Of the passengers whose row does not name theirs; "api" by default.</param>
    /// <param name="policy">As for passengers.</param>
    internal static Task<Results<Ok<IngestionAnswer>, ProblemHttpResult>> PostOutcomes(
        HttpRequest request, string? source, string? policy, Uploads uploads, IngestionAnswers answers, IOptions<PassengersOptions> options, ClaimsPrincipal user, CancellationToken cancellation) =>
        Take(request, source, PassengerSources.All, policy, uploads.TakeOutcomes, answers, options.Value.MaximumFileSizeInBytes, user, cancellation);

    private static async Task<Results<Ok<IngestionAnswer>, ProblemHttpResult>> Take(
        HttpRequest request, string? source, IReadOnlyList<string> allowedSources, string? policy, Func<Upload, CancellationToken, Task<UploadResult>> take,
        IngestionAnswers answers, long limit, ClaimsPrincipal user, CancellationToken cancellation)
    {
        source ??= PassengerSources.Api;
        if (!allowedSources.Contains(source))
            return Problem($"The source is \"{Excerpt.Truncate(source)}\"; it must be {string.Join(" or ", allowedSources)}.", StatusCodes.Status400BadRequest);
        if (PolicyOf(policy) is not { } chosen)
            return Problem($"The policy is \"{Excerpt.Truncate(policy)}\"; it must be always or strict.", StatusCodes.Status400BadRequest);
        if (FormatOf(request) is not { } format)
            return Problem($"The content type is \"{Excerpt.TruncateRecord(request.ContentType)}\"; it must be {Csv} or {Json}, in UTF-8.", StatusCodes.Status415UnsupportedMediaType);
        if (request.Headers.ContentEncoding is { Count: > 0 } packed)
            return Problem($"The content encoding is \"{Excerpt.Truncate(packed.ToString())}\"; send the body unpacked.", StatusCodes.Status415UnsupportedMediaType);
        if (request.ContentLength > limit)
            return IngestionAnswers.TooLarge(limit);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit; // the server's own limit is for requests that are held in memory

        var upload = new Upload(request.Body, source, chosen, RunTrigger.Api, AuditLog.NameOf(user), format);
        return await answers.Of(await take(upload, cancellation), limit, cancellation);
    }

    internal static async Task<Results<Ok<DeletionAnswer>, ProblemHttpResult>> Delete(
        string source, string key, FeatureReader features, Uploads uploads, ClaimsPrincipal user, CancellationToken cancellation)
    {
        if (await features.IsKnown(source, key, cancellation))
        {
            var (run, result) = await uploads.Delete(source, key, RunTrigger.Api, AuditLog.NameOf(user), cancellation);
            IngestionAnswers.ThrowUnexpected(run);
            if (result is { Deleted: > 0 })
                return TypedResults.Ok(new DeletionAnswer(run.RunId, result.CommitId!.Value, result.Deleted));
        }
        return Problem($"There is no passenger \"{Excerpt.Truncate(key)}\" of source \"{Excerpt.Truncate(source)}\".", StatusCodes.Status404NotFound);
    }

    private static IngestionPolicy? PolicyOf(string? text) => text?.ToLowerInvariant() switch
    {
        null or "always" => IngestionPolicy.Always,
        "strict" => IngestionPolicy.Strict,
        _ => null,
    };

    private static UploadFormat? FormatOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
            return null;
        if (type.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase))
            return UploadFormat.Csv;
        return type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) ? UploadFormat.Json : null;
    }

    private static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);
}
