using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary>What a sender is told of an upload.</summary>
internal sealed class IngestionAnswers(TitanicDb db)
{
    /// <summary>More rejected rows than these are to be found in the table <c>rejected_rows</c>.</summary>
    public const int MostRejections = 1_000;

    public async Task<Results<Ok<IngestionAnswer>, ProblemHttpResult>> Of(UploadResult upload, long limitInBytes, CancellationToken cancellation)
    {
        var (run, result) = upload;
        switch (run.Failure)
        {
            case PassengerFileException { InnerException: BadHttpRequestException }:
                return TooLarge(limitInBytes);
            case PassengerFileException unreadable:
                return Problem(unreadable.Message, StatusCodes.Status400BadRequest, run, [], ("line", unreadable.Line));
            case IngestionRefusedException refused:
                return Problem(
                    refused.Message, StatusCodes.Status422UnprocessableEntity, run, await Rejections(refused.ValidationId, cancellation),
                    ("validationId", refused.ValidationId), ("rejected", refused.RowsRejected));
        }
        ThrowUnexpected(run);
        return TypedResults.Ok(new IngestionAnswer(
            run.RunId, result!.CommitId, result.ValidationId, result.Inserted, result.Updated, result.Unchanged, result.Rejected, result.OutcomesRecorded,
            await Rejections(result.ValidationId, cancellation), result.Warnings));
    }

    public static ProblemHttpResult TooLarge(long limitInBytes) => TypedResults.Problem(
        string.Create(CultureInfo.InvariantCulture, $"The body is larger than {limitInBytes} bytes, which is the most allowed; nothing was stored. Hint: split it, or raise {PassengersOptions.Section}:MaximumFileSizeInBytes."),
        statusCode: StatusCodes.Status413PayloadTooLarge);

    /// <summary>What is not the sender's fault is answered as it is everywhere: see <c>Hosting/ErrorAnswers</c>.</summary>
    public static void ThrowUnexpected(Run run)
    {
        if (run.Failure is not null)
            ExceptionDispatchInfo.Throw(run.Failure);
        if (run.Status == RunStatus.Cancelled)
            throw new BadHttpRequestException("The request broke off before it was whole; nothing was stored. Hint: send it again.");
    }

    private async Task<List<RejectedLine>> Rejections(long? validationId, CancellationToken cancellation) => validationId is null ? [] : await db.RejectedRows
        .Where(row => row.ValidationId == validationId).OrderBy(row => row.Line).ThenBy(row => row.RejectionId).Take(MostRejections)
        .Select(row => new RejectedLine(row.Line, row.Reasons)).ToListAsync(cancellation);

    private static ProblemHttpResult Problem(string detail, int status, Run run, IReadOnlyList<RejectedLine> rejections, params (string Name, object? Value)[] more) =>
        TypedResults.Problem(detail, statusCode: status, extensions:
        [
            new("runId", run.RunId), .. more.Where(part => part.Value is not null).Select(part => KeyValuePair.Create(part.Name, part.Value)), new("rejections", rejections),
        ]);
}

/// <summary>What became of the rows that were sent.</summary>
/// <param name="CommitId">Null when there was nothing to change.</param>
/// <param name="ValidationId">Null when there was neither anything to change nor anything to complain of.</param>
/// <param name="Outcomes">Outcomes that are new or corrected.</param>
/// <param name="Rejections">In the order of lines; the first thousand.</param>
public sealed record IngestionAnswer(
    long RunId, long? CommitId, long? ValidationId, int Inserted, int Updated, int Unchanged, int Rejected, int Outcomes,
    IReadOnlyList<RejectedLine> Rejections, IReadOnlyList<string> Warnings);

/// <param name="Line">The physical line where the record starts; the header is line 1. Of JSON the element's number, from 1.</param>
public sealed record RejectedLine(long Line, IReadOnlyList<string> Reasons);

/// <summary>A passenger was ended.</summary>
public sealed record DeletionAnswer(long RunId, long CommitId, int Deleted);
