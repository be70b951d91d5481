using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle.Lineage;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Pages.Predictions;

/// <summary>One prediction with its lineage, explanation, integrity check and the feedback of the current user.</summary>
[EnableRateLimiting(CostlyReads.Policy), CostlyPosts]
public sealed class ReceiptModel(
    PredictionReader predictions, PredictionLineageReader lineageReader, ModelRegistry registry, Explainer explainer, FeedbackService feedbackService) : OperatorPageModel
{
    /// <summary>Verification and feedback are public. For operators, verification also reads every row of the training datasets.</summary>
    protected override bool AllowsPublicPost => true;

    public PredictionWithView Receipt { get; private set; } = null!;

    public Prediction Prediction => Receipt.Prediction;

    /// <summary>The feature view of the model version that made the prediction.</summary>
    public ITrainingView View => Receipt.View;

    /// <summary>Each stored encoded value with its meaning; "not readable" if the stored row is invalid.</summary>
    public IReadOnlyList<string> EncodedValues { get; private set; } = [];

    public PredictionLineage Lineage { get; private set; } = null!;

    /// <summary>The result of the verification; null if it was not requested.</summary>
    public ReceiptVerification? Verification { get; private set; }

    /// <summary>Null if the model bytes are corrupt; then <see cref="ExplanationError"/> has the reason.</summary>
    public ExplanationResponse? Explanation { get; private set; }

    public string? ExplanationError { get; private set; }

    public FeedbackForm Feedback { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await predictions.Find(id, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, NotFoundText.Prediction(id));
        Receipt = found;
        EncodedValues = FormatEncodedValues(found);
        Lineage = await lineageReader.Read(Prediction, cancellationToken);
        await Explain(cancellationToken);
        Feedback = new FeedbackForm(id, await feedbackService.Find(id, FeedbackAuthor.Of(HttpContext), cancellationToken));
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(long id, [FromServices] ReceiptVerifier verifier, CancellationToken cancellationToken)
    {
        var page = await OnGetAsync(id, cancellationToken);
        if (page is not NotFoundResult)
            Verification = await verifier.Verify(id, MayOperate, cancellationToken);
        return page;
    }

    /// <summary>Stores the feedback of the current user. Feedback that is rejected stays in the form.</summary>
    public async Task<IActionResult> OnPostFeedbackAsync(long id, string? kind, string? note, CancellationToken cancellationToken)
    {
        var feedback = new FeedbackRequest(kind, note);
        IReadOnlyList<string> problems = [.. feedback.Problems().Values.SelectMany(messages => messages)];
        var status = StatusCodes.Status400BadRequest;
        try
        {
            if (problems.Count == 0)
            {
                await feedbackService.Submit(id, feedback, FeedbackAuthor.Of(HttpContext), cancellationToken);
                return RedirectToPage("Receipt", null, new { id }, "feedback");
            }
        }
        catch (FeedbackRejectedException rejected)
        {
            (problems, status) = ([rejected.Message], rejected.Status);
        }
        var page = await OnGetAsync(id, cancellationToken);
        if (page is not NotFoundResult)
        {
            Feedback = Feedback with { Rejected = feedback, Problems = problems };
            Response.StatusCode = status;
        }
        return page;
    }

    private static IReadOnlyList<string> FormatEncodedValues(PredictionWithView receipt)
    {
        try
        {
            return [.. receipt.Prediction.PointIn(receipt.View).Select((value, feature) => $"{Format.EncodedValue(value)} ({receipt.View.NameOf(feature, value)})")];
        }
        catch (InvalidDataException)
        {
            return [.. receipt.View.Schema.Features.Select(_ => "not readable")];
        }
    }

    private async Task Explain(CancellationToken cancellation)
    {
        var version = await registry.Find(Prediction.ModelVersion, cancellation);
        try
        {
            Explanation = await explainer.Explain(LoadedModel.Of(version!), Prediction, cancellation);
        }
        catch (InvalidDataException corrupt)
        {
            ExplanationError = corrupt.Message;
        }
    }
}

/// <summary>
/// The feedback form for a prediction, for the partial <c>_Feedback</c>. Without scripts it is submitted to the page of the prediction.
/// </summary>
/// <param name="Existing">The stored feedback of the current user; null for none.</param>
/// <param name="Rejected">The feedback that was rejected, as typed; null for none.</param>
/// <param name="Problems">The reasons for the rejection.</param>
public sealed record FeedbackForm(long PredictionId, PredictionFeedback? Existing = null, FeedbackRequest? Rejected = null, IReadOnlyList<string>? Problems = null)
{
    /// <summary>The text of the comment field.</summary>
    public string? Note => Rejected is null ? Existing?.Note : Rejected.Note;
}
