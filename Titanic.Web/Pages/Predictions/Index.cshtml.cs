using Titanic.Web.Monitoring;

namespace Titanic.Web.Pages.Predictions;

/// <summary>Stored predictions that match a filter, newest first. Paged by id, so that every page costs the same.</summary>
public sealed class PredictionsIndexModel(PredictionRows predictions) : OperatorPageModel
{
    public const int RowsPerPage = 50;

    /// <summary>The filter of the query string, without its invalid parameters, which <see cref="Problems"/> lists.</summary>
    public PredictionFilter Filter { get; private set; } = new();

    /// <summary>The validation errors of the query string.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Only predictions with a smaller id: the last id of the previous page.</summary>
    public long? Before { get; private set; }

    public IReadOnlyList<PredictionWithOutcome> Rows { get; private set; } = [];

    /// <summary>The number of matching predictions, at most <see cref="PredictionSql.MaximumCountedRows"/>.</summary>
    public long Total { get; private set; }

    /// <summary><see cref="Before"/> of the next page; null on the last page.</summary>
    public long? NextBefore { get; private set; }

    public bool IsFiltered => Filter != new PredictionFilter();

    /// <summary>A description of each part of the filter.</summary>
    public IEnumerable<string> DescribeFilter()
    {
        if (Filter.Source is { } source)
            yield return $"source {PredictionText.Source(source)}";
        if (Filter.PredictedOutcome is { } said)
            yield return $"predicted: {said}";
        if (Filter.IsLive is { } isLive)
            yield return isLive ? "live" : "in-sample";
        if (Filter is { From: { } from, To: { } to })
            yield return from == to ? $"on {Format.Date(from)}" : $"from {Format.Date(from)} to {Format.Date(to)}";
        else if (Filter.From is { } since)
            yield return $"from {Format.Date(since)}";
        else if (Filter.To is { } until)
            yield return $"until {Format.Date(until)}";
        if (Filter.Outcome is { } outcome)
            yield return PredictionText.Outcome(outcome);
        if (Filter.Segment is { } segment)
            yield return PassengerSegment.Describe(segment);
        if (Filter.AsOf is { } asOf)
            yield return $"as known at {Format.UtcTime(asOf, seconds: true)}";
        if (Filter.Version is { } version)
            yield return $"model version {version}";
        if (Filter.Run is { } run)
            yield return $"run {run}";
    }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var (filter, problems) = PredictionFilter.Parse(part => Request.Query[part]);
        Filter = filter;
        Problems = [.. problems.Values, .. ReadBefore()];
        if (Problems.Count > 0)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var rows = await predictions.Read(filter, Before, RowsPerPage + 1, cancellationToken);
        Rows = [.. rows.Take(RowsPerPage)];
        NextBefore = rows.Count > RowsPerPage ? Rows[^1].Prediction.PredictionId : null;
        Total = await predictions.Count(filter, cancellationToken);
    }

    private IEnumerable<string> ReadBefore()
    {
        string? text = Request.Query["before"];
        if (string.IsNullOrEmpty(text))
            yield break;
        if (long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var before))
            Before = before;
        else
            yield return ErrorText.Invalid("The parameter before", text, "a whole number");
    }
}
