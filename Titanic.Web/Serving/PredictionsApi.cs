using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;

namespace Titanic.Web.Serving;

/// <summary><c>POST /api/predictions</c>.</summary>
internal static class PredictionsApi
{
    /// <summary>The longest array answered in one request.</summary>
    public const int MostQuestions = 10_000;

    /// <summary>The longest array answered with explanations: each is some kilobytes long.</summary>
    public const int MostExplained = 100;

    private static readonly JsonSerializerOptions _strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
    };

    public static void MapPredictionsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/predictions").WithTags("Predictions");
        api.MapPost("", Ask)
            .WithName("predict")
            .WithSummary("Ask about passengers")
            .WithDescription("Answers one question, or up to 10,000 in an array. An answer is given when its row is durable; its receipt is at /api/predictions/{id}.")
            .Accepts<PassengerInput>("application/json")
            .RequireRateLimiting(RateLimits.Predicting);
    }

    private static async Task<Results<Ok<PredictionAnswer>, Ok<IReadOnlyList<PredictionAnswer>>, ValidationProblem, ProblemHttpResult>> Ask(
        JsonElement? json, Predictor predictor, Explainer explainer, CancellationToken cancellation, bool explain = false)
    {
        if (json is not { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } body)
            return Problem("The body is empty or null; it must be an object {pclass, sex, age, fare} or an array of them.");
        var isArray = body.ValueKind == JsonValueKind.Array;
        if (!isArray && body.ValueKind != JsonValueKind.Object)
            return Problem($"The body is a JSON {body.ValueKind}; it must be an object {{pclass, sex, age, fare}} or an array of them.");
        if (isArray && body.GetArrayLength() is 0 or > MostQuestions)
            return Problem($"The array has {body.GetArrayLength()} questions; it must have 1 to {MostQuestions}.");
        if (isArray && explain && body.GetArrayLength() > MostExplained)
            return Problem($"The array has {body.GetArrayLength()} questions; at most {MostExplained} are explained in one request.");

        List<PassengerInput> inputs;
        try
        {
            inputs = isArray ? body.Deserialize<List<PassengerInput>>(_strict)! : [body.Deserialize<PassengerInput>(_strict)!];
        }
        catch (JsonException misfit)
        {
            return Problem($"The question does not fit {{pclass: 1|2|3, sex: \"male\"|\"female\", age?: years, fare?: pounds}}; look at {misfit.Path}.");
        }
        if (ProblemsOf(inputs, isArray) is { Count: > 0 } problems)
            return TypedResults.ValidationProblem(problems, detail: "Nothing was answered, because a question cannot be understood.");

        var (model, predictions) = await predictor.Answer(inputs, PredictionSources.Api, cancellation);
        var explanations = explain ? await explainer.Explain(model, predictions, cancellation) : null;
        PredictionAnswer[] answers = [.. predictions.Select((prediction, i) => PredictionAnswer.Of(prediction, model.View) with { Explanation = explanations?[i] })];
        if (isArray)
            return TypedResults.Ok<IReadOnlyList<PredictionAnswer>>(answers);
        return TypedResults.Ok(answers[0]);
    }

    private static Dictionary<string, string[]> ProblemsOf(List<PassengerInput> inputs, bool isArray) => inputs
        .SelectMany((input, i) => input is null
            ? [KeyValuePair.Create($"[{i}]", (string[])["The question is null; it must be an object."])]
            : input.Problems().Select(problem => KeyValuePair.Create(isArray ? $"[{i}].{problem.Key}" : problem.Key, problem.Value)))
        .ToDictionary();

    private static ProblemHttpResult Problem(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);
}
