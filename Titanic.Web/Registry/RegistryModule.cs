namespace Titanic.Web.Registry;

/// <summary>The door of the model registry.</summary>
public static class RegistryModule
{
    public static IServiceCollection AddRegistry(this IServiceCollection services) => services
        .AddScoped<ModelRegistry>()
        .AddScoped<Reproductions>();
}
