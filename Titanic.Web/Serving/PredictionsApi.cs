using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary><c>POST /api/predictions</c> and <c>GET /api/predictions/{id}</c>.</summary>
internal static class PredictionsApi
{
    /// <summary>The longest array answered in one request.</summary>
    public const int MostQuestions = 10_000;

    private static readonly JsonSerializerOptions _strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
    };

    public static void MapPredictionsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/predictions").WithTags("Predictions");
        api.MapPost("", Ask).Accepts<PassengerInput>("application/json");
        api.MapGet("{id:long}", Receipt);
    }

    private static async Task<Results<Ok<PredictionAnswer>, Ok<IReadOnlyList<PredictionAnswer>>, ValidationProblem, ProblemHttpResult>> Ask(
        JsonElement? json, Predictor predictor, CancellationToken cancellation)
    {
        if (json is not { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } body)
            return Problem("The body is empty or null; it must be an object {pclass, sex, age, fare} or an array of them.");
        var isArray = body.ValueKind == JsonValueKind.Array;
        if (!isArray && body.ValueKind != JsonValueKind.Object)
            return Problem($"The body is a JSON {body.ValueKind}; it must be an object {{pclass, sex, age, fare}} or an array of them.");
        if (isArray && body.GetArrayLength() is 0 or > MostQuestions)
            return Problem($"The array has {body.GetArrayLength()} questions; it must have 1 to {MostQuestions}.");

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

        var answers = await predictor.Answer(inputs, PredictionSources.Api, cancellation);
        if (isArray)
            return TypedResults.Ok<IReadOnlyList<PredictionAnswer>>([.. answers.Select(PredictionAnswer.Of)]);
        return TypedResults.Ok(PredictionAnswer.Of(answers[0]));
    }

    private static async Task<Results<Ok<PredictionAnswer>, ProblemHttpResult>> Receipt(long id, TitanicDb db, CancellationToken cancellation) =>
        await db.Predictions.AsNoTracking().SingleOrDefaultAsync(p => p.PredictionId == id, cancellation) is { } prediction
            ? TypedResults.Ok(PredictionAnswer.Of(prediction))
            : TypedResults.Problem($"There is no prediction {id}.", statusCode: StatusCodes.Status404NotFound);

    private static Dictionary<string, string[]> ProblemsOf(List<PassengerInput> inputs, bool isArray) => inputs
        .SelectMany((input, i) => input is null
            ? [KeyValuePair.Create($"[{i}]", (string[])["The question is null; it must be an object."])]
            : input.Problems().Select(problem => KeyValuePair.Create(isArray ? $"[{i}].{problem.Key}" : problem.Key, problem.Value)))
        .ToDictionary();

    private static ProblemHttpResult Problem(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);
}

/// <summary>An answer as the API gives it.</summary>
/// <param name="Id">Its row in the predictions table; the receipt is <c>/predictions/{id}</c>.</param>
/// <param name="Probability">Of survival, 0..1.</param>
public sealed record PredictionAnswer(
    long Id, bool Survived, double Probability, int Survivors, int Neighbors, int ModelVersion,
    int Pclass, string Sex, double? Age, double? Fare, string AgeGroup, string FareBand, string Source, DateTimeOffset CreatedAt)
{
    public static PredictionAnswer Of(Prediction prediction)
    {
        var point = BinnedPoint.FromCode(prediction.PointCode);
        return new PredictionAnswer(
            prediction.PredictionId, prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors,
            prediction.ModelVersion, prediction.Pclass, SexWord.Of(prediction.Sex),
            prediction.AgeInYears, prediction.FareInPounds,
            BinnedEncoder.AgeGroups[point.AgeGroup].Name, BinnedEncoder.FareBands[point.FareBand].Name, prediction.Source, prediction.CreatedAt);
    }
}
