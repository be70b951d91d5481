using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving;

/// <summary>
/// <c>POST /api/predictions</c>, the most frequently called endpoint. To allocate little, a request uses no service scope, no JSON tree,
/// and no serializer where the response is precomputed.
/// </summary>
internal static class PredictionsApi
{
    /// <summary>The maximum number of inputs in one request.</summary>
    public const int MaximumInputs = 10_000;

    /// <summary>The maximum number of inputs in a request with explanations, each of which has some kilobytes.</summary>
    public const int MaximumExplained = 100;

    public const string IdempotencyHeader = "Idempotency-Key";
    public const int MaximumKeyLength = 255;

    private const string Json = "application/json";

    public static void MapPredictionsApi(this IEndpointRouteBuilder routes)
    {
        // Lazy: the settings, on which its dependencies rely, are validated after the routes are mapped.
        var endpoint = new Lazy<Endpoint>(() => ActivatorUtilities.CreateInstance<Endpoint>(routes.ServiceProvider));
        routes.MapPost("/api/predictions", (HttpContext context,
            [Description("Also return an explanation: neighbors, counterfactuals, minimal removal set, sensitivities. "
                + "Then at most 100 inputs are allowed.")]
            [Example(true)] bool explain = false,
            [FromHeader(Name = IdempotencyHeader), MinLength(1), MaxLength(MaximumKeyLength)]
            [Description("Identifies this request: a retry with the same key and body gets the same response, and the rows are stored once.")]
            string? key = null) => endpoint.Value.Predict(context, key, explain))
            .WithName("predict").WithSummary("Predict survival")
            .WithDescription("Predicts for one passenger, or for up to 10,000 in an array, in their order. The response is sent after its rows "
                + "are durable. The receipt of a prediction is at /api/predictions/{id}. Values can be strings in the spellings of a CSV cell, such as "
                + "\"1.0\", \"1st\" and \"NA\"; the body can be compressed with gzip or deflate.")
            .WithTags("Predictions")
            .WithMetadata(new RequestSizeLimitAttribute(PredictionRequestReader.MaximumBodyBytes))
            .RequireRateLimiting(RateLimits.Predicting)
            .Accepts<PredictionInput>(Json)
            .Produces<PredictionResponse>()
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                AddArray(operation.RequestBody!.Content![Json]);
                AddArray(operation.Responses!["200"].Content![Json]);
                return Task.CompletedTask;
            })
            .WithExample("one", "One passenger", """{"pclass": 1, "sex": "female", "age": 29, "fare": 100}""", """
                {"id": 301, "survived": true, "probability": 0.9333333333333333, "survivors": 13, "neighbors": 13, "modelVersion": 1,
                 "pclass": 1, "sex": "female", "age": 29, "fare": 100, "encoder": "titanic_binned/1", "encoded": [
                   {"feature": "pclass", "value": 1, "meaning": "1st class"}, {"feature": "sex", "value": 1, "meaning": "female"},
                   {"feature": "age_group", "value": 3, "meaning": "Young adult"},
                   {"feature": "fare_band", "value": 4, "meaning": "over £75 to £100"}],
                 "source": "api", "createdAt": "2026-11-23T18:00:00.123456+00:00"}
                """)
            .WithExample("many", "Two passengers; age and fare may be unknown", """
                [{"pclass": 3, "sex": "male", "age": 22, "fare": 7.25}, {"pclass": 2, "sex": "female"}]
                """, """
                [{"id": 302, "survived": false, "probability": 0.17894736842105263, "survivors": 33, "neighbors": 188, "modelVersion": 1,
                  "pclass": 3, "sex": "male", "age": 22, "fare": 7.25, "encoder": "titanic_binned/1", "encoded": [
                    {"feature": "pclass", "value": 3, "meaning": "3rd class"}, {"feature": "sex", "value": 0, "meaning": "male"},
                    {"feature": "age_group", "value": 3, "meaning": "Young adult"},
                    {"feature": "fare_band", "value": 0, "meaning": "up to £10"}],
                  "source": "api", "createdAt": "2026-11-23T18:00:00.234567+00:00"},
                 {"id": 303, "survived": true, "probability": 0.6296296296296297, "survivors": 16, "neighbors": 25, "modelVersion": 1,
                  "pclass": 2, "sex": "female", "age": null, "fare": null, "encoder": "titanic_binned/1", "encoded": [
                    {"feature": "pclass", "value": 2, "meaning": "2nd class"}, {"feature": "sex", "value": 1, "meaning": "female"},
                    {"feature": "age_group", "value": 0, "meaning": "Unknown"},
                    {"feature": "fare_band", "value": 1, "meaning": "over £10 to £25"}],
                  "source": "api", "createdAt": "2026-11-23T18:00:00.234567+00:00"}]
                """);
    }

    /// <summary>Changes a schema to: one item, or an array of items.</summary>
    private static void AddArray(OpenApiMediaType body)
    {
        var array = new OpenApiSchema { Type = JsonSchemaType.Array, Items = body.Schema, MinItems = 1, MaxItems = MaximumInputs };
        body.Schema = new OpenApiSchema { OneOf = [body.Schema!, array] };
    }

    private sealed class Endpoint(Predictor predictor, PredictionResponseWriter responses)
    {
        public async Task Predict(HttpContext context, string? sentKey, bool explain)
        {
            using var body = new PredictionRequestReader();
            var (key, problem) = KeyOf(context.Request, sentKey);
            using var digest = key is null ? null : DigestFor(explain);
            problem ??= await Read(context, body, digest, explain);
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
            if (result.StoredResponse is { } stored)
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
        catch (JsonException invalid)
        {
            return PredictionRequestReader.InvalidJson(invalid);
        }
        return body.Problem(explain);
    }

    private static async Task Send(HttpContext context, IdempotencyRecord stored, IdempotentRequest request)
    {
        if (!stored.RequestSha256.AsSpan().SequenceEqual(request.Sha256))
        {
            await TypedResults.Problem(
                $"The {IdempotencyHeader} \"{Excerpt.Truncate(request.Key)}\" was already used for a different request. "
                + "Send the same request to get its response, or use another key.",
                statusCode: StatusCodes.Status422UnprocessableEntity).ExecuteAsync(context);
            return;
        }
        context.Response.ContentType = PredictionResponseWriter.ContentType;
        context.Response.ContentLength = stored.ResponseBody.Length;
        await context.Response.BodyWriter.WriteAsync(stored.ResponseBody, context.RequestAborted);
    }

    /// <summary>The validated key or the error response; both null for a request without a key.</summary>
    private static (string? Key, IResult? Problem) KeyOf(HttpRequest request, string? key)
    {
        if (key is null)
            return (null, null);
        var sent = request.Headers[IdempotencyHeader];
        if (sent.Count == 1 && key.Length is > 0 and <= MaximumKeyLength && key.All(letter => letter is > ' ' and <= '~'))
            return (key, null);
        var seen = sent.Count > 1
            ? $"is sent {sent.Count} times"
            : $"is \"{Excerpt.Truncate(key)}\", which has {Quantity.Of(key.Length, "character")}";
        return (null, TypedResults.Problem(
            $"The header {IdempotencyHeader} {seen}; it must be sent once and have 1 to {MaximumKeyLength} visible ASCII characters.",
            statusCode: StatusCodes.Status400BadRequest));
    }

    /// <summary>A SHA-256 of the request; the first byte is the option, the body follows.</summary>
    private static IncrementalHash DigestFor(bool explain)
    {
        var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData([explain ? (byte)1 : (byte)0]);
        return digest;
    }
}
