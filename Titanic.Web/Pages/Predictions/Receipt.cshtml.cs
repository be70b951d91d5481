using Microsoft.AspNetCore.Mvc;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle.Lineage;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Pages.Predictions;

/// <summary>One answer with all that led to it, the proof on the spot, and what its reader says of it.</summary>
public sealed class ReceiptModel(
    PredictionReader predictions, PredictionLineageReader lineages, ModelRegistry registry, Explainer explainer, FeedbackService feedbacks) : OperatorPageModel
{
    /// <summary>Everybody may verify a receipt and give feedback. For an operator verifying also reads every row of training datasets.</summary>
    protected override bool IsPostPublic => true;

    public StoredPrediction Receipt { get; private set; } = null!;

    public Prediction Prediction => Receipt.Prediction;

    /// <summary>What the version that answered sees of a question.</summary>
    public ITrainingView View => Receipt.View;

    /// <summary>Each encoded value, as stored, with what it stands for; that it cannot be read where the row was changed.</summary>
    public IReadOnlyList<string> PointInWords { get; private set; } = [];

    /// <summary>What the answer rests on.</summary>
    public PredictionLineage Lineage { get; private set; } = null!;

    /// <summary>What came out of verifying; null while nobody asked.</summary>
    public ReceiptVerification? Verification { get; private set; }

    /// <summary>Why; null when the version's bytes cannot be read any more, which <see cref="WhyNotExplained"/> tells.</summary>
    public ExplainedAnswer? Explanation { get; private set; }

    public string? WhyNotExplained { get; private set; }

    public FeedbackForm Feedback { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await predictions.Find(id, cancellationToken) is not { } found)
            return NotFound();
        Receipt = found;
        PointInWords = Words(found);
        Lineage = await lineages.Read(Prediction, cancellationToken);
        await Explain(cancellationToken);
        Feedback = new FeedbackForm(id, await feedbacks.Of(id, FeedbackGiver.Of(HttpContext), cancellationToken));
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(long id, [FromServices] ReceiptVerifier verifier, CancellationToken cancellationToken)
    {
        var page = await OnGetAsync(id, cancellationToken);
        if (page is not NotFoundResult)
            Verification = await verifier.Verify(id, MayOperate, cancellationToken);
        return page;
    }

    /// <summary>Keeps what the reader says of the answer; what cannot be kept stays in the form.</summary>
    public async Task<IActionResult> OnPostFeedbackAsync(long id, string? kind, string? note, CancellationToken cancellationToken)
    {
        var wish = new FeedbackRequest(kind, note);
        IReadOnlyList<string> problems = [.. wish.Problems().Values.SelectMany(sentences => sentences)];
        var status = StatusCodes.Status400BadRequest;
        try
        {
            if (problems.Count == 0)
            {
                await feedbacks.Submit(id, wish, FeedbackGiver.Of(HttpContext), cancellationToken);
                return RedirectToPage("Receipt", null, new { id }, "feedback");
            }
        }
        catch (FeedbackRefusedException refused)
        {
            (problems, status) = ([refused.Message], refused.Status);
        }
        var page = await OnGetAsync(id, cancellationToken);
        if (page is not NotFoundResult)
        {
            Feedback = Feedback with { Typed = wish, Problems = problems };
            Response.StatusCode = status;
        }
        return page;
    }

    private static IReadOnlyList<string> Words(StoredPrediction receipt)
    {
        try
        {
            return [.. receipt.Prediction.PointIn(receipt.View).Select((value, feature) => $"{Format.Encoded(value)} ({receipt.View.NameOf(feature, value)})")];
        }
        catch (InvalidDataException)
        {
            return [.. receipt.View.Schema.Features.Select(_ => "cannot be read")];
        }
    }

    private async Task Explain(CancellationToken cancellation)
    {
        var version = await registry.Find(Prediction.ModelVersion, cancellation);
        try
        {
            Explanation = await explainer.Explain(ServedModel.Of(version!), Prediction, cancellation);
        }
        catch (InvalidDataException damaged)
        {
            WhyNotExplained = damaged.Message;
        }
    }
}

/// <summary>The question whether an answer is right, as the partial <c>_Feedback</c> asks it. It is answered on the receipt's page.</summary>
/// <param name="Given">What this reader has said already; null for nothing.</param>
/// <param name="Typed">What was sent and could not be kept, as it was typed; null where nothing went wrong.</param>
/// <param name="Problems">Why, as sentences.</param>
public sealed record FeedbackForm(long PredictionId, PredictionFeedback? Given = null, FeedbackRequest? Typed = null, IReadOnlyList<string>? Problems = null)
{
    /// <summary>The note that stands in the form.</summary>
    public string? Note => Typed is null ? Given?.Note : Typed.Note;
}
