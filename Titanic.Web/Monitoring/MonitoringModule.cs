using Microsoft.Extensions.Options;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Monitoring.WhatIf;

namespace Titanic.Web.Monitoring;

/// <summary>Registers monitoring and its endpoints.</summary>
public static class MonitoringModule
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DriftOptions>().Bind(configuration.GetSection(DriftOptions.Section)).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<DriftOptions>, DriftOptionsValidator>()
            .AddScoped<PredictionRollup>()
            .AddScoped<RollupReader>()
            .AddScoped<RollupVerification>()
            .AddScoped<PerformanceReports>()
            .AddScoped<VersionReferences>()
            .AddScoped<WhatIfRows>()
            .AddScoped<WhatIfRollup>()
            .AddScoped<WhatIfReports>()
            .AddScoped<StreamHistory>()
            .AddScoped<PredictionVolume>()
            .AddScoped<PredictionRows>()
            .AddScoped<DriftRows>()
            .AddScoped<DriftMonitor>()
            .AddScoped<DriftReader>()
            .AddSingleton<DetectionPowerCache>();
    }

    public static void MapMonitoring(this IEndpointRouteBuilder routes)
    {
        routes.MapPredictionVolumeApi();
        routes.MapPredictionListApi();
        routes.MapDriftApi();
        routes.MapPerformanceApi();
        routes.MapWhatIfApi();
    }
}
