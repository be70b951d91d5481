using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Drift;

namespace Titanic.Web.Tests.Monitoring.Drift;

public sealed class DriftOptionsTests
{
    [Fact]
    public void Has_defaults() => Assert.Equal([0.05, 0.1, 0.2, 0.45], Read().Falls);

    [Fact]
    public void Configured_falls_replace_the_default() =>
        Assert.Equal([0.1, 0.3], Read(("AccuracyFalls", "0.1, 0.3")).Falls);

    [Theory]
    [InlineData("FalseAlarmRate", "0.01", "Monitoring:Drift:FalseAlarmRate is 0.01; it must be between 0.011 and 0.5.")]
    [InlineData("FalseAlarmRate", "NaN", "Monitoring:Drift:FalseAlarmRate is NaN; it must be between 0.011 and 0.5.")]
    [InlineData("HorizonDays", "6", "Monitoring:Drift:HorizonDays is 6; it must be between 7 and 366.")]
    [InlineData("AccuracyFalls", "0", "Monitoring:Drift:AccuracyFalls is \"0\"; it must be a comma-separated list of 1 to 10 increasing values between 0 and 1.")]
    [InlineData("AccuracyFalls", "0.2,abc", "Monitoring:Drift:AccuracyFalls is \"0.2,abc\"; it must be a comma-separated list of 1 to 10 increasing values between 0 and 1.")]
    [InlineData("AccuracyFalls", "", "Monitoring:Drift:AccuracyFalls is empty; it must be a comma-separated list of 1 to 10 increasing values between 0 and 1.")]
    public void Refuses_invalid_settings(string name, string value, string expected) =>
        Assert.Equal(expected, Assert.Throws<OptionsValidationException>(() => Read((name, value))).Message);

    [Fact]
    public void Refuses_falls_that_do_not_increase() =>
        Assert.Contains("is \"0.2,0.1\"; it must be", Assert.Throws<OptionsValidationException>(() => Read(("AccuracyFalls", "0.2,0.1"))).Message);

    private static DriftOptions Read(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"{DriftOptions.Section}:{setting.Name}", (string?)setting.Value))).Build();
        using var services = new ServiceCollection().AddMonitoring(configuration).BuildServiceProvider();
        return services.GetRequiredService<IOptions<DriftOptions>>().Value;
    }
}
