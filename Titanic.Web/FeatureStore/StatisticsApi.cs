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
            .WithSummary("Show feature statistics")
            .WithDescription("Counts, mean, standard deviation, percentiles and histograms, as of any commit.")
            .ProducesProblem(StatusCodes.Status404NotFound);

    internal static async Task<Results<Ok<StatisticsResponse>, ProblemHttpResult>> Show(
        [Description(AsOf.Description), Example("1")] string? asOf,
        [Description("A source, or all. Default: all."), Example(PassengerSources.Titanic3)]
        [StatisticsScope] string? scope,
        StatisticsReader reader, TitanicDb db, CancellationToken cancellation)
    {
        scope = string.IsNullOrWhiteSpace(scope) ? FeatureStatistics.All : scope.Trim();
        if (StatisticsReader.ScopeError(scope) is { } problem)
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var at = await AsOf.Resolve(db, asOf, cancellation);
            return TypedResults.Ok(StatisticsResponse.Of(at, scope, await reader.Read(scope, at.CommitId, cancellation)));
        }
        catch (UnknownAsOfException unknown)
        {
            // Without asOf the request is valid and the store is empty: 404, not 400.
            var status = string.IsNullOrWhiteSpace(asOf) ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest;
            return TypedResults.Problem(unknown.Message, statusCode: status);
        }
    }
}

/// <summary>Reads the statistics that commits have stored. It does not read passenger rows.</summary>
public sealed class StatisticsReader(TitanicDb db)
{
    /// <summary>The scopes of statistics: each source, and "all" for all sources together.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [.. PassengerSources.All, FeatureStatistics.All];

    /// <summary>Returns null for one of <see cref="Scopes"/>, otherwise an error message that lists the scopes.</summary>
    public static string? ScopeError(string scope) =>
        Scopes.Contains(scope) ? null : ErrorText.UnknownName("scope", scope, Scopes);

    /// <summary>
    /// Returns the statistics of a scope as of a commit: for each feature the newest ones written by this commit or an earlier one, in
    /// the order of <see cref="FeatureGroup.Features"/>. Empty if no row of the scope had been ingested. One index lookup per feature.
    /// </summary>
    /// <param name="scope">One of <see cref="Scopes"/>.</param>
    /// <param name="asOfCommitId">The newest commit to consider; it does not have to exist.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<IReadOnlyList<FeatureStatistics>> Read(string scope, long asOfCommitId, CancellationToken cancellation)
    {
        var statistics = new List<FeatureStatistics>();
        foreach (var feature in FeatureGroup.Features)
        {
            var newest = await db.FeatureStatistics.AsNoTracking()
                .Where(s => s.Scope == scope && s.Feature == feature.Name && s.CommitId <= asOfCommitId)
                .OrderByDescending(s => s.CommitId)
                .FirstOrDefaultAsync(cancellation);
            if (newest is not null)
                statistics.Add(newest);
        }
        return statistics;
    }
}

internal sealed class StatisticsScopeAttribute() : OneOfAttribute([.. StatisticsReader.Scopes]);

/// <summary>The statistics of a scope. Member names follow Hopsworks.</summary>
/// <param name="AsOfCommitId">The newest visible commit.</param>
/// <param name="Features">One entry per feature; empty if no row of the scope had been ingested.</param>
public sealed record StatisticsResponse(
    string FeatureGroup, int Version, [property: StatisticsScope] string Scope, long AsOfCommitId, DateTimeOffset CommittedAt,
    IReadOnlyList<FeatureStatisticsResponse> Features)
{
    internal static StatisticsResponse Of(AsOf asOf, string scope, IReadOnlyList<FeatureStatistics> statistics) => new(
        FeatureStore.FeatureGroup.Name, FeatureStore.FeatureGroup.Version, scope, asOf.CommitId, asOf.CommittedAt,
        [.. statistics.Select(FeatureStatisticsResponse.Of)]);
}

/// <summary>The statistics of one feature. Values of sex (0 male, 1 female) and survived (0 died, 1 survived) are codes.</summary>
/// <param name="CommitId">The commit that wrote the statistics: the last one that changed the scope.</param>
/// <param name="Completeness">Share 0..1 of rows with a value; null without rows.</param>
/// <param name="Distinctness">Number of distinct values divided by the number of values, 0..1; null without values.</param>
/// <param name="Percentiles">By the nearest-rank method; null for a categorical feature.</param>
/// <param name="StdDev">Population standard deviation.</param>
/// <param name="CorrelationWithOutcome">Pearson correlation over rows with a known outcome; null if it is undefined.</param>
public sealed record FeatureStatisticsResponse(
    string FeatureName, string FeatureType, long CommitId, long Count, double? Completeness, long NumNonNullValues, long NumNullValues,
    long ApproxNumDistinctValues, double? Distinctness, double? Min, double? Max, double? Mean, double? StdDev,
    IReadOnlyList<PercentileResponse>? Percentiles, IReadOnlyList<HistogramBinResponse> Histogram, IReadOnlyList<TopValueResponse> TopValues,
    double? CorrelationWithOutcome)
{
    internal static FeatureStatisticsResponse Of(FeatureStatistics s)
    {
        var feature = FeatureGroup.Features.Single(feature => feature.Name == s.Feature);
        return new FeatureStatisticsResponse(
            s.Feature, feature.Type, s.CommitId, s.Count, s.Completeness, s.NumNonNullValues, s.NumNullValues,
            s.ApproxNumDistinctValues, s.NumNonNullValues == 0 ? null : (double)s.ApproxNumDistinctValues / s.NumNonNullValues,
            s.Min, s.Max, s.Mean, s.StdDev,
            s.Percentiles?.Select((value, i) => new PercentileResponse(FeatureStatistics.PercentileRanks[i], value)).ToList(),
            [.. s.Histogram.Select((rows, bin) => HistogramBinResponse.Of(feature, bin, rows))],
            [.. s.TopValues.Select(top => new TopValueResponse(top.Value, top.Rows))],
            s.CorrelationWithOutcome);
    }
}

/// <summary>One percentile.</summary>
/// <param name="Rank">In percent.</param>
public sealed record PercentileResponse(int Rank, double Value);

/// <summary>A frequent value and its number of rows.</summary>
public sealed record TopValueResponse(double Value, long Count);

/// <summary>
/// For a numeric feature a bin from <paramref name="Low"/> (inclusive) to <paramref name="High"/> (exclusive; inclusive in the last
/// bin); for a categorical feature one value.
/// </summary>
/// <param name="Name">The meaning of the value if it is a code.</param>
public sealed record HistogramBinResponse(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Low,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? High,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    long Count)
{
    internal static HistogramBinResponse Of(Feature feature, int bin, long rows) => feature.IsNumeric
        ? new HistogramBinResponse(feature.HistogramEdges[bin], feature.HistogramEdges[bin + 1], null, null, rows)
        : new HistogramBinResponse(null, null, feature.HistogramEdges[bin], NameOf(feature, feature.HistogramEdges[bin]), rows);

    private static string? NameOf(Feature feature, double code) =>
        feature == FeatureGroup.Sex ? SexConverter.Format((Sex)code) : feature == FeatureGroup.Survived ? (code == 1 ? "survived" : "died") : null;
}
