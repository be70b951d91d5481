using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>Registers the alerts; <see cref="AlertLoop"/> is started by processes that serve.</summary>
internal static class AlertServices
{
    private const int MaximumDrainedBytes = 4 * 1024;

    public static IServiceCollection AddAlerts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AlertOptions>().Bind(configuration.GetSection(AlertOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AlertOptions>, AlertOptionsValidator>();
        services.AddHttpClient(WebhookSender.ClientName, client =>
            {
                client.Timeout = WebhookSender.Timeout;
                client.DefaultRequestHeaders.UserAgent.ParseAdd("Titanic");
            })
            .ConfigurePrimaryHttpMessageHandler(provider =>
            {
                var options = provider.GetRequiredService<IOptions<AlertOptions>>();
                var handler = PublicConnections.CreateHandler(
                    $"{AlertOptions.Section}:{nameof(AlertOptions.AllowPrivateAddresses)}", () => options.Value.AllowPrivateAddresses);
                (handler.MaxResponseDrainSize, handler.ConnectTimeout) = (MaximumDrainedBytes, WebhookSender.Timeout);
                return handler;
            });
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
