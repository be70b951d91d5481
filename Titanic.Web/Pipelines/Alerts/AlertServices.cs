using Microsoft.Extensions.Options;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>Registers the alerts; <see cref="AlertLoop"/> is started by processes that serve.</summary>
internal static class AlertServices
{
    public static IServiceCollection AddAlerts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AlertOptions>().Bind(configuration.GetSection(AlertOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AlertOptions>, AlertOptionsValidator>();
        services.AddSingleton<WebhookConnections>();
        services.AddHttpClient(WebhookSender.ClientName, client =>
            {
                client.Timeout = WebhookSender.Timeout;
                client.DefaultRequestHeaders.UserAgent.ParseAdd("Titanic");
            })
            .ConfigurePrimaryHttpMessageHandler(provider => provider.GetRequiredService<WebhookConnections>().CreateHandler());
        return services
            .AddSingleton<OverdueOutcomes>()
            .AddScoped<RunConditions>()
            .AddScoped<DataConditions>()
            .AddScoped<AlertEvents>()
            .AddScoped<AlertEvaluation>()
            .AddScoped<AlertActions>()
            .AddScoped<AlertReader>()
            .AddScoped<WebhookSender>();
    }
}
