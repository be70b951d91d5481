using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class PassengersModuleTests
{
    [Fact]
    public async Task Registers_all_services_of_the_module()
    {
        using var host = HostWith([]);

        var source = host.Services.GetRequiredService<DatasetSource>();
        await using var dataset = await source.OpenAsync(null, TestContext.Current.CancellationToken);
        var passengers = host.Services.GetRequiredService<PassengerStream>().Generate(new DateOnly(2026, 11, 23), _ => true);

        Assert.Equal("titanic3", dataset.Source);
        Assert.Equal(10, passengers.Count);
    }

    [Fact]
    public void Binds_the_configuration()
    {
        using var host = HostWith(new()
        {
            ["Passengers:DownloadTimeOut"] = "00:00:07",
            ["Stream:Scenario"] = "drift",
            ["Stream:Seed"] = "5",
            ["Stream:DriftFrom"] = "2026-12-01",
        });

        Assert.Equal(TimeSpan.FromSeconds(7), host.Services.GetRequiredService<IOptions<PassengersOptions>>().Value.DownloadTimeOut);
        var stream = host.Services.GetRequiredService<IOptions<StreamOptions>>().Value;
        Assert.Equal(("drift", 5L, (DateOnly?)new DateOnly(2026, 12, 1)), (stream.Scenario, stream.Seed, stream.DriftFrom));
    }

    [Theory]
    [InlineData("Stream:Scenario", "chaos", "must be realistic, seed or drift")]
    [InlineData("Passengers:MaximumColumns", "1", "must be between 7 and 10,000")]
    public async Task Invalid_settings_stop_the_start_with_a_message(string setting, string value, string message)
    {
        using var host = HostWith(new() { [setting] = value });

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    private static IHost HostWith(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddPassengers(builder.Configuration);
        return builder.Build();
    }
}
