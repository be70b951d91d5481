using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Lifecycle.Lineage;

/// <summary><c>GET /api/predictions/{id}</c> shows a receipt; <c>POST /api/predictions/{id}/verify</c> verifies it.</summary>
internal static class ReceiptsApi
{
    public static void MapReceiptsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/predictions/{id:long}").WithTags("Predictions");
        api.MapGet("", Show).WithName("showReceipt").WithSummary("Show the receipt of a prediction")
            .WithDescription("The prediction with its lineage: model bytes, training dataset, commits, runs and code.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        // Everyone who can read a receipt can verify its prediction. The checks that read all training rows are expensive and require an
        // operator.
        api.MapPost("verify", Verify).WithName("verifyPrediction").WithSummary("Verify a prediction")
            .WithDescription("Recomputes encoding and prediction and compares them bit for bit; for operators also the digest of the training rows.")
            .RequireAntiforgeryForCookies().LimitCostlyReads();
    }

    internal static async Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Show(
        [Description("Number of the prediction."), Example(1)] long id, PredictionReader predictions, PredictionLineageReader lineage,
        CancellationToken cancellation)
    {
        if (await predictions.Find(id, cancellation) is not { } receipt)
            return NotFound(id);
        try
        {
            var prediction = PredictionResponse.Of(receipt.Prediction, receipt.View);
            return TypedResults.Ok(new ReceiptResponse(prediction, await lineage.Read(receipt.Prediction, cancellation)));
        }
        catch (InvalidDataException changed)
        {
            return TypedResults.Problem(changed.Message, statusCode: StatusCodes.Status409Conflict);
        }
    }

    internal static async Task<Results<Ok<ReceiptVerificationResponse>, ProblemHttpResult>> Verify(
        [Description("Number of the prediction."), Example(1)] long id,
        ClaimsPrincipal user, IAuthorizationService authorization, ReceiptVerifier verifier, CancellationToken cancellation)
    {
        var isOperator = (await authorization.AuthorizeAsync(user, AccessPolicies.Operator)).Succeeded;
        return await verifier.Verify(id, isOperator, cancellation) is { } verification
            ? TypedResults.Ok(ReceiptVerificationResponse.Of(verification))
            : NotFound(id);
    }

    private static ProblemHttpResult NotFound(long id) => TypedResults.Problem(
        NotFoundText.Prediction(id), statusCode: StatusCodes.Status404NotFound);
}

/// <summary>A prediction with its lineage.</summary>
public sealed record ReceiptResponse : PredictionResponse
{
    internal ReceiptResponse(PredictionResponse prediction, PredictionLineage lineage)
        : base(prediction) => Lineage = lineage;

    public PredictionLineage Lineage { get; }
}

/// <summary>The verification of a prediction.</summary>
/// <param name="IsValid">True when no check failed.</param>
/// <param name="IsComplete">True when all checks were made.</param>
public sealed record ReceiptVerificationResponse(
    long PredictionId, [property: JsonPropertyName("isSound")] bool IsValid, bool IsComplete, string Verdict, double DurationInSeconds, IReadOnlyList<CheckResponse> Checks)
{
    internal static ReceiptVerificationResponse Of(ReceiptVerification verification) => new(
        verification.PredictionId, verification.IsValid, verification.NotMade == 0, verification.Verdict, verification.Duration.TotalSeconds,
        [.. verification.Checks.Select(CheckResponse.Of)]);
}

/// <summary>One check of a prediction.</summary>
/// <param name="What">The compared value.</param>
/// <param name="Stored">The stored value.</param>
/// <param name="Found">The recomputed value; null when the check was not made.</param>
/// <param name="Sentence">The finding; for a check that was not made, the reason.</param>
public sealed record CheckResponse(
    string Name, string What, [property: OneOf("passed", "failed", "notMade")] string Result, string? Stored, string? Found,
    string Sentence)
{
    internal static CheckResponse Of(ReceiptCheck check) => new(
        check.Name, check.Description, check.Holds switch { true => "passed", false => "failed", null => "notMade" }, check.Stored, check.Found, check.Sentence);
}
