using System.Text.Json.Serialization;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>A request to define a training dataset. Only the view is required.</summary>
/// <param name="View">Name of the feature view.</param>
/// <param name="Version">Version of the feature view. Default: 1.</param>
/// <param name="AsOf">A commit id, a day (its end in UTC) or an instant. Default: now.</param>
/// <param name="KnownBefore">
/// The label cutoff, exclusive: a day (its start in UTC) or an instant. Default: the end of <paramref name="AsOf"/>.
/// </param>
/// <param name="Sources">Sources of passengers. Default: all.</param>
/// <param name="TestShare">Share of persons in the hold-out, at least 0 and less than 1. Default: 0.2.</param>
/// <param name="EventTimeFrom">The first event time, inclusive: a day (its start in UTC) or an instant. Default: all passengers.</param>
/// <param name="Salt">Salt of the split, at most 100 characters. Default: "titanic split 1".</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TrainingDatasetRequest(
    string? View = null, int? Version = null, [property: JsonConverter(typeof(AsOfParser))] string? AsOf = null,
    string? KnownBefore = null,
    [property: PassengerSource] IReadOnlyList<string>? Sources = null, double? TestShare = null, string? EventTimeFrom = null, string? Salt = null)
{
    /// <summary>Maximum number of characters of the salt.</summary>
    public const int MaximumSaltLength = 100;

    private const string ExpectedStart = $"{IsoTimestamp.ExpectedDate} (its start in UTC), or {IsoTimestamp.ExpectedFormat}";

    /// <summary>Returns the definition, or null and one error message per invalid field, by JSON member name.</summary>
    public async Task<(TrainingDatasetDefinition? Definition, IReadOnlyDictionary<string, string> Problems)> Resolve(TitanicDb db, CancellationToken cancellation)
    {
        var problems = new Dictionary<string, string>();
        var name = View?.Trim() ?? "";
        var view = TrainingViews.Find(name, Version ?? 1);
        if (view is null)
            problems["view"] = TrainingViews.NotFoundMessage(name, Version ?? 1);
        AsOf? asOf = null;
        try
        {
            asOf = await FeatureStore.AsOf.Resolve(db, AsOf, cancellation);
        }
        catch (UnknownAsOfException unknown)
        {
            problems["asOf"] = unknown.Message;
        }
        if (!TryReadStart(KnownBefore, out var knownBefore))
            problems["knownBefore"] = ErrorText.Invalid("The label cutoff", KnownBefore, ExpectedStart);
        if (!TryReadStart(EventTimeFrom, out var eventTimeFrom))
            problems["eventTimeFrom"] = ErrorText.Invalid("The first event time", EventTimeFrom, ExpectedStart);
        if (TrainingDatasetDefinition.SourcesError(Sources ?? PassengerSources.All) is { } sourcesError)
            problems["sources"] = sourcesError;
        if (TrainingDatasetDefinition.TestShareError(TestShare ?? PersonSplit.DefaultShare) is { } shareError)
            problems["testShare"] = shareError;
        var salt = string.IsNullOrEmpty(Salt) ? PersonSplit.DefaultSalt : Salt;
        if (salt.Length > MaximumSaltLength || salt.Any(char.IsControl))
            problems["salt"] = $"The salt has {Quantity.Of(salt.Length, "character")}; it must have at most {MaximumSaltLength} and no control characters.";
        if (problems.Count > 0)
            return (null, problems);
        // Sources in a fixed order, so that equivalent requests are stored as the same definition.
        return (new TrainingDatasetDefinition(
            view!, asOf!.CommitId, knownBefore ?? asOf.KnownBefore, [.. PassengerSources.All.Intersect(Sources ?? PassengerSources.All)],
            salt, TestShare ?? PersonSplit.DefaultShare, EventTimeFrom: eventTimeFrom), problems);
    }

    private static bool TryReadStart(string? text, out DateTimeOffset? start)
    {
        // In a form or a query string an unescaped "+" of an offset is decoded as a space.
        var trimmed = text?.Trim().Replace(' ', '+') ?? "";
        start = null;
        if (trimmed.Length == 0)
            return true;
        if (IsoTimestamp.TryParseDate(trimmed, out var day))
            start = FeatureReader.StartOf(day);
        else if (IsoTimestamp.TryParse(trimmed, out var instant))
            start = instant;
        return start is not null;
    }
}
