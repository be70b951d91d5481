using Microsoft.Extensions.Options;

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
        return services
            .AddPipeline<FeaturePipeline>()
            .AddPipeline<InferencePipeline>()
            .AddPipeline<TrainingPipeline>()
            .AddPipeline<MonitoringPipeline>();
    }

    public static void MapPipelines(this IEndpointRouteBuilder routes) => routes.MapPipelinesApi();

    private static IServiceCollection AddPipeline<TPipeline>(this IServiceCollection services)
        where TPipeline : class, IPipeline => services.AddKeyedScoped<IPipeline, TPipeline>(TPipeline.Name);
}
