using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary><c>GET /api/passengers</c> and <c>GET /api/passengers/{source}/{key}</c>: the feature group as of any point in time.</summary>
internal static class PassengersApi
{
    public static void MapPassengersApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/passengers").WithTags("Feature store");
        api.MapGet("", List).WithName("listPassengers").WithSummary("List passengers")
            .WithDescription("As of any point in time, sorted by source and key, one page per request.");
        api.MapGet("{source}/{key}", Show).WithName("showPassenger").WithSummary("Show a passenger")
            .WithDescription("As of any point in time, with all versions of the row and of the outcome.");
    }

    internal static async Task<Results<Ok<PassengerPage>, ProblemHttpResult>> List(
        [AsParameters] PassengerPageRequest request, PassengerHistory history, CancellationToken cancellation)
    {
        var (asOf, source, after, limit) = request;
        if (source is not null && !PassengerSources.All.Contains(source))
            return Problem(PassengerSources.NotFoundMessage(source));
        if (after is not null && PassengerKey.Parse(after) is null)
            return Problem(PassengerKey.InvalidMessage(after));
        try
        {
            var at = await history.PointInTime(asOf, cancellation);
            var rows = await history.Read(at, source, PassengerKey.Parse(after), limit + 1, cancellation);
            var page = rows.Take(limit).ToList();
            return TypedResults.Ok(new PassengerPage(
                at.CommitId, [.. page.Select(PassengerResponse.Of)], rows.Count > limit ? Next(at, source, page[^1].Key, limit) : null));
        }
        catch (UnknownAsOfException unknown)
        {
            return Problem(unknown.Message);
        }
    }

    internal static async Task<Results<Ok<PassengerHistoryResponse>, ProblemHttpResult>> Show(
        [Description("Source of the passenger."), Example(PassengerSources.Titanic3), PassengerSource] string source,
        [Description("Key of the passenger in its source."), Example("1")] string key,
        [Description(AsOf.Description), Example("1")] string? asOf, PassengerHistory history, CancellationToken cancellation)
    {
        try
        {
            var passenger = new PassengerKey(source, key);
            var versions = await history.Versions(passenger, cancellation);
            if (versions.Count == 0)
                return Problem(NotFoundText.Passenger(source, key), StatusCodes.Status404NotFound);
            var found = await history.Find(await history.PointInTime(asOf, cancellation), passenger, cancellation);
            var outcomes = await history.Outcomes(versions, cancellation);
            return TypedResults.Ok(new PassengerHistoryResponse(
                found is null ? null : PassengerResponse.Of(found),
                [.. versions.Select(version => new PassengerVersionResponse(version.SupersededBy, PassengerResponse.Of(new(version, null))))],
                [.. outcomes.Select(outcome => new OutcomeResponse(outcome.CommitId, outcome.SupersededBy, outcome.Survived, outcome.KnownAt))]));
        }
        catch (UnknownAsOfException unknown)
        {
            return Problem(unknown.Message);
        }
    }

    /// <summary>The URL of the next page. It has the same commit, so that pages are consistent while rows are ingested.</summary>
    private static string Next(AsOf at, string? source, PassengerKey last, int limit) => "/api/passengers" + QueryString
        .Create("asOf", FormattableString.Invariant($"{at.CommitId}"))
        .Add(source is null ? QueryString.Empty : QueryString.Create("source", source))
        .Add("after", last.ToString())
        .Add("limit", FormattableString.Invariant($"{limit}"));

    private static ProblemHttpResult Problem(string detail, int status = StatusCodes.Status400BadRequest) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>The query parameters for listing passengers.</summary>
internal sealed record PassengerPageRequest(
    [property: Description(FeatureStore.AsOf.Description), Example("1")] string? AsOf,
    [property: Description("Source of the passengers. Default: all."), Example(PassengerSources.Titanic3)]
    [property: PassengerSource] string? Source,
    [property: Description("The last passenger of the previous page, as \"source/key\".")] string? After,
    [property: Description("Maximum number of passengers on the page."), Example(10), Range(1, 1_000)] int Limit = 100);

/// <summary>One page of passengers.</summary>
/// <param name="AsOfCommitId">The newest visible commit.</param>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record PassengerPage(long AsOfCommitId, IReadOnlyList<PassengerResponse> Passengers, string? Next);

/// <summary>One passenger as of a point in time.</summary>
/// <param name="CommitId">The commit that created this version of the row.</param>
/// <param name="Survived">The outcome; null if it was not known.</param>
/// <param name="Age">In years, or null if unknown.</param>
/// <param name="Fare">In pounds, or null if unknown.</param>
/// <param name="Person">The person as declared by the source, or null.</param>
public sealed record PassengerResponse(
    [property: PassengerSource] string Source, string Key, string? Name, int Pclass,
    [property: OneOf(SexConverter.Male, SexConverter.Female)] string Sex, double? Age, double? Fare,
    DateTimeOffset EventTime, bool? Survived, DateTimeOffset? KnownAt, long CommitId, string? Person)
{
    public static PassengerResponse Of(PassengerAsOf passenger) => new(
        passenger.Row.Source, passenger.Row.SourceKey, passenger.Row.Name, passenger.Row.Pclass, SexConverter.Format(passenger.Row.Sex), passenger.Row.AgeInYears, passenger.Row.FareInPounds,
        passenger.Row.EventTime, passenger.Outcome?.Survived, passenger.Outcome?.KnownAt, passenger.Row.CommitId, passenger.Row.Person);
}

/// <summary>A passenger with all versions of its row and its outcome.</summary>
/// <param name="Passenger">The passenger as of the requested point in time; null if it was not stored or was deleted.</param>
/// <param name="Versions">All versions of the row, newest first.</param>
/// <param name="Outcomes">All versions of the outcome, newest first.</param>
public sealed record PassengerHistoryResponse(PassengerResponse? Passenger, IReadOnlyList<PassengerVersionResponse> Versions, IReadOnlyList<OutcomeResponse> Outcomes);

/// <summary>One version of a row.</summary>
/// <param name="SupersededBy">The commit that replaced or deleted it; null for the current version.</param>
/// <param name="Row">The values, without the outcome, which has its own versions.</param>
public sealed record PassengerVersionResponse(long? SupersededBy, PassengerResponse Row);

/// <summary>One version of an outcome.</summary>
/// <param name="SupersededBy">The commit that replaced or deleted it; null for the current version.</param>
public sealed record OutcomeResponse(long CommitId, long? SupersededBy, bool Survived, DateTimeOffset KnownAt);
