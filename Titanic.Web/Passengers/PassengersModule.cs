using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Registers the passenger sources: the bundled dataset, files, downloads and the simulated stream.</summary>
public static class PassengersModule
{
    public static IServiceCollection AddPassengers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PassengersOptions>().Bind(configuration.GetSection(PassengersOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PassengersOptions>, PassengersOptionsValidator>();
        services.AddOptions<StreamOptions>().Bind(configuration.GetSection(StreamOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StreamOptions>, StreamOptionsValidator>();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<BundledDataset>();
        services.AddSingleton<PassengerStream>();
        services.AddSingleton<DatasetDownload>();
        services.AddSingleton<DatasetSource>();
        services.AddHttpClient(DatasetDownload.ClientName, client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan; // Passengers:DownloadTimeOut limits the response and the body
                client.DefaultRequestHeaders.UserAgent.ParseAdd("Titanic");
            })
            .ConfigurePrimaryHttpMessageHandler(provider =>
            {
                var options = provider.GetRequiredService<IOptions<PassengersOptions>>();
                var handler = PublicConnections.CreateHandler(
                    $"{PassengersOptions.Section}:{nameof(PassengersOptions.AllowPrivateAddresses)}", () => options.Value.AllowPrivateAddresses);
                handler.UseProxy = options.Value.AllowPrivateAddresses; // the proxy of the environment, which usually has a private address
                return handler;
            });
        return services;
    }
}
