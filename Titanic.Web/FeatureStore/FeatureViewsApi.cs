using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary><c>GET /api/feature-views</c> and <c>GET /api/feature-views/{name}/{version}</c>.</summary>
internal static class FeatureViewsApi
{
    public static void MapFeatureViewsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/feature-views").WithTags("Feature store");
        api.MapGet("", List).WithName("listFeatureViews").WithSummary("List feature views")
            .WithDescription("The features, label and encoder of each view, by name and version.");
        api.MapGet("{name}/{version:int}", Show).WithName("showFeatureView").WithSummary("Show a feature view")
            .WithDescription("Features, codes, bin edges and replacements of missing values.");
    }

    internal static async Task<Ok<IReadOnlyList<FeatureViewResponse>>> List(TitanicDb db, CancellationToken cancellation)
    {
        var views = await db.FeatureViews.AsNoTracking().OrderBy(view => view.Name).ThenBy(view => view.Version).ToListAsync(cancellation);
        return TypedResults.Ok<IReadOnlyList<FeatureViewResponse>>([.. views.Select(FeatureViewResponse.Of)]);
    }

    internal static async Task<Results<Ok<FeatureViewResponse>, ProblemHttpResult>> Show(
        [Description("Name of the view."), Example("titanic_binned")] string name,
        [Description("Version of the view."), Example(1)] int version, TitanicDb db, CancellationToken cancellation) =>
        await db.FeatureViews.AsNoTracking().SingleOrDefaultAsync(view => view.Name == name && view.Version == version, cancellation) is { } found
            ? TypedResults.Ok(FeatureViewResponse.Of(found))
            : TypedResults.Problem(TrainingViews.NotFoundMessage(name, version), statusCode: StatusCodes.Status404NotFound);
}

/// <summary>A feature view.</summary>
/// <param name="Schema">
/// The lines of the schema, without line breaks: features with types, codes, bin edges and replacements of missing values.
/// <paramref name="SchemaSha256"/> is the SHA-256 of these lines, each ended by LF. Null if the encoder of the running code differs
/// from that of the stored view.
/// </param>
public sealed record FeatureViewResponse(
    string Name, int Version, string FeatureGroup, int FeatureGroupVersion, IReadOnlyList<string> Features, string Label, string EncoderId,
    string Description, string SchemaSha256, IReadOnlyList<string>? Schema)
{
    internal static FeatureViewResponse Of(FeatureView view)
    {
        var schema = TrainingViews.Find(view.Name, view.Version)?.Schema;
        return new FeatureViewResponse(
            view.Name, view.Version, view.FeatureGroup, view.FeatureGroupVersion, view.Features, view.Label, view.EncoderId,
            view.Description, view.SchemaSha256, schema?.Sha256 == view.SchemaSha256 ? schema.Canonical.TrimEnd('\n').Split('\n') : null);
    }
}
