using System.Globalization;
using System.Text.Json.Serialization;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>A training dataset as people and programs ask for it. Only the view has to be named.</summary>
/// <param name="Version">Of the view; 1 when it is left out.</param>
/// <param name="AsOf">The number of a commit, a day (its end in UTC) or an instant; now when it is left out.</param>
/// <param name="KnownBefore">A day (its start in UTC) or an instant; when it is left out, the end of <paramref name="AsOf"/>: nothing is learned from later.</param>
/// <param name="Sources">Sources of passengers; all when they are left out.</param>
/// <param name="TestShare">Of the persons, 0 to 1; a fifth when it is left out.</param>
/// <param name="Salt">What the split is made with; the usual one when it is left out.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TrainingDatasetRequest(
    string? View = null, int? Version = null, [property: JsonConverter(typeof(WrittenAsOf))] string? AsOf = null,
    string? KnownBefore = null,
    [property: PassengerSource] IReadOnlyList<string>? Sources = null, double? TestShare = null, string? Salt = null)
{
    public const int LongestSalt = 100;

    /// <summary>The definition, or what is wrong: a sentence for each field that must be put right, by its name in JSON.</summary>
    public async Task<(TrainingDatasetDefinition? Definition, IReadOnlyDictionary<string, string> Problems)> Resolve(TitanicDb db, CancellationToken cancellation)
    {
        var problems = new Dictionary<string, string>();
        var name = View?.Trim() ?? "";
        var view = TrainingViews.Find(name, Version ?? 1);
        if (view is null)
            problems["view"] = name.Length == 0 ? $"No feature view is named; there are {TrainingViews.Names}." : TrainingViews.Missing(name, Version ?? 1);
        AsOf? asOf = null;
        try
        {
            asOf = await FeatureStore.AsOf.Resolve(db, AsOf, cancellation);
        }
        catch (UnknownAsOfException unknown)
        {
            problems["asOf"] = unknown.Message;
        }
        if (!TryReadKnownBefore(KnownBefore, out var knownBefore))
            problems["knownBefore"] = $"Known before '{Excerpt.Truncate(KnownBefore)}' cannot be read; it must be a day (2026-11-23), which means its start, or {IsoTimestamp.Expects}.";
        if (TrainingDatasetDefinition.SourcesProblem(Sources ?? PassengerSources.All) is { } wrongSources)
            problems["sources"] = wrongSources;
        if (TrainingDatasetDefinition.TestShareProblem(TestShare ?? PersonSplit.DefaultShare) is { } wrongShare)
            problems["testShare"] = wrongShare;
        var salt = string.IsNullOrEmpty(Salt) ? PersonSplit.DefaultSalt : Salt;
        if (salt.Length > LongestSalt || salt.Any(char.IsControl))
            problems["salt"] = FormattableString.Invariant($"The salt has {salt.Length} characters; it must have at most {LongestSalt}, without control characters.");
        if (problems.Count > 0)
            return (null, problems);
        // Sources in one order: the same wish, however it is written, is stored as the same definition.
        return (new TrainingDatasetDefinition(
            view!, asOf!.CommitId, knownBefore ?? asOf.KnownBefore, [.. PassengerSources.All.Intersect(Sources ?? PassengerSources.All)],
            salt, TestShare ?? PersonSplit.DefaultShare), problems);
    }

    private static bool TryReadKnownBefore(string? text, out DateTimeOffset? knownBefore)
    {
        // In a form or a query an unescaped "+" of an offset arrives as a blank.
        var asked = text?.Trim().Replace(' ', '+') ?? "";
        knownBefore = null;
        if (asked.Length == 0)
            return true;
        if (DateOnly.TryParseExact(asked, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            knownBefore = FeatureReader.StartOf(day);
        else if (IsoTimestamp.TryRead(asked, out var instant))
            knownBefore = instant;
        return knownBefore is not null;
    }
}
