namespace Titanic.Web.Registry;

/// <summary>The door of the model registry. It needs a <see cref="TryVersion"/> from a folder that knows learners.</summary>
public static class RegistryModule
{
    public static IServiceCollection AddRegistry(this IServiceCollection services) => services
        .AddScoped<ModelRegistry>()
        .AddScoped<AliasHistory>()
        .AddSingleton<VersionList>();

    public static void MapRegistry(this IEndpointRouteBuilder routes)
    {
        routes.MapModelsApi();
        routes.MapAliasesApi();
    }
}
