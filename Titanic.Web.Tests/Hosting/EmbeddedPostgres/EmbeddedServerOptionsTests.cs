using Microsoft.Extensions.Configuration;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

public sealed class EmbeddedServerOptionsTests
{
    [Fact]
    public void The_default_state_folder_is_below_the_content_root_or_for_root_below_var_lib()
    {
        var options = EmbeddedServerOptions.ForProduct(Configuration(null), "/srv/titanic/Titanic.Web/");

        Assert.True(options.Durable);
        Assert.False(options.UnixSocketOnly);
        // printf %s /srv/titanic/Titanic.Web | sha256sum | cut -c 1-16
        Assert.Equal(
            ServerAccount.MustSwitch ? "/var/lib/titanic/708ea5efeab7adf9" : "/srv/titanic/Titanic.Web/App_Data/postgres",
            options.DataDirectory);
        Assert.Equal(
            ServerAccount.MustSwitch ? "/var/cache/titanic" : "/srv/titanic/Titanic.Web/App_Data/postgres/binaries",
            options.DefaultBinariesCache);
    }

    [Theory]
    [InlineData("/data/titanic", "/data/titanic")]
    [InlineData("state", "/srv/titanic/state")]
    public void The_setting_Titanic_DataDirectory_overrides_it_and_is_relative_to_the_content_root(string setting, string expected) =>
        Assert.Equal(expected, EmbeddedServerOptions.ForProduct(Configuration(setting), "/srv/titanic").DataDirectory);

    [Fact]
    public void Locates_the_binaries_from_the_folder_of_the_assembly()
    {
        var root = EmbeddedServerOptions.ForProduct(Configuration(null), "/srv/titanic").BinariesRoot;

        Assert.True(File.Exists(Binaries.Locate(root).Initdb));
        Assert.Equal(18, Binaries.Locate(root).MajorVersion);
    }

    private static IConfiguration Configuration(string? dataDirectory) => new ConfigurationBuilder()
        .AddInMemoryCollection([new KeyValuePair<string, string?>("Titanic:DataDirectory", dataDirectory)])
        .Build();
}
