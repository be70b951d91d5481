using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Predictions;

/// <summary>Feedback on predictions, newest first, for operators. Paged by id, so that every page costs the same.</summary>
[Authorize(Policy = AccessPolicies.Operator)]
public sealed class FeedbackModel(FeedbackReader reader, FeedbackService feedbackService) : OperatorPageModel
{
    private const int RowsPerPage = 50;

    /// <summary>One of <see cref="FeedbackKinds"/>; null for all.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Kind { get; set; }

    /// <summary>Only feedback with a smaller id: the last id of the previous page.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public IReadOnlyList<FeedbackWithPrediction> Rows { get; private set; } = [];
    public IReadOnlyList<FeedbackCount> Counts { get; private set; } = [];

    /// <summary><see cref="Before"/> of the next page; null on the last page.</summary>
    public long? NextBefore { get; private set; }

    /// <summary>The validation error of the query string; null if it is valid.</summary>
    public string? Problem { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Counts = await reader.Counts(asOf: null, cancellationToken);
        if (!ValidateQuery())
            return;
        var rows = await reader.Read(Kind, Before, RowsPerPage + 1, cancellationToken);
        Rows = [.. rows.Take(RowsPerPage)];
        NextBefore = rows.Count > RowsPerPage ? Rows[^1].Feedback.FeedbackId : null;
    }

    /// <summary>All feedback of a kind as CSV, streamed from the database.</summary>
    public async Task<IActionResult> OnGetCsvAsync(CancellationToken cancellationToken)
    {
        if (!ValidateQuery())
        {
            Counts = await reader.Counts(asOf: null, cancellationToken);
            return Page();
        }
        Response.ContentType = "text/csv; charset=utf-8";
        Response.Headers.ContentDisposition = $"attachment; filename=\"feedback{(Kind is null ? "" : "-" + Kind)}.csv\"";
        await using var csv = new StreamWriter(Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        await csv.WriteLineAsync("feedback,prediction,kind,note,given_by,given_at,said_survived,probability,model_version");
        await foreach (var (feedback, prediction) in reader.Stream(Kind).WithCancellation(cancellationToken))
        {
            await csv.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{feedback.FeedbackId},{feedback.PredictionId},{feedback.Kind},{CsvFormula.Escape(feedback.Note ?? "")},{CsvFormula.Escape(feedback.GivenBy)},{feedback.GivenAt.UtcDateTime:O},{(prediction.Survived ? 1 : 0)},{prediction.Probability:R},{prediction.ModelVersion}"));
        }
        return new EmptyResult();
    }

    public async Task<IActionResult> OnPostDeleteAsync(long id, CancellationToken cancellationToken)
    {
        if (!await feedbackService.Delete(id, AuditLog.CallerName(User), cancellationToken))
            return ErrorModel.NotFound(HttpContext, NotFoundText.Feedback(id));
        Message = $"Feedback {id} deleted.";
        return RedirectToPage("Feedback", new { kind = Kind, before = Before });
    }

    private bool ValidateQuery()
    {
        if (!ModelState.IsValid)
            Problem = ErrorText.Invalid("The parameter before", Request.Query["before"].ToString(), "a whole number");
        else if (Kind is not null && !FeedbackKinds.All.Contains(Kind))
            Problem = FeedbackKinds.InvalidMessage(Kind);
        if (Problem is null)
            return true;
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return false;
    }
}
