namespace Titanic.Web.Monitoring;

/// <summary>Registers monitoring and its endpoints.</summary>
public static class MonitoringModule
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services) => services
        .AddScoped<PerformanceRollup>()
        .AddScoped<PerformanceReader>()
        .AddScoped<StreamHistory>()
        .AddScoped<PredictionVolumeRollup>()
        .AddScoped<PredictionVolume>()
        .AddScoped<PredictionRows>();

    public static void MapMonitoring(this IEndpointRouteBuilder routes)
    {
        routes.MapPredictionVolumeApi();
        routes.MapPredictionListApi();
    }
}
