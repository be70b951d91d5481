using System.Globalization;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>Filters the list of predictions: the rows behind a metric. A filter can be completely expressed as a URL.</summary>
/// <param name="Source">One of <see cref="PredictionSources"/>, or null for all.</param>
/// <param name="IsLive">True for live, false for in-sample predictions; null for all, including those without a passenger.</param>
/// <param name="From">First logical date.</param>
/// <param name="To">Last logical date.</param>
/// <param name="Outcome">One of <see cref="Outcomes"/>, or null for all.</param>
/// <param name="IsAsCounted">
/// True for the predictions that the monitoring pipeline has counted, with the outcomes that it has read: exactly the rows of the
/// dashboard's metrics, without later outcomes. Default false: the current outcomes.
/// </param>
/// <param name="Version">A model version, or null for all.</param>
/// <param name="Run">A run of batch inference, or null for all.</param>
/// <param name="PredictedOutcome">The predicted class: one of <see cref="PredictedOutcomes"/>, or null for all.</param>
public sealed record PredictionFilter(
    string? Source = null, bool? IsLive = null, DateOnly? From = null, DateOnly? To = null, string? Outcome = null, int? Version = null, long? Run = null, bool IsAsCounted = false,
    string? PredictedOutcome = null)
{
    public const string Correct = "right", Incorrect = "wrong", Known = "known", Unknown = "unknown";
    public const string TrueNegative = "TN", FalsePositive = "FP", FalseNegative = "FN", TruePositive = "TP";

    public const string PredictedSurvived = "survived", PredictedDied = "died";

    /// <summary>The cells of the confusion matrix, their sums, and predictions of passengers whose outcome is unknown.</summary>
    public static IReadOnlyList<string> Outcomes { get; } = [TrueNegative, FalsePositive, FalseNegative, TruePositive, Correct, Incorrect, Known, Unknown];

    /// <summary>The predicted classes.</summary>
    public static IReadOnlyList<string> PredictedOutcomes { get; } = [PredictedSurvived, PredictedDied];

    public static IReadOnlyList<string> Sources { get; } = [PredictionSources.Batch, PredictionSources.Page, PredictionSources.Api];

    /// <summary>Parses query parameters; missing and blank parameters do not filter.</summary>
    /// <param name="getValue">Returns the value of a parameter by its name; null when it is missing.</param>
    /// <returns>The filter, and an error message for each invalid parameter by its name.</returns>
    public static (PredictionFilter Filter, IReadOnlyDictionary<string, string> Problems) Parse(Func<string, string?> getValue)
    {
        var problems = new Dictionary<string, string>();
        var filter = new PredictionFilter(
            OneOf("source", Sources), Truth("live"), Day("from"), Day("to"), OneOf("outcome", Outcomes),
            (int?)Id("version", int.MaxValue), Id("run", long.MaxValue), Truth("counted") ?? false, OneOf("said", PredictedOutcomes));
        if (filter is { From: { } from, To: { } to } && from > to)
            problems["to"] = FormattableString.Invariant($"The last day {to:yyyy-MM-dd} is before the first day {from:yyyy-MM-dd}.");
        return (filter, problems);

        string? OneOf(string name, IReadOnlyList<string> allowed) => Parse(
            name, ErrorText.OneOf(allowed), text => allowed.FirstOrDefault(value => value.Equals(text, StringComparison.OrdinalIgnoreCase)));
        bool? Truth(string name) => Parse(name, "true or false", text => bool.TryParse(text, out var truth) ? (bool?)truth : null);
        DateOnly? Day(string name) => Parse(
            name, IsoTimestamp.ExpectedDate, text => IsoTimestamp.TryParseDate(text, out var day) ? (DateOnly?)day : null);
        long? Id(string name, long most) => Parse(
            name, ErrorText.WholeNumber(1, most), text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id >= 1 && id <= most ? (long?)id : null);

        T? Parse<T>(string name, string allowed, Func<string, T?> parse)
        {
            var text = getValue(name)?.Trim();
            if (string.IsNullOrEmpty(text))
                return default;
            if (parse(text) is { } value)
                return value;
            problems[name] = ErrorText.Invalid($"The parameter {name}", text, allowed);
            return default;
        }
    }

    /// <summary>The URL of the list with this filter.</summary>
    /// <param name="before">Lists only predictions with a smaller id; null starts with the newest.</param>
    public string ToUrl(long? before = null)
    {
        (string Name, string? Value)[] parameters =
        [
            ("source", Source), ("said", PredictedOutcome), ("live", IsLive is { } isLive ? FormatBoolean(isLive) : null), ("from", FormatDate(From)), ("to", FormatDate(To)), ("outcome", Outcome),
            ("version", Version?.ToString(CultureInfo.InvariantCulture)), ("run", Run?.ToString(CultureInfo.InvariantCulture)),
            ("counted", IsAsCounted ? FormatBoolean(true) : null), ("before", before?.ToString(CultureInfo.InvariantCulture)),
        ];
        var query = string.Join('&', parameters.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={parameter.Value}"));
        return query.Length == 0 ? "/predictions" : "/predictions?" + query;
    }

    private static string FormatBoolean(bool truth) => truth ? "true" : "false";

    private static string? FormatDate(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
