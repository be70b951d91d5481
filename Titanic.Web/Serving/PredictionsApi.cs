using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Serving.Requests;

namespace Titanic.Web.Serving;

/// <summary><c>POST /api/predictions</c>.</summary>
internal static class PredictionsApi
{
    /// <summary>The longest array answered in one request.</summary>
    public const int MostQuestions = 10_000;

    /// <summary>The longest array answered with explanations: each is some kilobytes long.</summary>
    public const int MostExplained = 100;

    public static void MapPredictionsApi(this IEndpointRouteBuilder routes)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<PredictionsEndpoint>();
        routes.MapPost("/api/predictions", (HttpContext context, bool explain = false) => endpoint.Answer(context, explain))
            .WithName("predict")
            .WithSummary("Ask about passengers")
            .WithDescription("Answers one question, or up to 10,000 in an array. An answer is given when its row is durable; its receipt is at /api/predictions/{id}.")
            .WithTags("Predictions")
            .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MostBytes))
            .RequireRateLimiting(RateLimits.Predicting)
            .Accepts<PassengerInput>("application/json")
            .Produces<PredictionAnswer>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }
}
