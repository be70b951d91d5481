using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary><c>/api/training-datasets</c>: list, show, define, download and verify training datasets.</summary>
internal static class TrainingDatasetsApi
{
    /// <summary>Maximum number of datasets per page.</summary>
    public const int MaximumPageSize = 200;
    private const int DefaultPageSize = 50;
    private const string Csv = "text/csv", CsvInUtf8 = "text/csv; charset=utf-8", Parquet = "application/vnd.apache.parquet";

    public static void MapTrainingDatasetsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/training-datasets").WithTags("Feature store");
        api.MapGet("", List).WithName("listTrainingDatasets").WithSummary("List training datasets")
            .WithDescription("Newest first, one page per request.");
        api.MapGet("{id:long}", Show).WithName("showTrainingDataset").WithSummary("Show a training dataset")
            .WithDescription("Definition, SHA-256 digest, counts and class balance.");
        api.MapGet("{id:long}/rows", Download).WithName("downloadTrainingDataset").WithSummary("Download the rows of a training dataset")
            .WithDescription("Streams the rows and verifies their digest; if the digest differs, the download is aborted.")
            .Produces<Stream>(StatusCodes.Status200OK, Csv, Parquet)
            .LimitCostlyReads();
        api.MapPost("", Define).WithName("defineTrainingDataset").WithSummary("Define a training dataset")
            .WithDescription("Selects rows of a feature view as of a commit with the outcomes known before a cutoff, and splits them by person.")
            .WithExample(
                "history", "The bundled dataset as of the first commit",
                """{"view": "titanic_binned", "asOf": 1, "sources": ["titanic3"], "testShare": 0.2}""")
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
        // It writes nothing, but it reads every row, so it requires the operator policy.
        api.MapPost("{id:long}/verify", Verify).WithName("verifyTrainingDataset").WithSummary("Verify a training dataset")
            .WithDescription("Reads all rows again and compares their digest with the stored one.")
            .ProducesProblem(StatusCodes.Status409Conflict).RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies()
            .LimitCostlyReads();
    }

    internal static async Task<Results<Ok<TrainingDatasetPage>, ProblemHttpResult>> List(
        TitanicDb db, CancellationToken cancellation,
        [Description("Only datasets with a smaller id. Default: starts with the newest.")] long? before = null,
        [Description("Maximum number of datasets on the page."), Example(10), Range(1, MaximumPageSize)] int limit = DefaultPageSize)
    {
        var datasets = await db.TrainingDatasets.AsNoTracking()
            .Where(dataset => before == null || dataset.TrainingDatasetId < before)
            .OrderByDescending(dataset => dataset.TrainingDatasetId)
            .Take(limit + 1)
            .ToListAsync(cancellation);
        return TypedResults.Ok(new TrainingDatasetPage(
            [.. datasets.Take(limit).Select(TrainingDatasetResponse.Of)],
            datasets.Count > limit ? FormattableString.Invariant($"/api/training-datasets?before={datasets[limit - 1].TrainingDatasetId}&limit={limit}") : null));
    }

    internal static async Task<Results<Ok<TrainingDatasetResponse>, ProblemHttpResult>> Show(
        [Description("Id of the dataset."), Example(1)] long id, TitanicDb db, CancellationToken cancellation) =>
        await Find(db, id, cancellation) is { } dataset ? TypedResults.Ok(TrainingDatasetResponse.Of(dataset)) : NotFound(id);

    internal static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> Download(
        [Description("Id of the dataset."), Example(1)] long id,
        [Description("File format. Default: csv."), Example("csv"), OneOf("csv", "parquet")] string? format,
        TitanicDb db, TrainingDatasetExport export, CancellationToken cancellation)
    {
        if (await Find(db, id, cancellation) is not { } dataset)
            return NotFound(id);
        var name = $"training-dataset-{id}";
        return format switch
        {
            null or "" or "csv" => TypedResults.Stream(body => export.WriteCsv(dataset, body, cancellation), CsvInUtf8, $"{name}.csv"),
            "parquet" => TypedResults.Stream(body => export.WriteParquet(dataset, body, cancellation), Parquet, $"{name}.parquet"),
            _ => Problem(ErrorText.Invalid("The format", format, "csv or parquet"), StatusCodes.Status400BadRequest),
        };
    }

    internal static async Task<Results<Created<TrainingDatasetResponse>, ValidationProblem, ProblemHttpResult>> Define(
        TrainingDatasetRequest request, TrainingDatasets datasets, ClaimsPrincipal user, TitanicDb db, CancellationToken cancellation)
    {
        var (definition, problems) = await request.Resolve(db, cancellation);
        if (definition is null)
            return TypedResults.ValidationProblem(problems.ToDictionary(problem => problem.Key, problem => (string[])[problem.Value]), detail: "The definition is not valid; nothing was stored. Correct the fields in errors.");
        try
        {
            var dataset = await datasets.Create(definition, AuditLog.CallerName(user), cancellation);
            return TypedResults.Created($"/api/training-datasets/{dataset.TrainingDatasetId}", TrainingDatasetResponse.Of(dataset));
        }
        catch (EmptyTrainingDatasetException empty)
        {
            return Problem(empty.Message, StatusCodes.Status422UnprocessableEntity);
        }
    }

    internal static async Task<Results<Ok<TrainingDatasetComparisonResponse>, ProblemHttpResult>> Verify(
        [Description("Id of the dataset."), Example(1)] long id, TitanicDb db, TrainingDatasets datasets,
        CancellationToken cancellation)
    {
        if (await Find(db, id, cancellation) is not { } dataset)
            return NotFound(id);
        try
        {
            return TypedResults.Ok(TrainingDatasetComparisonResponse.Of(await datasets.Recompute(dataset, cancellation)));
        }
        catch (ChangedFeatureViewException changed)
        {
            return Problem(changed.Message, StatusCodes.Status409Conflict);
        }
    }

    private static Task<TrainingDataset?> Find(TitanicDb db, long id, CancellationToken cancellation) =>
        db.TrainingDatasets.AsNoTracking().SingleOrDefaultAsync(dataset => dataset.TrainingDatasetId == id, cancellation);

    private static ProblemHttpResult NotFound(long id) => Problem(NotFoundText.TrainingDataset(id), StatusCodes.Status404NotFound);

    private static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>A training dataset; see <see cref="TrainingDataset"/> for its members.</summary>
public sealed record TrainingDatasetResponse(
    long Id, string View, int Version, long AsOfCommitId, DateTimeOffset KnownBefore, IReadOnlyList<string> Sources, double TestShare, string Salt,
    int Rows, int Survivors, int HeldOutRows, string Sha256, DateTimeOffset CreatedAt, long? RunId, DateTimeOffset? EventTimeFrom)
{
    internal static TrainingDatasetResponse Of(TrainingDataset dataset) => new(
        dataset.TrainingDatasetId, dataset.ViewName, dataset.ViewVersion, dataset.AsOfCommitId, dataset.KnownBefore, dataset.Sources, dataset.TestShare,
        dataset.SplitSalt, dataset.Rows, dataset.Survivors, dataset.HeldOutRows, dataset.Sha256, dataset.CreatedAt, dataset.RunId,
        dataset.EventTimeFrom);
}

/// <summary>Training datasets, newest first.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record TrainingDatasetPage(IReadOnlyList<TrainingDatasetResponse> TrainingDatasets, string? Next);

/// <summary>Counts and digest of a training dataset: as stored, and as read again.</summary>
public sealed record TrainingDatasetComparisonResponse(
    long Id, bool IsEqual, string StoredSha256, string ReadSha256, int StoredRows, int ReadRows, int StoredSurvivors, int ReadSurvivors, double DurationInSeconds)
{
    internal static TrainingDatasetComparisonResponse Of(TrainingDatasetComparison compared) => new(
        compared.TrainingDatasetId, compared.IsEqual, compared.StoredSha256, compared.ReadSha256, compared.StoredRows, compared.ReadRows,
        compared.StoredSurvivors, compared.ReadSurvivors, compared.Duration.TotalSeconds);
}
