using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving;

/// <summary>
/// <c>POST /api/predictions</c>. No other endpoint is called as often, so nothing is made for a request that need not be: no scope, no JSON
/// tree, and no serializer where the response is precomputed.
/// </summary>
internal static class PredictionsApi
{
    /// <summary>In one request.</summary>
    public const int MaximumInputs = 10_000;

    /// <summary>In one request: an explanation has some kilobytes.</summary>
    public const int MaximumExplained = 100;

    public const string IdempotencyHeader = "Idempotency-Key";
    public const int MaximumKeyLength = 255;

    private const string Json = "application/json", JsonInUtf8 = "application/json; charset=utf-8";

    public static void MapPredictionsApi(this IEndpointRouteBuilder routes)
    {
        var endpoint = new Lazy<Endpoint>(() => ActivatorUtilities.CreateInstance<Endpoint>(routes.ServiceProvider)); // after the settings are validated
        routes.MapPost("/api/predictions", (HttpContext context, bool explain = false) => endpoint.Value.Predict(context, explain))
            .WithName("predict")
            .WithSummary("Ask about passengers")
            .WithDescription("Answers one question, or up to 10,000 in an array. An answer is given when its row is durable; its receipt is at /api/predictions/{id}.")
            .WithTags("Predictions")
            .WithMetadata(new RequestSizeLimitAttribute(PredictionRequestReader.MaximumBodyBytes))
            .RequireRateLimiting(RateLimits.Predicting)
            .Accepts<PredictionInput>(Json)
            .Produces<PredictionAnswer>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private sealed class Endpoint(Predictor predictor, PredictionResponseWriter responses)
    {
        public async Task Predict(HttpContext context, bool explain)
        {
            using var body = new PredictionRequestReader();
            var (key, problem) = KeyOf(context.Request);
            using var digest = key is null ? null : DigestFor(explain);
            problem ??= ContentTypeProblem(context.Request) ?? await Read(context, body, digest, explain);
            if (problem is not null)
            {
                await problem.ExecuteAsync(context);
                return;
            }
            var options = key is null && !explain
                ? PredictionOptions.None
                : new PredictionOptions(
                    explain ? context.RequestServices.GetRequiredService<Explainer>() : null,
                    key is null ? null : new IdempotentRequest(context.User.Identity?.Name ?? "", key, digest!.GetHashAndReset(), body.IsArray));
            var result = await predictor.PredictAsync(body.Inputs, PredictionSources.Api, options, context.RequestAborted);
            if (result.Stored is { } stored)
                await Send(context, stored, options.Idempotency!);
            else
                await responses.Send(context.Response, result, body.IsArray, context.RequestAborted);
        }
    }

    private static async ValueTask<IResult?> Read(HttpContext context, PredictionRequestReader body, IncrementalHash? digest, bool explain)
    {
        try
        {
            await body.Read(context.Request.BodyReader, digest, context.RequestAborted);
        }
        catch (JsonException broken)
        {
            return PredictionRequestReader.NotJson(broken);
        }
        return body.Problem(explain);
    }

    private static async Task Send(HttpContext context, IdempotencyRecord stored, IdempotentRequest request)
    {
        if (!stored.RequestSha256.AsSpan().SequenceEqual(request.Sha256))
        {
            await TypedResults.Problem(
                $"The {IdempotencyHeader} \"{Excerpt.Truncate(request.Key)}\" was used for another request already. Send the same request to get its answer again, or another key for a new one.",
                statusCode: StatusCodes.Status422UnprocessableEntity).ExecuteAsync(context);
            return;
        }
        context.Response.ContentType = PredictionResponseWriter.ContentType;
        context.Response.ContentLength = stored.Answer.Length;
        await context.Response.BodyWriter.WriteAsync(stored.Answer, context.RequestAborted);
    }

    /// <summary>Both null for a request without a key.</summary>
    private static (string? Key, IResult? Problem) KeyOf(HttpRequest request)
    {
        var sent = request.Headers[IdempotencyHeader];
        if (sent.Count == 0)
            return (null, null);
        var key = sent.ToString();
        if (sent.Count == 1 && key.Length is > 0 and <= MaximumKeyLength && key.All(letter => letter is > ' ' and <= '~'))
            return (key, null);
        var seen = sent.Count > 1 ? "sent more than once" : $"\"{Excerpt.Truncate(key)}\", {key.Length} characters";
        return (null, TypedResults.Problem(
            $"The header {IdempotencyHeader} is {seen}; it must be sent once and have 1 to {MaximumKeyLength} visible ASCII characters.", statusCode: StatusCodes.Status400BadRequest));
    }

    private static IncrementalHash DigestFor(bool explain)
    {
        var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData([explain ? (byte)1 : (byte)0]);
        return digest;
    }

    /// <summary>JSON is UTF-8 (RFC 8259). Routing has refused what is not JSON at all.</summary>
    private static IResult? ContentTypeProblem(HttpRequest request)
    {
        var seen = request.ContentType;
        if (Json.Equals(seen, StringComparison.OrdinalIgnoreCase) || JsonInUtf8.Equals(seen, StringComparison.OrdinalIgnoreCase))
            return null;
        if (!MediaTypeHeaderValue.TryParse(seen, out var type) || !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return null;
        return TypedResults.Problem($"The content type is \"{Excerpt.TruncateRecord(seen)}\"; it must be {Json}, in UTF-8.", statusCode: StatusCodes.Status415UnsupportedMediaType);
    }
}
