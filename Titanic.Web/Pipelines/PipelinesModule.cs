using Microsoft.Extensions.Options;
using Titanic.Web.Pipelines.Archives;
using Titanic.Web.Pipelines.Lineage;

namespace Titanic.Web.Pipelines;

/// <summary>The door of the pipelines: the story of a day, and the ways to start it.</summary>
public static class PipelinesModule
{
    public static IServiceCollection AddPipelines(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BootstrapOptions>().Bind(configuration.GetSection(BootstrapOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BootstrapOptions>, BootstrapOptionsValidator>();
        services.AddOptions<PipelineSchedule>().Bind(configuration.GetSection(PipelineSchedule.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PipelineSchedule>, PipelineScheduleValidator>();
        services.AddSingleton(CodeVersion.OfThisProcess);
        services.AddSingleton<PipelineRunner>();
        services.AddSingleton<Simulation>();
        services.AddSingleton<Bootstrap>();
        services.AddScoped<CatchUp>();
        services.AddScoped<PipelineJobs>();
        services.AddScoped<RunQueue>();
        services.AddScoped<BackfillPipeline>();
        services.AddScoped<SettingsSearch>();
        services.AddScoped<ChallengerRegistration>();
        services.AddScoped<PromotionEvidence>();
        services.AddScoped<VersionComparer>();
        services.AddScoped<ModelReproduction>();
        services.AddScoped<ArchiveExport>();
        services.AddScoped<ArchiveImport>();
        services.AddScoped<Uploads>();
        services.AddScoped<IngestionAnswers>();
        services.AddScoped<PredictionLineageReader>();
        services.AddScoped<RunDatasets>();
        services.AddScoped<OpenLineageReader>();
        return services
            .AddKeyedScoped<IPipeline, FeaturePipeline>(PipelineNames.Feature)
            .AddKeyedScoped<IPipeline, InferencePipeline>(PipelineNames.Inference)
            .AddKeyedScoped<IPipeline, TrainingPipeline>(PipelineNames.Training)
            .AddKeyedScoped<IPipeline, MonitoringPipeline>(PipelineNames.Monitoring)
            .AddKeyedScoped<IPipeline, AuditPipeline>(PipelineNames.Audit);
    }

    public static void MapPipelines(this IEndpointRouteBuilder routes)
    {
        routes.MapPipelinesApi();
        routes.MapIngestionApi();
        routes.MapComparisonApi();
        routes.MapReceiptsApi();
        routes.MapLineageApi();
        routes.MapReproductionsApi();
        routes.MapArchivesApi();
    }
}
