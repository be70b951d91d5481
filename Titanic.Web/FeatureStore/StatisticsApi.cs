using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary><c>GET /api/statistics</c>.</summary>
internal static class StatisticsApi
{
    public static void MapStatisticsApi(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api").WithTags("Feature store").MapGet("/statistics", Show).WithName("showStatistics")
            .WithSummary("Show statistics of features")
            .WithDescription("Counts, moments, percentiles and histograms, as of any commit.")
            .ProducesProblem(StatusCodes.Status404NotFound);

    internal static async Task<Results<Ok<StatisticsAnswer>, ProblemHttpResult>> Show(
        [Description(AsOf.Description), Example("1")] string? asOf,
        [Description("A source; all of them together when it is left out."), Example(PassengerSources.Titanic3)]
        [StatisticsScope] string? scope,
        StatisticsReader reader, TitanicDb db, CancellationToken cancellation)
    {
        scope = string.IsNullOrWhiteSpace(scope) ? FeatureStatistics.All : scope.Trim();
        if (StatisticsReader.ProblemOf(scope) is { } problem)
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var at = await AsOf.Resolve(db, asOf, cancellation);
            return TypedResults.Ok(StatisticsAnswer.Of(at, scope, await reader.Read(scope, at.CommitId, cancellation)));
        }
        catch (UnknownAsOfException unknown)
        {
            // Who asks an empty store for what is there now has asked nothing wrong.
            var status = string.IsNullOrWhiteSpace(asOf) ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest;
            return TypedResults.Problem(unknown.Message, statusCode: status);
        }
    }
}

/// <summary>Reads what commits wrote of their statistics; no rows of passengers are looked at.</summary>
public sealed class StatisticsReader(TitanicDb db)
{
    /// <summary>What statistics are kept of: each source, and all of them together.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [.. PassengerSources.All, FeatureStatistics.All];

    /// <summary>Why a text is no scope, as a sentence that names those there are; null for one of <see cref="Scopes"/>.</summary>
    public static string? ProblemOf(string scope) =>
        Scopes.Contains(scope) ? null : $"There is no scope '{Excerpt.Truncate(scope)}'; scopes are {string.Join(", ", Scopes)}.";

    /// <summary>
    /// The statistics of a scope as of a commit: of each feature the newest that this commit or one before it wrote, in the order of
    /// <see cref="FeatureGroup.Features"/>. Each is one step in an index, however many commits there are. Empty while no row of the scope
    /// has come.
    /// </summary>
    /// <param name="scope">One of <see cref="Scopes"/>.</param>
    public async Task<IReadOnlyList<FeatureStatistics>> Read(string scope, long asOfCommitId, CancellationToken cancellation)
    {
        var found = new List<FeatureStatistics>();
        foreach (var feature in FeatureGroup.Features)
        {
            var newest = await db.FeatureStatistics.AsNoTracking()
                .Where(s => s.Scope == scope && s.Feature == feature.Name && s.CommitId <= asOfCommitId)
                .OrderByDescending(s => s.CommitId)
                .FirstOrDefaultAsync(cancellation);
            if (newest is not null)
                found.Add(newest);
        }
        return found;
    }
}

internal sealed class StatisticsScopeAttribute() : OneOfAttribute([.. StatisticsReader.Scopes]);

/// <summary>The statistics of a scope as the API gives them, with the field names of Hopsworks.</summary>
/// <param name="AsOfCommitId">The newest commit that counts.</param>
/// <param name="Features">Empty while no row of the scope had come.</param>
public sealed record StatisticsAnswer(
    string FeatureGroup, int Version, [property: StatisticsScope] string Scope, long AsOfCommitId, DateTimeOffset CommittedAt,
    IReadOnlyList<FeatureStatisticsAnswer> Features)
{
    internal static StatisticsAnswer Of(AsOf asOf, string scope, IReadOnlyList<FeatureStatistics> statistics) => new(
        FeatureStore.FeatureGroup.Name, FeatureStore.FeatureGroup.Version, scope, asOf.CommitId, asOf.CommittedAt,
        [.. statistics.Select(FeatureStatisticsAnswer.Of)]);
}

/// <summary>One feature. Values of sex (0 male, 1 female) and survived (0 died, 1 survived) are the model's codes.</summary>
/// <param name="CommitId">The commit that wrote them: the last one that touched the scope.</param>
/// <param name="Completeness">Share 0..1 of rows with a value; null without rows.</param>
/// <param name="Distinctness">Different values per value, 0..1; null without values.</param>
/// <param name="Percentiles">By the nearest-rank definition; null where the values are no measure.</param>
/// <param name="CorrelationWithOutcome">Pearson's, over rows with a known outcome; null where it is undefined.</param>
public sealed record FeatureStatisticsAnswer(
    string FeatureName, string FeatureType, long CommitId, long Count, double? Completeness, long NumNonNullValues, long NumNullValues,
    long ApproxNumDistinctValues, double? Distinctness, double? Min, double? Max, double? Mean, double? StdDev,
    IReadOnlyList<PercentileAnswer>? Percentiles, IReadOnlyList<HistogramBinAnswer> Histogram, IReadOnlyList<TopValueAnswer> TopValues,
    double? CorrelationWithOutcome)
{
    internal static FeatureStatisticsAnswer Of(FeatureStatistics s)
    {
        var feature = FeatureGroup.Features.Single(feature => feature.Name == s.Feature);
        return new FeatureStatisticsAnswer(
            s.Feature, feature.Type, s.CommitId, s.Count, s.Completeness, s.NumNonNullValues, s.NumNullValues,
            s.ApproxNumDistinctValues, s.NumNonNullValues == 0 ? null : (double)s.ApproxNumDistinctValues / s.NumNonNullValues,
            s.Min, s.Max, s.Mean, s.StdDev,
            s.Percentiles?.Select((value, i) => new PercentileAnswer(FeatureStatistics.PercentileRanks[i], value)).ToList(),
            [.. s.Histogram.Select((rows, bin) => HistogramBinAnswer.Of(feature, bin, rows))],
            [.. s.TopValues.Select(top => new TopValueAnswer(top.Value, top.Rows))],
            s.CorrelationWithOutcome);
    }
}

/// <param name="Rank">In percent.</param>
public sealed record PercentileAnswer(int Rank, double Value);

public sealed record TopValueAnswer(double Value, long Count);

/// <summary>A bin of a measure from <paramref name="Low"/> up to, but without, <paramref name="High"/> (the last bin has it too), or one value.</summary>
/// <param name="Name">What the value's code stands for, where it is a code.</param>
public sealed record HistogramBinAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Low,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? High,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    long Count)
{
    internal static HistogramBinAnswer Of(Feature feature, int bin, long rows) => feature.IsNumeric
        ? new HistogramBinAnswer(feature.HistogramEdges[bin], feature.HistogramEdges[bin + 1], null, null, rows)
        : new HistogramBinAnswer(null, null, feature.HistogramEdges[bin], NameOf(feature, feature.HistogramEdges[bin]), rows);

    private static string? NameOf(Feature feature, double code) =>
        feature == FeatureGroup.Sex ? SexConverter.Format((Sex)code) : feature == FeatureGroup.Survived ? (code == 1 ? "survived" : "died") : null;
}
