using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Lifecycle.Lineage;

namespace Titanic.Web.Lifecycle;

/// <summary>Registers the services and endpoints that compare, reproduce, export, import and trace registered versions.</summary>
public static class LifecycleModule
{
    public static IServiceCollection AddLifecycle(this IServiceCollection services)
    {
        services.AddSingleton(CodeVersion.OfThisProcess);
        services.AddScoped<PromotionEvidence>();
        services.AddScoped<VersionComparer>().AddSingleton<ComparisonCache>();
        services.AddScoped<ModelReproduction>();
        services.AddScoped<ArchiveExport>();
        services.AddScoped<ArchiveImport>();
        services.AddScoped<PredictionLineageReader>();
        return services;
    }

    public static void MapLifecycle(this IEndpointRouteBuilder routes)
    {
        routes.MapComparisonApi();
        routes.MapReceiptsApi();
        routes.MapReproductionsApi();
        routes.MapArchivesApi();
    }
}
