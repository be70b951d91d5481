using Microsoft.Extensions.Options;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Pipelines.Ingest;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Pipelines;

/// <summary>Registers the pipelines, their schedule and the endpoints that start and show runs.</summary>
public static class PipelinesModule
{
    public static IServiceCollection AddPipelines(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BootstrapOptions>().Bind(configuration.GetSection(BootstrapOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BootstrapOptions>, BootstrapOptionsValidator>();
        services.AddOptions<PipelineSchedule>().Bind(configuration.GetSection(PipelineSchedule.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PipelineSchedule>, PipelineScheduleValidator>();
        services.AddSingleton<PipelineRunner>();
        services.AddSingleton<RunRepair>();
        services.AddSingleton<Simulation>();
        services.AddSingleton<Bootstrap>();
        services.AddScoped<CatchUp>();
        services.AddScoped<ScheduleReader>();
        services.AddScoped<ScheduleEditor>();
        services.AddSingleton<RecurringJobs>();
        services.AddScoped<ScheduleResponses>();
        services.AddScoped<PipelineStates>();
        services.AddScoped<PipelineJobs>();
        services.AddScoped<RunQueue>();
        services.AddScoped<BackfillPipeline>();
        services.AddScoped<RunReader>();
        services.AddScoped<RunCalendar>();
        services.AddScoped<RunRanges>();
        services.AddScoped<RunCancellation>();
        services.AddHttpContextAccessor().AddScoped<RunViewer>();
        services.AddSingleton<RunEventStreams>();
        services.AddScoped<TrainableRows>();
        services.AddScoped<TrainingWindow>();
        services.AddScoped<TrainingPlanner>();
        services.AddScoped<HyperparameterSearch>();
        services.AddSingleton<TrainingEvaluator>();
        services.AddScoped<ModelRegistration>();
        services.AddScoped<Uploads>();
        services.AddScoped<Corrections>();
        services.AddScoped<PassengerPreviews>();
        services.AddMemoryCache().AddScoped<UnusedRowsCache>();
        services.AddScoped<UploadInference>();
        services.AddScoped<RunDatasets>();
        services.AddScoped<OpenLineageReader>();
        services.AddAlerts(configuration);
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
        routes.MapSchedulesApi();
        routes.MapRunsApi();
        routes.MapRunCalendarApi();
        routes.MapRunEventsApi();
        routes.MapIngestionApi();
        routes.MapLineageApi();
        routes.MapAlertsApi();
    }
}
