using System.Globalization;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>Filters the list of predictions: the rows behind a metric. A filter can be completely expressed as a URL.</summary>
/// <param name="Source">One of <see cref="PredictionSources"/>, or null for all.</param>
/// <param name="IsLive">True for live, false for in-sample predictions; null for all, including those without a passenger.</param>
/// <param name="From">First logical date.</param>
/// <param name="To">Last logical date.</param>
/// <param name="Outcome">One of <see cref="Outcomes"/>, or null for all.</param>
/// <param name="Version">A model version, or null for all.</param>
/// <param name="Run">A run of batch inference, or null for all.</param>
/// <param name="PredictedOutcome">The predicted class: one of <see cref="PredictedOutcomes"/>, or null for all.</param>
/// <param name="Segment">One of <see cref="PassengerSegment.Names"/>, or null for all.</param>
/// <param name="AsOf">The predictions and outcomes that were stored at this instant (UTC, inclusive); null: now.</param>
public sealed record PredictionFilter(
    string? Source = null, bool? IsLive = null, DateOnly? From = null, DateOnly? To = null, string? Outcome = null, int? Version = null, long? Run = null,
    string? PredictedOutcome = null, string? Segment = null, DateTimeOffset? AsOf = null)
{
    public const string Correct = "right", Incorrect = "wrong", Known = "known", Unknown = "unknown";
    public const string TrueNegative = "TN", FalsePositive = "FP", FalseNegative = "FN", TruePositive = "TP";

    public const string PredictedSurvived = "survived", PredictedDied = "died";

    /// <summary>The cells of the confusion matrix, their sums, and predictions of passengers whose outcome is unknown.</summary>
    public static IReadOnlyList<string> Outcomes { get; } = [TrueNegative, FalsePositive, FalseNegative, TruePositive, Correct, Incorrect, Known, Unknown];

    /// <summary>The predicted classes.</summary>
    public static IReadOnlyList<string> PredictedOutcomes { get; } = [PredictedSurvived, PredictedDied];

    /// <summary>Parses query parameters; missing and blank parameters do not filter.</summary>
    /// <param name="getValue">Returns the value of a parameter by its name; null when it is missing.</param>
    /// <returns>The filter, and an error message for each invalid parameter by its name.</returns>
    public static (PredictionFilter Filter, IReadOnlyDictionary<string, string> Problems) Parse(Func<string, string?> getValue)
    {
        var problems = new Dictionary<string, string>();
        var filter = new PredictionFilter(
            OneOf("source", PredictionSources.All), Truth("live"), Day("from"), Day("to"), OneOf("outcome", Outcomes),
            (int?)Id("version", int.MaxValue), Id("run", long.MaxValue), OneOf("said", PredictedOutcomes),
            OneOf("segment", PassengerSegment.Names), Parse("asOf", $"{IsoTimestamp.ExpectedDate}, or {IsoTimestamp.ExpectedFormat}", ParseAsOf));
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

    /// <summary>An instant, or the last one of a day. In a query string an unescaped "+" of an offset is decoded as a space.</summary>
    private static DateTimeOffset? ParseAsOf(string text) => FeatureStore.AsOf.FindEnd(text.Replace(' ', '+'))?.AddMicroseconds(-1);

    /// <summary>Whether the filters for day, source and version select the predictions of a cell.</summary>
    internal bool Selects(PredictionCell cell) =>
        (From is null || cell.LogicalDate >= From) && (To is null || cell.LogicalDate <= To) && (Source is null || cell.Source == Source) && (Version is null || cell.ModelVersion == Version);

    /// <summary>The URL of the list with this filter.</summary>
    /// <param name="before">Lists only predictions with a smaller id; null starts with the newest.</param>
    public string ToUrl(long? before = null)
    {
        (string Name, string? Value)[] parameters =
        [
            ("source", Source), ("said", PredictedOutcome), ("live", IsLive is { } isLive ? FormatBoolean(isLive) : null), ("from", FormatDate(From)), ("to", FormatDate(To)), ("outcome", Outcome),
            ("version", Version?.ToString(CultureInfo.InvariantCulture)), ("run", Run?.ToString(CultureInfo.InvariantCulture)),
            ("segment", Segment), ("asOf", AsOf?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)),
            ("before", before?.ToString(CultureInfo.InvariantCulture)),
        ];
        var query = string.Join('&', parameters.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={parameter.Value}"));
        return query.Length == 0 ? "/predictions" : "/predictions?" + query;
    }

    private static string FormatBoolean(bool truth) => truth ? "true" : "false";

    private static string? FormatDate(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>The segments of passengers for which metrics are shown: by class, by sex, and by class and sex.</summary>
public static class PassengerSegment
{
    /// <summary>"class1", "female", "class1-female" and so on.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. PassengerLimits.Pclasses.Select(OfClass), .. Sexes.Select(OfSex), .. PassengerLimits.Pclasses.SelectMany(pclass => Sexes.Select(sex => $"{OfClass(pclass)}-{OfSex(sex)}"))];

    internal static IReadOnlyList<Sex> Sexes => [Sex.Female, Sex.Male];

    public static string OfClass(int pclass) => FormattableString.Invariant($"class{pclass}");

    public static string OfSex(Sex sex) => SexConverter.Format(sex);

    /// <summary>"1st class, female".</summary>
    public static string Describe(string segment) => string.Join(", ", Parts(segment).Select(part => part.Pclass is { } pclass ? $"{Format.Class(pclass)} class" : part.Sex!));

    /// <summary>The part of a segment, or of all passengers, that is also in a class or a sex.</summary>
    /// <param name="segment">Null for all.</param>
    /// <param name="part">The name of a class or a sex.</param>
    public static string Within(string? segment, string part) => segment is null || segment.Split('-').Contains(part)
        ? segment ?? part
        : Names.Single(name => name == $"{segment}-{part}" || name == $"{part}-{segment}");

    /// <summary>The classes and sexes of a segment.</summary>
    internal static HashSet<(int Pclass, Sex Sex)> Members(string segment)
    {
        var parts = Parts(segment).ToList();
        return [.. PassengerLimits.Pclasses.SelectMany(pclass => Sexes.Select(sex => (pclass, sex)))
            .Where(group => parts.All(part => part.Pclass is { } of ? of == group.pclass : part.Sex == OfSex(group.sex)))];
    }

    /// <summary>SQL: the condition for predictions <c>a</c> of a segment.</summary>
    internal static string Condition(string segment) =>
        string.Join(" and ", Parts(segment).Select(part => part.Pclass is { } pclass ? FormattableString.Invariant($"a.pclass = {pclass}") : $"a.sex = '{part.Sex}'"));

    private static IEnumerable<(int? Pclass, string? Sex)> Parts(string segment) =>
        segment.Split('-').Select(part => part.StartsWith("class", StringComparison.Ordinal) ? (part[^1] - '0', null) : ((int?)null, (string?)part));
}

internal sealed class PassengerSegmentAttribute() : OneOfAttribute([.. PassengerSegment.Names]);
