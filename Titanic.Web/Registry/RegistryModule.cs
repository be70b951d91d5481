using Microsoft.Extensions.Options;

namespace Titanic.Web.Registry;

/// <summary>Registers the model registry and maps its API.</summary>
public static class RegistryModule
{
    public static IServiceCollection AddRegistry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<GatePolicy>().Bind(configuration.GetSection(GatePolicy.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatePolicy>, GatePolicy.GatePolicyValidator>();
        return services.AddScoped<ModelRegistry>().AddScoped<AliasHistory>().AddScoped<VersionTrainingRows>().AddScoped<Reproductions>().AddScoped<VersionList>();
    }

    public static void MapRegistry(this IEndpointRouteBuilder routes)
    {
        routes.MapModelsApi();
        routes.MapAliasesApi();
    }
}
