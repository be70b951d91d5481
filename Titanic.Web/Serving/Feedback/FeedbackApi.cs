using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;

namespace Titanic.Web.Serving.Feedback;

/// <summary><c>POST /api/predictions/{id}/feedback</c> for all callers; listing and deleting feedback for operators.</summary>
internal static class FeedbackApi
{
    private const int MaximumPageSize = 1_000;

    public static void MapFeedbackApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/predictions").WithTags("Feedback");
        api.MapPost("{id:long}/feedback", Submit).RequireAntiforgeryForCookies()
            .WithExample("odd", "Feedback on a prediction", """{"kind": "odd", "note": "She was in a lifeboat."}""")
            .WithName("sendFeedback").WithSummary("Send feedback on a prediction")
            .WithDescription("Public, like predicting. Kind is correct, wrong or odd. "
                + "Later feedback of the same author on the prediction replaces it.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        var operators = routes.MapGroup("/api").WithTags("Feedback").RequireAuthorization(AccessPolicies.Operator);
        operators.MapGet("predictions/{id:long}/feedback", ListOfPrediction)
            .WithName("listFeedbackOfPrediction").WithSummary("List feedback on one prediction")
            .WithDescription("Newest first. givenBy is the name of the API key or of the account, or \"anonymous\".");
        operators.MapGet("feedback", List)
            .WithName("listFeedback").WithSummary("List feedback")
            .WithDescription("Feedback on all predictions, newest first, in pages. The member next is the URL of the next page.");
        operators.MapDelete("feedback/{feedbackId:long}", Delete).RequireAntiforgeryForCookies()
            .WithName("deleteFeedback").WithSummary("Delete feedback")
            .WithDescription("Deletes it permanently. The audit log records the deletion and who did it.");
    }

    private static async Task<Results<Ok<FeedbackResponse>, ValidationProblem, ProblemHttpResult>> Submit(
        [Description("Id of the prediction."), Example(1)] long id, FeedbackBody body, FeedbackService feedback, HttpContext context,
        CancellationToken cancellation)
    {
        var request = new FeedbackRequest(body.Kind, body.Note);
        if (request.Problems() is { Count: > 0 } problems)
            return TypedResults.ValidationProblem(problems.ToDictionary(), detail: "The feedback is invalid; it was not stored.");
        try
        {
            return TypedResults.Ok(FeedbackResponse.Of(await feedback.Submit(id, request, FeedbackAuthor.Of(context), cancellation)));
        }
        catch (FeedbackRejectedException rejected)
        {
            return TypedResults.Problem(rejected.Message, statusCode: rejected.Status);
        }
    }

    private static async Task<Results<Ok<FeedbackPage>, ProblemHttpResult>> ListOfPrediction(
        [Description("Id of the prediction."), Example(1)] long id, FeedbackReader reader, PredictionReader predictions,
        CancellationToken cancellation)
    {
        if (await predictions.Find(id, cancellation) is null)
            return Problem(NotFoundText.Prediction(id), StatusCodes.Status404NotFound);
        return TypedResults.Ok(FeedbackPage.Of(await reader.OfPrediction(id, cancellation), next: null));
    }

    private static async Task<Results<Ok<FeedbackPage>, ProblemHttpResult>> List(
        FeedbackReader reader, CancellationToken cancellation,
        [Description("Only feedback of this kind."), Example(FeedbackKinds.Odd)]
        [OneOf(FeedbackKinds.Correct, FeedbackKinds.Wrong, FeedbackKinds.Odd)] string? kind = null,
        [Description("Only feedback with a smaller id; default: the newest feedback.")] long? before = null,
        [Description("Maximum number of entries on the page."), Example(10), Range(1, MaximumPageSize)] int limit = 100)
    {
        if (kind is not null && !FeedbackKinds.All.Contains(kind))
            return Problem(FeedbackKinds.InvalidMessage(kind), StatusCodes.Status400BadRequest);
        var found = await reader.Read(kind, before, limit + 1, cancellation);
        IReadOnlyList<FeedbackWithPrediction> page = [.. found.Take(limit)];
        return TypedResults.Ok(FeedbackPage.Of(page, found.Count > limit
            ? FormattableString.Invariant($"/api/feedback?{(kind is null ? "" : $"kind={kind}&")}before={page[^1].Feedback.FeedbackId}&limit={limit}")
            : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        [Description("Id of the feedback."), Example(1)] long feedbackId, FeedbackService feedback, ClaimsPrincipal user,
        CancellationToken cancellation) =>
        await feedback.Delete(feedbackId, AuditLog.CallerName(user), cancellation)
            ? TypedResults.NoContent()
            : Problem(NotFoundText.Feedback(feedbackId), StatusCodes.Status404NotFound);

    private static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>Feedback as a request body of the API.</summary>
/// <param name="Kind">correct, wrong or odd.</param>
/// <param name="Note">An optional comment: plain text of at most 300 characters, in one or several lines.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FeedbackBody(string? Kind = null, string? Note = null);

/// <summary>Feedback as a response body of the API.</summary>
public sealed record FeedbackResponse(long FeedbackId, long PredictionId, string Kind, string? Note, string GivenBy, DateTimeOffset GivenAt)
{
    internal static FeedbackResponse Of(PredictionFeedback feedback) =>
        new(feedback.FeedbackId, feedback.PredictionId, feedback.Kind, feedback.Note, feedback.GivenBy, feedback.GivenAt);
}

/// <summary>A page of feedback as a response body.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record FeedbackPage(IReadOnlyList<FeedbackResponse> Feedback, string? Next)
{
    internal static FeedbackPage Of(IReadOnlyList<FeedbackWithPrediction> feedback, string? next) =>
        new([.. feedback.Select(entry => FeedbackResponse.Of(entry.Feedback))], next);
}
