namespace Titanic.Web.Monitoring;

/// <summary>The door of monitoring.</summary>
public static class MonitoringModule
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services) => services
        .AddScoped<PerformanceRollup>()
        .AddScoped<PerformanceReader>()
        .AddScoped<StreamHistory>()
        .AddScoped<AnswerRollup>()
        .AddScoped<AnswersBySource>()
        .AddScoped<PredictionRows>();

    public static void MapMonitoring(this IEndpointRouteBuilder routes) => routes.MapAnswersApi();
}
