using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary><c>GET /api/predictions</c>: the stored predictions that match a filter, as on the page <c>/predictions</c>.</summary>
internal static class PredictionListApi
{
    private const string Csv = "text/csv", Json = "application/json";

    public static void MapPredictionListApi(this IEndpointRouteBuilder routes) => routes.MapGroup("/api").WithTags("Predictions")
        .MapGet("predictions", List).WithName("listPredictions").WithSummary("List predictions")
        .WithDescription("Stored predictions with their outcomes, newest first, in pages. The member next is the URL of the next page; in CSV, "
            + "the header Link has it. CSV is returned for format=csv, and without format for the header Accept: text/csv.")
        .Produces<PredictionPage>(StatusCodes.Status200OK, Json, Csv);

    private static async Task<IResult> List([AsParameters] PredictionListRequest request, PredictionRows predictions, CancellationToken cancellation)
    {
        var (filter, problem) = request.ToFilter();
        if (problem is not null)
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        var rows = await predictions.Read(filter, request.Before, request.Limit + 1, cancellation);
        PredictionListItem[] page = [.. rows.Take(request.Limit).Select(PredictionListItem.Of)];
        var next = rows.Count > request.Limit ? request.NextUrl(page[^1].Id) : null;
        if (!request.IsCsv)
            return TypedResults.Ok(new PredictionPage(page, next));
        if (next is not null)
            request.Http.Response.Headers.Link = $"<{request.Http.Request.PathBase}{next}>; rel=\"next\"";
        return TypedResults.Text(PredictionListItem.ToCsv(page), $"{Csv}; charset=utf-8; header=present");
    }

    /// <summary>The query parameters for listing predictions.</summary>
    internal sealed record PredictionListRequest(
        HttpContext Http,
        [property: Description("Only predictions of this source."), Example(PredictionSources.Api)]
        [property: OneOf(PredictionSources.Batch, PredictionSources.Page, PredictionSources.Api)] string? Source,
        [property: Description("Only predictions of this model version."), Example(1), Range(1, int.MaxValue)] int? Version,
        [property: Description("true: only live predictions; false: only in-sample ones. Default: also those without a passenger.")] bool? Live,
        [property: Description("Only predictions of this class.")] bool? Survived,
        [property: Description("First day (UTC).")] DateOnly? From,
        [property: Description("Last day (UTC).")] DateOnly? To,
        [property: Description("Only predictions of this run of batch inference."), Range(1, long.MaxValue)] long? Run,
        [property: Description("json or csv; default: csv if the header Accept prefers text/csv, else json."), Example("json")]
        [property: OneOf("json", "csv")] string? Format,
        [property: Description("Only predictions with a smaller id; default: the newest.")] long? Before,
        [property: Description("Maximum number of predictions on the page."), Example(10), Range(1, 1_000)] int Limit = 100)
    {
        public bool IsCsv => Format is { } format
            ? format == "csv"
            : Http.Request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1).FirstOrDefault()?.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase) == true;

        /// <summary>The filter, and the error if a parameter is invalid.</summary>
        public (PredictionFilter Filter, string? Problem) ToFilter()
        {
            if (Format is not (null or "json" or "csv"))
                return (new(), ErrorText.Invalid("The parameter format", Format, "json or csv"));
            var (filter, problems) = PredictionFilter.Parse(name => name switch
            {
                "source" => Source,
                "version" => Version?.ToString(CultureInfo.InvariantCulture),
                "live" => Live?.ToString(),
                "said" => Survived switch { true => PredictionFilter.PredictedSurvived, false => PredictionFilter.PredictedDied, null => null },
                "from" or "to" => (name == "from" ? From : To)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                "run" => Run?.ToString(CultureInfo.InvariantCulture),
                _ => null,
            });
            return (filter, problems.Values.FirstOrDefault());
        }

        /// <summary>The URL of the next page, with the same filter and format.</summary>
        /// <param name="last">The last id of this page.</param>
        public string NextUrl(long last) => NextPage.Url("/api/predictions", Http.Request, last);
    }
}

/// <summary>One page of predictions.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record PredictionPage(IReadOnlyList<PredictionListItem> Predictions, string? Next);

/// <summary>A stored prediction in a list. The receipt has the encoded input and the lineage.</summary>
/// <param name="Survived">The predicted class.</param>
/// <param name="Probability">The predicted probability of survival, 0 to 1.</param>
/// <param name="Age">In years, or null if unknown.</param>
/// <param name="Fare">In pounds, or null if unknown.</param>
/// <param name="Source">The source of the request: ui, api or batch.</param>
/// <param name="Live">True for a live, false for an in-sample prediction; null without a passenger.</param>
/// <param name="Outcome">Whether the passenger survived; null if it is not known, and without a passenger.</param>
/// <param name="Day">The day (UTC) of the passenger's event time, or of the request.</param>
/// <param name="RunId">The run of batch inference; null for other predictions.</param>
public sealed record PredictionListItem(
    long Id, bool Survived, double Probability, int Survivors, int Neighbors, int ModelVersion,
    int Pclass, [property: OneOf(SexConverter.Male, SexConverter.Female)] string Sex, double? Age, double? Fare,
    string Source, bool? Live, bool? Outcome, DateOnly Day, long? RunId, DateTimeOffset CreatedAt)
{
    private const string Header = "id,survived,probability,survivors,neighbors,modelVersion,pclass,sex,age,fare,source,live,outcome,day,runId,createdAt";

    internal static PredictionListItem Of(PredictionWithOutcome row) => new(
        row.Prediction.PredictionId, row.Prediction.Survived, row.Prediction.Probability, row.Prediction.Survivors, row.Prediction.Neighbors,
        row.Prediction.ModelVersion, row.Prediction.Pclass, SexConverter.Format(row.Prediction.Sex), row.Prediction.AgeInYears, row.Prediction.FareInPounds,
        row.Prediction.Source, row.Prediction.IsLive, row.Survived, row.Prediction.LogicalDate, row.Prediction.RunId, row.Prediction.CreatedAt);

    /// <summary>The page as CSV (RFC 4180) with the names and values of the JSON members; null is an empty cell.</summary>
    internal static string ToCsv(IEnumerable<PredictionListItem> page)
    {
        var csv = new StringBuilder(Header).Append("\r\n");
        foreach (var item in page)
            csv.AppendJoin(',', item.Cells().Select(CsvFormula.Escape)).Append("\r\n");
        return csv.ToString();
    }

    private string[] Cells() =>
    [
        Text(Id), Text(Survived), Text(Probability), Text(Survivors), Text(Neighbors), Text(ModelVersion), Text(Pclass), Sex, Text(Age), Text(Fare),
        Source, Text(Live), Text(Outcome), Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Text(RunId),
        CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
    ];

    private static string Text(bool? value) => value switch { true => "true", false => "false", null => "" };

    private static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
