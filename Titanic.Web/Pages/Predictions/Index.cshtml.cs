using Titanic.Web.Monitoring;

namespace Titanic.Web.Pages.Predictions;

/// <summary>The rows behind any number of predictions, newest first. Paged by id, so that page 1,000 costs what page 1 costs.</summary>
public sealed class IndexModel(PredictionRows predictions) : OperatorPageModel
{
    public const int RowsPerPage = 50;

    /// <summary>What the address asks for; parts that cannot be understood are left out, and <see cref="Problems"/> says so.</summary>
    public PredictionFilter Filter { get; private set; } = new();

    /// <summary>Sentences.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Only answers with a smaller id: where the page before ended.</summary>
    public long? Before { get; private set; }

    public IReadOnlyList<PredictionWithOutcome> Rows { get; private set; } = [];

    /// <summary>How many rows the filter finds, at most <see cref="PredictionSql.MostCounted"/>.</summary>
    public long Total { get; private set; }

    /// <summary>Where the next page starts; null on the last.</summary>
    public long? Older { get; private set; }

    public bool IsFiltered => Filter != new PredictionFilter();

    /// <summary>What is listed, as words, one for each part of the filter.</summary>
    public IEnumerable<string> FilterInWords()
    {
        if (Filter.Source is { } source)
            yield return $"asked by {PredictionText.AskedBy(source)}";
        if (Filter.Said is { } said)
            yield return said == PredictionFilter.SaidSurvived ? "predicted to survive" : "predicted to die";
        if (Filter.IsLive is { } isLive)
            yield return isLive ? "live" : "in-sample";
        if (Filter is { From: { } from, To: { } to })
            yield return from == to ? $"of {Format.Day(from)}" : $"of {Format.Day(from)} to {Format.Day(to)}";
        else if (Filter.From is { } since)
            yield return $"since {Format.Day(since)}";
        else if (Filter.To is { } until)
            yield return $"until {Format.Day(until)}";
        if (Filter.Outcome is { } outcome)
            yield return PredictionText.Outcome(outcome);
        if (Filter.Version is { } version)
            yield return $"answered by model version {version}";
        if (Filter.Run is { } run)
            yield return $"asked by run {run}";
    }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var (filter, problems) = PredictionFilter.Read(part => Request.Query[part]);
        Filter = filter;
        Problems = [.. problems.Values, .. BeforeProblem()];
        if (Problems.Count > 0)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var rows = await predictions.Read(filter, Before, RowsPerPage + 1, cancellationToken);
        Rows = [.. rows.Take(RowsPerPage)];
        Older = rows.Count > RowsPerPage ? Rows[^1].Prediction.PredictionId : null;
        Total = await predictions.Count(filter, cancellationToken);
    }

    private IEnumerable<string> BeforeProblem()
    {
        string? text = Request.Query["before"];
        if (string.IsNullOrEmpty(text))
            yield break;
        if (long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var before))
            Before = before;
        else
            yield return "The part \"before\" must be the number of a prediction.";
    }
}
