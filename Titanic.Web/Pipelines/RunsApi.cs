using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Pipelines;

/// <summary><c>/api/runs</c>: lists, shows and repeats runs.</summary>
internal static class RunsApi
{
    public static void MapRunsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/runs").WithTags("Pipelines");
        api.MapGet("", List).WithName("listRuns").WithSummary("List runs")
            .WithDescription("Newest first, in pages. The member next is the URL of the next page.");
        api.MapGet("{id:long}", Show).WithName("showRun").WithSummary("Show a run")
            .WithDescription("Parameters, status, result, steps, counts and error of a run. While it runs, its steps are updated about once a second.");
        api.MapPost("{id:long}/rerun", Repeat).WithName("rerun").WithSummary("Run again")
            .WithDescription("Queues a new run with the parameters of this one. Data that was sent with a request is not stored, so its run returns 409.")
            .ProducesProblem(StatusCodes.Status409Conflict).RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
        api.MapPost("{id:long}/cancel", Cancel).WithName("cancelRun").WithSummary("Cancel a run")
            .WithDescription("A queued run is canceled at once. A running one stops within seconds, whichever process executes it; poll GET /api/runs/{id} until its "
                + "status is cancelled. Transactions that it has committed stay; nothing else is stored. A canceled run is not repeated, neither by its "
                + "job nor by the schedule; run it again with POST /api/runs/{id}/rerun. A run that has ended returns 409.")
            .ProducesProblem(StatusCodes.Status409Conflict).RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
    }

    private static async Task<Results<Ok<RunPage>, ProblemHttpResult>> List([AsParameters] RunListRequest request, RunReader runs, RunViewer viewer, CancellationToken cancellation)
    {
        var (filter, problems) = RunFilter.Parse(name => request.Http.Request.Query[name]);
        if (problems.Count > 0)
            return TypedResults.Problem(problems.Values.First(), statusCode: StatusCodes.Status400BadRequest);
        var isOperator = await viewer.IsOperator();
        var found = await runs.Read(filter, request.Before, request.Limit + 1, isOperator, cancellation);
        RunResponse[] page = [.. found.Take(request.Limit).Select(run => RunResponse.Of(run, isOperator))];
        return TypedResults.Ok(new RunPage(page, found.Count > request.Limit ? request.NextUrl(page[^1].RunId) : null));
    }

    private static async Task<Results<Ok<RunResponse>, ProblemHttpResult>> Show(
        [Description("Number of the run."), Example(1)] long id, RunReader runs, RunViewer viewer, CancellationToken cancellation) =>
        await runs.Find(id, cancellation) is { } run ? TypedResults.Ok(RunResponse.Of(run, await viewer.IsOperator())) : NotFound(id);

    private static async Task<Results<Accepted<RunResponse>, ProblemHttpResult>> Repeat(
        [Description("Number of the run."), Example(1)] long id, RunReader runs, RunQueue queue, ClaimsPrincipal user, CancellationToken cancellation)
    {
        if (await runs.Find(id, cancellation) is not { } run)
            return NotFound(id);
        if (RunRules.FindRepetitionError(run) is { } error)
            return TypedResults.Problem(error, statusCode: StatusCodes.Status409Conflict);
        var repeated = await queue.EnqueueAgain(run, RunTrigger.Api, AuditLog.CallerName(user), cancellation);
        return TypedResults.Accepted($"/api/runs/{repeated.RunId}", RunResponse.Of(repeated, isOperator: true));
    }

    private static async Task<Results<Accepted<RunResponse>, ProblemHttpResult>> Cancel(
        [Description("Number of the run."), Example(1)] long id, RunReader runs, RunCancellation cancellations, ClaimsPrincipal user, CancellationToken cancellation)
    {
        if (await runs.Find(id, cancellation) is null)
            return NotFound(id);
        var (run, error) = await cancellations.Request(id, AuditLog.CallerName(user), cancellation);
        return run is null
            ? TypedResults.Problem(error, statusCode: StatusCodes.Status409Conflict)
            : TypedResults.Accepted($"/api/runs/{id}", RunResponse.Of(run, isOperator: true));
    }

    private static ProblemHttpResult NotFound(long id) => TypedResults.Problem(NotFoundText.Run(id), statusCode: StatusCodes.Status404NotFound);

    /// <summary>The query parameters for listing runs.</summary>
    internal sealed record RunListRequest(
        HttpContext Http,
        [property: Description("Only runs of this pipeline."), Example(PipelineNames.Training), PipelineName] string? Pipeline,
        [property: Description("Only runs with this status."), Example("failed"), OneOf<RunStatus>] string? Status,
        [property: Description("Only runs that were started by this trigger."), OneOf<RunTrigger>] string? Trigger,
        [property: Description("Only uploads and the inference runs for them, or only other runs. Default: both."), OneOf(RunFilter.Upload, RunFilter.Pipelines)] string? Kind,
        [property: Description("Only runs for this logical date (UTC).")] DateOnly? Date,
        [property: Description("Only runs with this text in the result, the input or, for operators, the error; at most 100 characters.")] string? Search,
        [property: Description("Only runs with a smaller number. Default: starts with the newest.")] long? Before,
        [property: Description("Maximum number of runs on the page."), Example(10), Range(1, 1_000)] int Limit = 100)
    {
        /// <param name="last">The last number of this page.</param>
        public string NextUrl(long last) => NextPage.Url("/api/runs", Http.Request, last);
    }
}

/// <summary>One page of runs.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record RunPage(IReadOnlyList<RunResponse> Runs, string? Next);

/// <summary>A run of a pipeline.</summary>
/// <param name="Steps">What the run does, step by step.</param>
/// <param name="Error">Why the run has no result; of a failed run for operators only.</param>
/// <param name="RequestedBy">
/// The account or API key that requested the run, for operators; null for others, for the schedule, the first start and the command line.
/// </param>
/// <param name="FileName">For operators, the name of an uploaded file, if it was sent; null for others.</param>
/// <param name="CancelRequestedAt">When a user requested to cancel the run; null without a request.</param>
/// <param name="CancelRequestedBy">Who requested that, for operators; null for others.</param>
public sealed record RunResponse(
    long RunId, [property: PipelineName] string Pipeline, DateOnly? LogicalDate, string? Backfill,
    [property: OneOf<IngestionPolicy>] string? Policy, string? AsOf,
    [property: AlternativeLearnerName, JsonPropertyName(RunRejectedException.AlternativeField)] string? Alternative,
    [property: OneOf<RunTrigger>] string Trigger,
    [property: OneOf<RunStatus>] string Status, int Attempts, string? Summary,
    IReadOnlyDictionary<string, long> Counts, IReadOnlyList<RunStep> Steps, string? Error, string CodeVersion, string? Host,
    DateTimeOffset QueuedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? RequestedBy, string? FileName, DateTimeOffset? CancelRequestedAt, string? CancelRequestedBy)
{
    /// <param name="isOperator">Whether the names of users and files, and the error of a failed run, are included.</param>
    public static RunResponse Of(Run run, bool isOperator) => new(
        run.RunId, run.Pipeline, run.LogicalDate, run.Backfill, run.Policy?.ToString().ToLowerInvariant(), run.AsOf, run.Alternative,
        run.Trigger.ToString().ToLowerInvariant(), run.Status.ToString().ToLowerInvariant(),
        run.Attempts, run.Summary, run.Counts, run.Steps, run.DescribeError(isOperator), run.CodeVersion, run.Host, run.QueuedAt, run.StartedAt, run.EndedAt,
        isOperator ? run.RequestedBy : null, isOperator ? run.FileName : null, run.CancelRequestedAt, isOperator ? run.CancelRequestedBy : null);
}

/// <summary>Filters runs.</summary>
/// <param name="IsUpload">Whether the run read the data of a request, or predicted them at once; null for both.</param>
/// <param name="Date">The logical date.</param>
/// <param name="Search">A text in the result, the error or the input, in any case.</param>
public sealed record RunFilter(
    string? Pipeline = null, RunStatus? Status = null, RunTrigger? Trigger = null, bool? IsUpload = null, DateOnly? Date = null, string? Search = null)
{
    /// <summary>The values of the parameter <c>kind</c>.</summary>
    public const string Upload = "upload", Pipelines = "pipeline";

    private const int MaximumSearchLength = 100;

    public bool IsEmpty => this == new RunFilter();

    /// <summary>Parses query parameters; missing and empty ones do not filter.</summary>
    /// <param name="getValue">Returns the value of a parameter by its name; null when it is missing.</param>
    /// <returns>The filter, and one error message for each invalid parameter.</returns>
    public static (RunFilter Filter, IReadOnlyDictionary<string, string> Problems) Parse(Func<string, string?> getValue)
    {
        var problems = new Dictionary<string, string>();
        var kind = Choose("kind", [Upload, Pipelines]);
        var date = Value("date") is { } text ? ParseDate(text) : null;
        var search = Value("search");
        if (search?.Length > MaximumSearchLength)
            problems["search"] = $"The parameter search has {Quantity.Of(search.Length, "character")}; it must have at most {MaximumSearchLength}.";
        return (new(Choose("pipeline", PipelineNames.All), ChooseEnum<RunStatus>("status"), ChooseEnum<RunTrigger>("trigger"), kind is null ? null : kind == Upload, date, search), problems);

        string? Value(string name) => getValue(name)?.Trim() is { Length: > 0 } value ? value : null;

        string? Choose(string name, IReadOnlyList<string> allowed)
        {
            if (Value(name) is not { } value || allowed.Contains(value))
                return Value(name);
            problems[name] = ErrorText.Invalid($"The parameter {name}", value, ErrorText.OneOf(allowed));
            return null;
        }

        TEnum? ChooseEnum<TEnum>(string name)
            where TEnum : struct, Enum =>
            Choose(name, [.. Enum.GetNames<TEnum>().Select(value => value.ToLowerInvariant())]) is { } value ? Enum.Parse<TEnum>(value, ignoreCase: true) : null;

        DateOnly? ParseDate(string value)
        {
            if (IsoTimestamp.TryParseDate(value, out var day))
                return day;
            problems["date"] = ErrorText.Invalid("The parameter date", value, IsoTimestamp.ExpectedDate);
            return null;
        }
    }
}

/// <summary>Reads runs for pages and the API.</summary>
public sealed class RunReader(TitanicDb db)
{
    /// <summary>Runs that match a filter, newest first.</summary>
    /// <param name="before">Only runs with a smaller number; null starts with the newest.</param>
    /// <param name="isOperator">Whether the search reads the errors of failed runs.</param>
    public async Task<IReadOnlyList<Run>> Read(RunFilter filter, long? before, int limit, bool isOperator, CancellationToken cancellation)
    {
        var runs = db.Runs.AsNoTracking().Where(run => before == null || run.RunId < before);
        if (filter.Pipeline is { } pipeline)
            runs = runs.Where(run => run.Pipeline == pipeline);
        if (filter.Status is { } status)
            runs = runs.Where(run => run.Status == status);
        if (filter.Trigger is { } trigger)
            runs = runs.Where(run => run.Trigger == trigger);
        if (filter.IsUpload is { } isUpload)
            runs = runs.Where(run => (run.IsConcurrent || run.Trigger == RunTrigger.Upload) == isUpload);
        if (filter.Date is { } date)
            runs = runs.Where(run => run.LogicalDate == date);
        if (filter.Search is { } search)
        {
            var pattern = LikePattern.Containing(search);
            runs = runs.Where(run => EF.Functions.ILike(run.Summary ?? "", pattern, LikePattern.Escape)
                || ((isOperator || run.Status != RunStatus.Failed) && EF.Functions.ILike(run.Error ?? "", pattern, LikePattern.Escape))
                || EF.Functions.ILike(run.Backfill ?? "", pattern, LikePattern.Escape));
        }
        return await runs.OrderByDescending(run => run.RunId).Take(limit).ToListAsync(cancellation);
    }

    /// <summary>The newest run of a pipeline for a logical date; null if there is none.</summary>
    public Task<Run?> FindLastDated(string pipeline, CancellationToken cancellation) => db.Runs.AsNoTracking()
        .Where(run => run.Pipeline == pipeline && run.LogicalDate != null && run.Trigger != RunTrigger.Upload)
        .OrderByDescending(run => run.RunId).FirstOrDefaultAsync(cancellation);

    public Task<Run?> Find(long id, CancellationToken cancellation) => db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.RunId == id, cancellation);
}
