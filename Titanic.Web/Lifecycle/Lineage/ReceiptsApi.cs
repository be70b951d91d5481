using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Lifecycle.Lineage;

/// <summary><c>GET /api/predictions/{id}</c>, the receipt, and <c>POST /api/predictions/{id}/verify</c>.</summary>
internal static class ReceiptsApi
{
    public static void MapReceiptsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/predictions/{id:long}").WithTags("Predictions");
        api.MapGet("", Show).WithName("showReceipt").WithSummary("Show the receipt of a prediction")
            .WithDescription("The prediction with its lineage: model bytes, training dataset, commits, runs and code.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        // Whoever may read a receipt may have its answer checked; the checks that read every row are made for operators only.
        api.MapPost("verify", Verify).WithName("verifyPrediction").WithSummary("Verify a prediction")
            .WithDescription("Encodes and predicts again and compares bit for bit; for operators the training rows are read again, too.")
            .RequireAntiforgeryForCookies();
    }

    internal static async Task<Results<Ok<ReceiptAnswer>, ProblemHttpResult>> Show(
        [Description("Number of the prediction."), Example(1)] long id, PredictionReader predictions, PredictionLineageReader lineage,
        CancellationToken cancellation)
    {
        if (await predictions.Find(id, cancellation) is not { } receipt)
            return Missing(id);
        try
        {
            var answer = PredictionAnswer.Of(receipt.Prediction, receipt.View);
            return TypedResults.Ok(new ReceiptAnswer(answer, await lineage.Read(receipt.Prediction, cancellation)));
        }
        catch (InvalidDataException changed)
        {
            return TypedResults.Problem(changed.Message, statusCode: StatusCodes.Status409Conflict);
        }
    }

    internal static async Task<Results<Ok<LineageVerificationAnswer>, ProblemHttpResult>> Verify(
        [Description("Number of the prediction."), Example(1)] long id,
        ClaimsPrincipal user, IAuthorizationService authorization, ReceiptVerifier verifier, CancellationToken cancellation)
    {
        var isOperator = (await authorization.AuthorizeAsync(user, AccessPolicies.Operator)).Succeeded;
        return await verifier.Verify(id, isOperator, cancellation) is { } verification
            ? TypedResults.Ok(LineageVerificationAnswer.Of(verification))
            : Missing(id);
    }

    private static ProblemHttpResult Missing(long id) => TypedResults.Problem($"There is no prediction {id}.", statusCode: StatusCodes.Status404NotFound);
}

/// <summary>A prediction with its lineage.</summary>
public sealed record ReceiptAnswer : PredictionAnswer
{
    internal ReceiptAnswer(PredictionAnswer answer, PredictionLineage lineage)
        : base(answer) => Lineage = lineage;

    public PredictionLineage Lineage { get; }
}

/// <summary>A verification as the API gives it.</summary>
/// <param name="IsSound">True when nothing that was checked is wrong.</param>
/// <param name="IsComplete">True when every check was made.</param>
public sealed record LineageVerificationAnswer(
    long PredictionId, bool IsSound, bool IsComplete, string Verdict, double DurationInSeconds, IReadOnlyList<CheckAnswer> Checks)
{
    internal static LineageVerificationAnswer Of(ReceiptVerification verification) => new(
        verification.PredictionId, verification.IsSound, verification.NotMade == 0, verification.Verdict, verification.Duration.TotalSeconds,
        [.. verification.Checks.Select(CheckAnswer.Of)]);
}

/// <param name="Stored">As it was written down.</param>
/// <param name="Found">As it comes out now; null where the check was not made.</param>
public sealed record CheckAnswer(
    string Name, string What, [property: OneOf("passed", "failed", "notMade")] string Result, string? Stored, string? Found,
    string Sentence)
{
    internal static CheckAnswer Of(ReceiptCheck check) => new(
        check.Name, check.What, check.Holds switch { true => "passed", false => "failed", null => "notMade" }, check.Stored, check.Found, check.Sentence);
}
