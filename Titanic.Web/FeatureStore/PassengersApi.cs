using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary><c>GET /api/passengers</c> and <c>GET /api/passengers/{source}/{key}</c>: the feature group at any point of its history.</summary>
internal static class PassengersApi
{
    public static void MapPassengersApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/passengers").WithTags("Feature store");
        api.MapGet("", List).WithName("listPassengers").WithSummary("List passengers")
            .WithDescription("As of any point of the store's history, in the order of source and key, a page at a time.");
        api.MapGet("{source}/{key}", One).WithName("showPassenger").WithSummary("Show a passenger")
            .WithDescription("As of any point, with every version of the row and of the outcome.");
    }

    internal static async Task<Results<Ok<PassengerPage>, ProblemHttpResult>> List(
        [AsParameters] PassengerPageRequest request, PassengerHistory history, CancellationToken cancellation)
    {
        var (asOf, source, after, limit) = request;
        if (source is not null && !PassengerSources.All.Contains(source))
            return Problem($"There is no source \"{Excerpt.Truncate(source)}\"; there are {string.Join(", ", PassengerSources.All)}.");
        if (after is not null && PassengerKey.Parse(after) is null)
            return Problem($"The place \"{Excerpt.Truncate(after)}\" cannot be read; it must be source/key, as the page before gave it.");
        try
        {
            var at = await history.PointInTime(asOf, cancellation);
            var rows = await history.Read(at, source, PassengerKey.Parse(after), limit + 1, cancellation);
            var page = rows.Take(limit).ToList();
            return TypedResults.Ok(new PassengerPage(
                at.CommitId, [.. page.Select(PassengerAnswer.Of)], rows.Count > limit ? Next(at, source, page[^1].Key, limit) : null));
        }
        catch (UnknownAsOfException unknown)
        {
            return Problem(unknown.Message);
        }
    }

    internal static async Task<Results<Ok<PassengerHistoryAnswer>, ProblemHttpResult>> One(
        [Description("Source of the passenger."), Example(PassengerSources.Titanic3), PassengerSource] string source,
        [Description("The passenger's number in its source."), Example("1")] string key,
        [Description(AsOf.Description), Example("1")] string? asOf, PassengerHistory history, CancellationToken cancellation)
    {
        try
        {
            var passenger = new PassengerKey(source, key);
            var versions = await history.Versions(passenger, cancellation);
            if (versions.Count == 0)
                return Problem($"There never was a passenger \"{Excerpt.Truncate(key)}\" of source \"{Excerpt.Truncate(source)}\".", StatusCodes.Status404NotFound);
            var then = await history.Find(await history.PointInTime(asOf, cancellation), passenger, cancellation);
            var outcomes = await history.Outcomes(versions, cancellation);
            return TypedResults.Ok(new PassengerHistoryAnswer(
                then is null ? null : PassengerAnswer.Of(then),
                [.. versions.Select(version => new PassengerVersionAnswer(version.SupersededBy, PassengerAnswer.Of(new(version, null))))],
                [.. outcomes.Select(outcome => new OutcomeAnswer(outcome.CommitId, outcome.SupersededBy, outcome.Survived, outcome.KnownAt))]));
        }
        catch (UnknownAsOfException unknown)
        {
            return Problem(unknown.Message);
        }
    }

    /// <summary>The next page is asked as of the same commit, so that pages fit together while rows come in.</summary>
    private static string Next(AsOf at, string? source, PassengerKey last, int limit) => "/api/passengers" + QueryString
        .Create("asOf", FormattableString.Invariant($"{at.CommitId}"))
        .Add(source is null ? QueryString.Empty : QueryString.Create("source", source))
        .Add("after", last.ToString())
        .Add("limit", FormattableString.Invariant($"{limit}"));

    private static ProblemHttpResult Problem(string detail, int status = StatusCodes.Status400BadRequest) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>Which passengers to list.</summary>
internal sealed record PassengerPageRequest(
    [property: Description(FeatureStore.AsOf.Description), Example("1")] string? AsOf,
    [property: Description("Source of the passengers; all when it is left out."), Example(PassengerSources.Titanic3)]
    [property: PassengerSource] string? Source,
    [property: Description("The last passenger of the page before, as \"source/key\".")] string? After,
    [property: Description("Maximum number of passengers on the page."), Example(10), Range(1, 1_000)] int Limit = 100);

/// <param name="AsOfCommitId">The newest commit that counts.</param>
/// <param name="Next">The address of the next page; null on the last.</param>
public sealed record PassengerPage(long AsOfCommitId, IReadOnlyList<PassengerAnswer> Passengers, string? Next);

/// <param name="CommitId">The commit that brought this version.</param>
/// <param name="Survived">Null while it was not known.</param>
public sealed record PassengerAnswer(
    [property: PassengerSource] string Source, string Key, string? Name, int Pclass,
    [property: OneOf(SexConverter.Male, SexConverter.Female)] string Sex, double? Age, double? Fare,
    DateTimeOffset EventTime, bool? Survived, DateTimeOffset? KnownAt, long CommitId)
{
    public static PassengerAnswer Of(PassengerAsOf then) => new(
        then.Row.Source, then.Row.SourceKey, then.Row.Name, then.Row.Pclass, SexConverter.Format(then.Row.Sex), then.Row.AgeInYears, then.Row.FareInPounds,
        then.Row.EventTime, then.Outcome?.Survived, then.Outcome?.KnownAt, then.Row.CommitId);
}

/// <param name="Passenger">As of the asked point; null where there was none, as after a deletion.</param>
/// <param name="Versions">Newest first.</param>
public sealed record PassengerHistoryAnswer(PassengerAnswer? Passenger, IReadOnlyList<PassengerVersionAnswer> Versions, IReadOnlyList<OutcomeAnswer> Outcomes);

/// <param name="SupersededBy">The commit that replaced or deleted it; null while it stands.</param>
/// <param name="Row">Without the outcome, which has versions of its own.</param>
public sealed record PassengerVersionAnswer(long? SupersededBy, PassengerAnswer Row);

public sealed record OutcomeAnswer(long CommitId, long? SupersededBy, bool Survived, DateTimeOffset KnownAt);
