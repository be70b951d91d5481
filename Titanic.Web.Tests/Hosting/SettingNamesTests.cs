using Microsoft.Extensions.Configuration;
using Titanic.Web.Hosting;

namespace Titanic.Web.Tests.Hosting;

public sealed class SettingNamesTests
{
    [Theory]
    [InlineData("Serving:LogBatchRow", "5", "Serving:LogBatchRows")]
    [InlineData("Schedule:Trainig", "* * * * *", "Schedule:Training")]
    [InlineData("Training:crossvalidation:repeat", "1", "Training:CrossValidation:Repeats")]
    [InlineData("Titanic:DataDir", "/data", "Titanic:DataDirectory")]
    [InlineData("Training:CrossValidation", "5", "Training:CrossValidation:Seed")]
    public void Finds_an_unknown_setting_and_the_nearest_name(string name, string value, string nearest) => Assert.Equal(
        [$"There is no setting \"{name}\"; the nearest name is {nearest}."], SettingNames.FindUnknown(Configuration((name, value))));

    [Fact]
    public void Accepts_all_settings_and_those_of_other_sections_and_programs() => Assert.Empty(SettingNames.FindUnknown(Configuration(
        [
            ("STREAM", "1"), ("Training", "x"), ("Logging:LogLevel:Foo", "Debug"), ("Serilog:MinimumLevel", "Debug"), ("Kestrel:Limits:X", "1"),
            ("AllowedHosts", "*"), ("ConnectionStrings:Other", "x"), ("Fruit:Count", "3"), ("SERVING:LOG", "off"),
            .. SettingNames.All.Select(name => (name, "1")),
        ])));

    [Fact]
    public async Task Commands_report_all_invalid_settings_and_change_nothing()
    {
        var (exitCode, output, errors) = await ProductInProcess.Run("serve", "--Serving:LogBatchRow=5", "--Stream:PassengersPerDay=0");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("There is no setting \"Serving:LogBatchRow\"; the nearest name is Serving:LogBatchRows.", errors, StringComparison.Ordinal);
        Assert.Contains("Stream:PassengersPerDay is 0; it must be between 1 and 100,000.", errors, StringComparison.Ordinal);
    }

    private static IConfiguration Configuration(params IEnumerable<(string Name, string Value)> settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.DistinctBy(setting => setting.Name, StringComparer.OrdinalIgnoreCase)
            .Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
        .Build();
}
