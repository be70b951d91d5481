using System.Globalization;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>Which predictions to list: the rows behind a number. The address of the list says it all.</summary>
/// <param name="Source">One of <see cref="PredictionSources"/>, or null for all.</param>
/// <param name="IsLive">Live or in-sample predictions only; null for all, also those about nobody in particular.</param>
/// <param name="From">First logical date.</param>
/// <param name="To">Last logical date.</param>
/// <param name="Outcome">One of <see cref="Outcomes"/>, or null for all.</param>
/// <param name="IsAsCounted">
/// Only what the monitoring pipeline has counted, with the outcomes that it saw: exactly the rows of the dashboard's figures, whatever has
/// become known since.
/// </param>
/// <param name="Said">One of <see cref="Answers"/>, or null for all.</param>
public sealed record PredictionFilter(
    string? Source = null, bool? IsLive = null, DateOnly? From = null, DateOnly? To = null, string? Outcome = null, int? Version = null, long? Run = null, bool IsAsCounted = false,
    string? Said = null)
{
    public const string Right = "right", Wrong = "wrong", Known = "known", Unknown = "unknown";
    public const string TrueNegative = "TN", FalsePositive = "FP", FalseNegative = "FN", TruePositive = "TP";

    public const string SaidSurvived = "survived", SaidDied = "died";

    /// <summary>Cells of the confusion matrix, their sums, and predictions of passengers whose outcome is not known.</summary>
    public static IReadOnlyList<string> Outcomes { get; } = [TrueNegative, FalsePositive, FalseNegative, TruePositive, Right, Wrong, Known, Unknown];

    /// <summary>What can have been said.</summary>
    public static IReadOnlyList<string> Answers { get; } = [SaidSurvived, SaidDied];

    public static IReadOnlyList<string> Sources { get; } = [PredictionSources.Batch, PredictionSources.Page, PredictionSources.Api];

    /// <summary>Reads the parts of an address; what is left out or empty does not filter.</summary>
    /// <param name="part">The text of a part by its name.</param>
    /// <returns>The filter, or a sentence for each part that cannot be understood, by its name.</returns>
    public static (PredictionFilter Filter, IReadOnlyDictionary<string, string> Problems) Read(Func<string, string?> part)
    {
        var problems = new Dictionary<string, string>();
        var filter = new PredictionFilter(
            OneOf("source", Sources), Truth("live"), Day("from"), Day("to"), OneOf("outcome", Outcomes),
            (int?)Id("version", int.MaxValue), Id("run", long.MaxValue), Truth("counted") ?? false, OneOf("said", Answers));
        if (filter is { From: { } from, To: { } to } && from > to)
            problems["to"] = FormattableString.Invariant($"The days end on {to:yyyy-MM-dd}, before they begin on {from:yyyy-MM-dd}.");
        return (filter, problems);

        string? OneOf(string name, IReadOnlyList<string> allowed) => Parse(
            name, $"one of {string.Join(", ", allowed)}", text => allowed.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)));
        bool? Truth(string name) => Parse(name, "true or false", text => bool.TryParse(text, out var truth) ? (bool?)truth : null);
        DateOnly? Day(string name) => Parse(
            name, "a day such as 2026-11-23", text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? (DateOnly?)day : null);
        long? Id(string name, long most) => Parse(
            name, "a whole number from 1", text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id >= 1 && id <= most ? (long?)id : null);

        T? Parse<T>(string name, string allowed, Func<string, T?> read)
        {
            var text = part(name)?.Trim();
            if (string.IsNullOrEmpty(text))
                return default;
            if (read(text) is { } value)
                return value;
            problems[name] = $"The part \"{name}\" is \"{Excerpt.Truncate(text)}\"; it must be {allowed}.";
            return default;
        }
    }

    /// <summary>Where the rows are listed.</summary>
    /// <param name="before">Only predictions with a smaller id.</param>
    public string Address(long? before = null)
    {
        (string Name, string? Value)[] parts =
        [
            ("source", Source), ("said", Said), ("live", IsLive is { } isLive ? Word(isLive) : null), ("from", Text(From)), ("to", Text(To)), ("outcome", Outcome),
            ("version", Version?.ToString(CultureInfo.InvariantCulture)), ("run", Run?.ToString(CultureInfo.InvariantCulture)),
            ("counted", IsAsCounted ? Word(true) : null), ("before", before?.ToString(CultureInfo.InvariantCulture)),
        ];
        var query = string.Join('&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={part.Value}"));
        return query.Length == 0 ? "/predictions" : "/predictions?" + query;
    }

    private static string Word(bool truth) => truth ? "true" : "false";

    private static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
