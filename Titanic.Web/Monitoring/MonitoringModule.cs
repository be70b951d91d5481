namespace Titanic.Web.Monitoring;

/// <summary>The door of monitoring.</summary>
public static class MonitoringModule
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services) => services
        .AddScoped<PerformanceRollup>()
        .AddScoped<PerformanceReader>()
        .AddScoped<StreamHistory>()
        .AddScoped<AskedAnswers>()
        .AddScoped<PredictionRows>();
}
