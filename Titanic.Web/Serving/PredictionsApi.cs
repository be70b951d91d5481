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

    private const string Json = "application/json";

    public static void MapPredictionsApi(this IEndpointRouteBuilder routes)
    {
        var endpoint = new Lazy<Endpoint>(() => ActivatorUtilities.CreateInstance<Endpoint>(routes.ServiceProvider)); // after the settings are validated
        routes.MapPost("/api/predictions", (HttpContext context,
            [Description("Also explain: neighbors, the smallest change that flips the prediction, predictions for every other value.")]
            [Example(true)] bool explain = false,
            [FromHeader(Name = IdempotencyHeader), MinLength(1), MaxLength(MaximumKeyLength)]
            [Description("A name for this request: sent again with the same body it gets the same response, and one row is stored.")]
            string? key = null) => endpoint.Value.Predict(context, key, explain))
            .WithName("predict").WithSummary("Predict survival")
            .WithDescription("Predicts for one passenger, or for up to 10,000 in an array, in their order. The response is sent when its "
                + "rows are durable; the receipt of a prediction is at /api/predictions/{id}.")
            .WithTags("Predictions")
            .WithMetadata(new RequestSizeLimitAttribute(PredictionRequestReader.MaximumBodyBytes))
            .RequireRateLimiting(RateLimits.Predicting)
            .Accepts<PredictionInput>(Json)
            .Produces<PredictionAnswer>()
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

    /// <summary>One, or an array of them.</summary>
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
    private static (string? Key, IResult? Problem) KeyOf(HttpRequest request, string? key)
    {
        if (key is null)
            return (null, null);
        var sent = request.Headers[IdempotencyHeader];
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
}
