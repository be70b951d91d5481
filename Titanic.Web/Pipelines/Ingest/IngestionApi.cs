using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary><c>POST /api/passengers</c>, <c>POST /api/outcomes</c> and <c>DELETE /api/passengers/{source}/{key}</c>.</summary>
internal static class IngestionApi
{
    /// <summary>Maximum number of rejected rows in a response; <c>GET /api/validations/{id}/rejections</c> lists all.</summary>
    private const int MaximumRejections = 1_000;

    public const string Csv = "text/csv", Json = "application/json";

    internal static IReadOnlyList<string> AllowedSources { get; } = [PassengerSources.Api, PassengerSources.Upload];

    public static void MapIngestionApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Feature store").RequireAuthorization(AccessPolicies.Ingest).RequireAntiforgeryForCookies();
        api.MapPost("/passengers", PostPassengers).WithName("sendPassengers").WithSummary("Send passengers")
            .WithDescription("Stores the rows in one transaction and one commit; they are readable when the response is sent. Sending the "
                + "same rows again changes nothing. Members and columns have any case and well-known other names, such as id for passengerId; "
                + "others are ignored and named in warnings. The response lists rejected rows; if no row "
                + "is valid, the status is 422 and nothing is stored. A CSV file may be separated by commas, semicolons or TAB, encoded as UTF-8, UTF-16 "
                + "with a byte order mark or, if declared, Windows-1252, and compressed as gzip or zip. Only class and sex are required; "
                + "a row without an id gets one from its content. Values of JSON can be strings in the spellings of a CSV cell.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .AcceptsListOf("""
                {"type": "object", "required": ["pclass", "sex"], "properties": {
                    "passengerId": {"type": ["integer", "string", "null"],
                      "description": "The passenger's key in its source; a row with a known key updates that passenger. Default: a key from the content of the row."},
                    "name": {"type": ["string", "null"]},
                    "pclass": {"type": "integer", "enum": [1, 2, 3]},
                    "sex": {"type": "string", "enum": ["male", "female"], "description": "Case-insensitive."},
                    "age": {"type": ["number", "null"], "description": "In years; null means unknown."},
                    "fare": {"type": ["number", "null"], "description": "In pounds; null means unknown."},
                    "survived": {"type": ["boolean", "integer", "null"], "description": "Omitted or null while it is not known."},
                    "eventTime": {"type": ["string", "null"], "format": "date-time",
                      "description": "When the passenger sailed; default: now."},
                    "person": {"type": ["string", "integer", "null"],
                      "description": "The person as declared by the source: rows of one source without a name and with the same value are one person."}}}
                """)
            .WithExample("two", "Two passengers, one without an outcome", """
                [{"passengerId": 892, "name": "Kelly, Mr. James", "pclass": 3, "sex": "male", "age": 34.5, "fare": 7.8292,
                  "survived": false},
                 {"passengerId": 893, "name": "Wilkes, Mrs. James", "pclass": 3, "sex": "female", "age": 47}]
                """)
            .WithExample(
                "csv", "A list with a header",
                "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n894,0,2,\"Myles, Mr. Thomas Francis\",male,62,9.6875\n", type: Csv);
        api.MapPost("/passengers/preview", PostPreview).WithName("previewPassengers").WithSummary("Preview a passenger file")
            .WithDescription("Reads the first 10 rows of a CSV file and returns how it is understood. Nothing is stored. The first 256 KiB of the "
                + "file are enough, except for a zip file.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .Accepts<string>(Csv)
            .WithExample(
                "csv", "A German file", "class;sex;age;fare\n3;male;22;7,25\n", type: Csv);
        api.MapPost("/outcomes", PostOutcomes).WithName("sendOutcomes").WithSummary("Send outcomes")
            .WithDescription("Stores late outcomes of stored passengers, and corrections of outcomes.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .AcceptsListOf($$"""
                {"type": "object", "required": ["passengerId", "survived"], "properties": {
                    "passengerId": {"type": ["integer", "string"], "description": "The passenger's key in its source."},
                    "survived": {"type": ["boolean", "integer"], "description": "true, false, 1 or 0."},
                    "source": {"type": ["string", "null"], "enum": ["{{string.Join("\", \"", PassengerSources.All)}}", null],
                      "description": "Source of the passenger; default: the source parameter of the query."},
                    "knownAt": {"type": ["string", "null"], "format": "date-time",
                      "description": "When the outcome became known; default: now."} } }
                """)
            .WithExample("late", "An outcome that became known later", """[{"passengerId": 893, "survived": true}]""")
            .WithExample("csv", "A list with a header", "PassengerId,Survived\n893,1\n", type: Csv);
        api.MapDelete("/passengers/{source}/{key}", Delete).WithName("deletePassenger").WithSummary("Delete a passenger")
            .WithDescription("Ends the passenger and its outcome with a new commit. Reads as of earlier commits still return them.")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>
    /// Documents a body of CSV or of a JSON array. The row's schema is given as JSON, because a member may have several types.
    /// </summary>
    private static RouteHandlerBuilder AcceptsListOf(this RouteHandlerBuilder endpoint, string rowSchema) => endpoint
        .Accepts<string>(Csv, Json)
        .AddOpenApiOperationTransformer((operation, context, _) =>
        {
            var items = OpenApiModelFactory.Parse<OpenApiSchema>(rowSchema, OpenApiSpecVersion.OpenApi3_1, context.Document!, out var _);
            operation.RequestBody!.Content![Json].Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = items };
            return Task.CompletedTask;
        });

    internal static Task<Results<Ok<IngestionResponse>, ProblemHttpResult>> PostPassengers(
        [Description("Source of the rows; default: api."), Example(PassengerSources.Api)]
        [OneOf(PassengerSources.Api, PassengerSources.Upload)] string? source,
        [AsParameters] UploadParameters parameters, CancellationToken cancellation) => Ingest(UploadKind.Passengers, source, parameters, cancellation);

    internal static async Task<Results<Ok<PassengerPreview>, ProblemHttpResult>> PostPreview(
        HttpRequest request, [AsParameters] CsvParameters csv, PassengerPreviews previews, CancellationToken cancellation)
    {
        if (UploadParameters.ReadContentType(request, Csv).Problem is { } unsupported)
            return unsupported;
        var (read, problem) = csv.Read();
        if (read is null)
            return Problem(problem!, StatusCodes.Status400BadRequest);
        UploadParameters.AllowBody(request, previews.MaximumFileBytes);
        try
        {
            return TypedResults.Ok(await previews.Read(request.Body, read, cancellation));
        }
        catch (PassengerFileException tooLarge) when (tooLarge.InnerException is BadHttpRequestException)
        {
            return TooLarge(request, previews.MaximumFileBytes);
        }
        catch (PassengerFileException unreadable)
        {
            return TypedResults.Problem(
                unreadable.Message, statusCode: StatusCodes.Status400BadRequest,
                extensions: new Dictionary<string, object?> { ["line"] = unreadable.Line });
        }
    }

    internal static Task<Results<Ok<IngestionResponse>, ProblemHttpResult>> PostOutcomes(
        [Description("Source of passengers whose row has no source; default: api."), Example(PassengerSources.Api)]
        [PassengerSource] string? source,
        [AsParameters] UploadParameters parameters, CancellationToken cancellation) => Ingest(UploadKind.Outcomes, source, parameters, cancellation);

    internal static async Task<Results<Ok<DeletionResponse>, ProblemHttpResult>> Delete(
        [AsParameters] DeletionParameters passenger, FeatureReader features, Corrections corrections, CancellationToken cancellation)
    {
        var (source, key, user) = passenger;
        if (await features.Exists(source, key, cancellation))
        {
            var (run, result) = await corrections.Delete(source, key, RunTrigger.Api, AuditLog.CallerName(user), cancellation);
            if (run.IsCanceledByUser)
                return Problem(run.Error!, StatusCodes.Status409Conflict, run, []);
            ThrowUnexpected(run);
            if (result is { Deleted: > 0 })
                return TypedResults.Ok(new DeletionResponse(run.RunId, result.CommitId!.Value, result.Deleted));
        }
        return Problem(NotFoundText.Passenger(source, key), StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<IngestionResponse>, ProblemHttpResult>> Ingest(
        UploadKind kind, string? source, UploadParameters parameters, CancellationToken cancellation)
    {
        var (upload, problem) = parameters.Read(kind, source ?? PassengerSources.Api);
        if (upload is null)
            return problem!;
        var stored = await parameters.Uploads.Ingest(upload, cancellation);
        var (run, result) = stored;
        switch (run.Failure)
        {
            case PassengerFileException { InnerException: BadHttpRequestException }:
                return TooLarge(parameters.Request, parameters.MaximumBytes);
            case PassengerFileException unreadable:
                return Problem(unreadable.Message, StatusCodes.Status400BadRequest, run, [], ("line", unreadable.Line));
            case IngestionRejectedException refused:
                return Problem(
                    refused.Message, StatusCodes.Status422UnprocessableEntity, run,
                    await Rejections(parameters.Db, refused.ValidationId, cancellation),
                    ("validationId", refused.ValidationId), ("rejected", refused.RowsRejected));
        }
        if (run.IsCanceledByUser)
            return Problem(run.Error!, StatusCodes.Status409Conflict, run, []);
        ThrowUnexpected(run);
        return TypedResults.Ok(new IngestionResponse(
            run.RunId, result!.CommitId, result.ValidationId, result.Inserted, result.Updated, result.Unchanged, result.Rejected, result.OutcomesRecorded, result.Linked, result.Relinked,
            await Rejections(parameters.Db, result.ValidationId, cancellation), result.Warnings, result.Input, stored.InferenceRunId));
    }

    internal static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);

    internal static ProblemHttpResult TooLarge(HttpRequest request, long limitInBytes) => Problem(
        $"{ErrorText.BodyTooLarge(request.ContentLength, limitInBytes)} Split it, or raise {PassengersOptions.Section}:MaximumFileSizeInBytes.",
        StatusCodes.Status413PayloadTooLarge);

    private static ProblemHttpResult Problem(
        string detail, int status, Run run, IReadOnlyList<RejectedLine> rejections, params ReadOnlySpan<(string Name, object? Value)> more)
    {
        var extensions = new Dictionary<string, object?> { ["runId"] = run.RunId };
        foreach (var (name, value) in more)
        {
            if (value is not null)
                extensions[name] = value;
        }
        extensions["rejections"] = rejections;
        return TypedResults.Problem(detail, statusCode: status, extensions: extensions);
    }

    /// <summary>Rethrows failures that the request did not cause; <c>Hosting/ErrorResponses</c> turns them into responses.</summary>
    private static void ThrowUnexpected(Run run)
    {
        if (run.Failure is not null)
            ExceptionDispatchInfo.Throw(run.Failure);
        if (run.Status == RunStatus.Cancelled)
            throw new InterruptedUploadException("The request body is incomplete or malformed. Nothing was stored. Send the request again.");
    }

    private static async Task<List<RejectedLine>> Rejections(TitanicDb db, long? validationId, CancellationToken cancellation) => validationId is null ? [] : await db.RejectedRows
        .Where(row => row.ValidationId == validationId).OrderBy(row => row.Line).ThenBy(row => row.RejectionId).Take(MaximumRejections)
        .Select(row => new RejectedLine(row.Line, row.Reasons)).ToListAsync(cancellation);
}

/// <summary>A 400 with a message for the caller, in place of the web server's technical one.</summary>
internal sealed class InterruptedUploadException(string message) : BadHttpRequestException(message);

/// <summary>The parameters of a request that sends rows.</summary>
internal sealed record UploadParameters(
    HttpRequest Request,
    [property: Description("always stores the valid rows; strict rejects all rows if an expectation fails."), Example("always")]
    [property: OneOf<IngestionPolicy>] string? Policy,
    [property: Description(CsvParameters.EncodingDescription)] string? Encoding,
    [property: Description(CsvParameters.DelimiterDescription)] string? Delimiter,
    [property: Description(CsvParameters.ColumnsDescription)] string? Columns,
    [property: Description("Name of the file, shown to operators with the run; at most 255 characters."), Example("passengers.csv")] string? FileName,
    IOptions<PassengersOptions> Options, Uploads Uploads, TitanicDb Db)
{
    private const string Csv = IngestionApi.Csv, Json = IngestionApi.Json;

    public long MaximumBytes => Options.Value.MaximumFileSizeInBytes;

    /// <returns>The upload, or the problem to return as the response.</returns>
    public (Upload? Upload, ProblemHttpResult? Problem) Read(UploadKind kind, string source)
    {
        var sources = kind == UploadKind.Passengers ? IngestionApi.AllowedSources : PassengerSources.All;
        if (!sources.Contains(source))
            return Reject(ErrorText.Invalid("The source", source, ErrorText.OneOf([.. sources])), StatusCodes.Status400BadRequest);
        if (ReadPolicy() is not { } policy)
            return Reject(ErrorText.Invalid("The policy", Policy, "always or strict"), StatusCodes.Status400BadRequest);
        var (mediaType, unsupported) = ReadContentType(Request, Csv, Json);
        if (mediaType is null)
            return (null, unsupported);
        var format = mediaType == Csv ? DatasetFormat.Csv : DatasetFormat.Json;
        var (read, invalid) = new CsvParameters(Encoding, Delimiter, Columns).Read();
        if (read is null)
            return Reject(invalid!, StatusCodes.Status400BadRequest);
        if (format == DatasetFormat.Json && (Encoding ?? Delimiter ?? Columns) is not null)
            return Reject("The parameters encoding, delimiter and columns apply to text/csv; the body is application/json. Remove them.", StatusCodes.Status400BadRequest);
        if (FileName?.Length > Upload.MaximumFileNameLength)
            return Reject($"The parameter fileName has {Quantity.Of(FileName.Length, "character")}; it must have at most {Upload.MaximumFileNameLength}.", StatusCodes.Status400BadRequest);
        if (Request.ContentLength > MaximumBytes)
            return (null, IngestionApi.TooLarge(Request, MaximumBytes));
        AllowBody(Request, MaximumBytes);
        return (new Upload(Request.Body, source, policy, RunTrigger.Api, AuditLog.CallerName(Request.HttpContext.User))
        { Kind = kind, Format = format, Read = read, FileName = Upload.CleanFileName(FileName) }, null);
    }

    /// <summary>Sets the maximum size of a body; the server's default is for buffered bodies, and files are streamed.</summary>
    internal static void AllowBody(HttpRequest request, long maximumBytes)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = maximumBytes;
    }

    private static (Upload? Upload, ProblemHttpResult? Problem) Reject(string detail, int status) => (null, IngestionApi.Problem(detail, status));

    private IngestionPolicy? ReadPolicy() => Policy?.ToLowerInvariant() switch
    {
        null or "always" => IngestionPolicy.Always,
        "strict" => IngestionPolicy.Strict,
        _ => null,
    };

    /// <summary>Checks the headers that describe the body.</summary>
    /// <returns>The media type, one of the accepted ones, or the problem with status 415.</returns>
    internal static (string? MediaType, ProblemHttpResult? Problem) ReadContentType(HttpRequest request, params string[] accepted)
    {
        var found = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            ? Array.Find(accepted, media => type.MediaType.Equals(media, StringComparison.OrdinalIgnoreCase))
            : null;
        var problem = found is null ? ErrorText.ContentType(request.ContentType, accepted, isUtf8: true)
            : request.Headers.ContentEncoding is { Count: > 0 } encoding ? ErrorText.ContentEncoding(encoding.ToString())
            : null;
        return problem is null ? (found, null) : (null, IngestionApi.Problem(problem, StatusCodes.Status415UnsupportedMediaType));
    }
}

/// <summary>The query parameters that specify how to read a CSV file. What is not specified is detected.</summary>
internal sealed record CsvParameters(
    [property: Description(CsvParameters.EncodingDescription)] string? Encoding,
    [property: Description(CsvParameters.DelimiterDescription)] string? Delimiter,
    [property: Description(CsvParameters.ColumnsDescription)] string? Columns)
{
    public const string EncodingDescription =
        "Encoding of a CSV file: " + CsvReadOptions.EncodingNames + ". Default: the byte order mark decides; without one it is UTF-8.";

    public const string DelimiterDescription = "Delimiter of a CSV file: " + CsvReadOptions.DelimiterNames + ". Default: a line such as sep=; or the header decides.";

    public const string ColumnsDescription =
        "Columns of a CSV file for fields, as field:column separated by commas. Fields are passengerId, survived, pclass, name, sex, age, fare and person; "
        + "a field without a column is not read. Default: well-known names.";

    public (CsvReadOptions? Options, string? Problem) Read() => CsvReadOptions.Parse(Encoding, Delimiter, Columns);
}

/// <summary>The passenger to delete.</summary>
internal sealed record DeletionParameters(
    [property: Description("Source of the passenger."), Example(PassengerSources.Api), PassengerSource] string Source,
    [property: Description("The passenger's key in its source."), Example("892")] string Key, ClaimsPrincipal User);

/// <summary>The result of an ingestion.</summary>
/// <param name="CommitId">Null when no row changed.</param>
/// <param name="ValidationId">Null when no row changed and no row was rejected.</param>
/// <param name="Outcomes">Number of new and corrected outcomes.</param>
/// <param name="Linked">Number of inserted rows whose person is already stored under another key; the person is counted once.</param>
/// <param name="Relinked">
/// Number of rows with unchanged values that got a new version because a correction changed of which row they are a copy.
/// </param>
/// <param name="Rejections">The rejected rows in line order; the first 1,000.</param>
/// <param name="Input">How a CSV file was read; null for JSON.</param>
/// <param name="InferenceRunId">
/// The queued inference run that predicts the new passengers; null if none needs a prediction, without a champion, and if the setting
/// Schedule:InferenceOnUpload is false.
/// </param>
public sealed record IngestionResponse(
    long RunId, long? CommitId, long? ValidationId, int Inserted, int Updated, int Unchanged, int Rejected, int Outcomes, int Linked, int Relinked,
    IReadOnlyList<RejectedLine> Rejections, IReadOnlyList<string> Warnings, InputDescription? Input, long? InferenceRunId);

/// <summary>A rejected row.</summary>
/// <param name="Line">
/// For CSV, the physical line where the record starts; the header is line 1. For JSON, the element's number, starting at 1.
/// </param>
/// <param name="Reasons">Why the row was rejected; one message for each problem.</param>
public sealed record RejectedLine(long Line, IReadOnlyList<string> Reasons);

/// <summary>The result of a deletion.</summary>
public sealed record DeletionResponse(long RunId, long CommitId, int Deleted);
