namespace Titanic.Web.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_lists_every_command()
    {
        var (exitCode, output, _) = await ProductInProcess.Run("--help");

        Assert.Equal(0, exitCode);
        string[] commands =
        [
            "serve", "run", "simulate", "reproduce", "models", "compare", "verify-archive", "import-archive", "healthcheck", "create-admin", "create-api-key",
            "verify-prediction",
        ];
        foreach (var command in commands)
            Assert.Contains($"  {command} ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "--as-of <COMMIT|DAY|INSTANT>")]
    [InlineData("run", "the alternative learner to train")]
    [InlineData("simulate", "--days <N>")]
    public async Task Help_describes_the_options_and_their_values(string command, string text)
    {
        var (exitCode, output, _) = await ProductInProcess.Run(command, "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("swim", "swim")]
    [InlineData("run", "pipeline")]
    [InlineData("run|banana", "banana")]
    [InlineData("run|feature|--date|23.11.2026", "it must have the format yyyy-MM-dd, for example 2026-11-23")]
    [InlineData("run|training|--backfill", "--backfill applies to the feature pipeline only")]
    [InlineData("run|feature|--challenger|fast-tree", "--challenger applies to the training pipeline only")]
    [InlineData("run|training|--challenger|oracle", "oracle")]
    [InlineData("run|feature|--policy|strict", "--policy requires --backfill")]
    [InlineData("run|feature|--backfill|list.csv|--policy|sometimes", "sometimes")]
    [InlineData("run|feature|--as-of|1", "--as-of applies to the training pipeline only")]
    [InlineData("run|training|--as-of|1|--date|2026-11-23", "and excludes --date")]
    [InlineData("reproduce", "version")]
    [InlineData("simulate|--days|0", "it must be 1 to 3650")]
    [InlineData("simulate", "--days")]
    [InlineData("compare|1", "b")]
    [InlineData("healthcheck|localhost", "it must begin with http:// or https://")]
    [InlineData("create-api-key|--name|x|--scope|everything", "everything")]
    [InlineData("models|promote|1", "--reason")]
    [InlineData("models|promote|one|--reason|x", "one")]
    [InlineData("models|history|latest", "latest")]
    [InlineData("models|list|--limit|0", "--limit is 0; it must be 1 to 200")]
    [InlineData("verify-prediction|seven", "seven")]
    [InlineData("verify-prediction|0", "The prediction ID is 0; it must be 1 or more.")]
    public async Task Reports_invalid_arguments_without_starting(string arguments, string message)
    {
        var (exitCode, output, errors) = await ProductInProcess.Run(arguments.Split('|'));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(message, errors + output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run banana", "banana")]
    [InlineData("serve --Training:K=0", "k is 0")]
    public async Task A_process_returns_exit_code_1_for_invalid_arguments(string arguments, string message)
    {
        var (exitCode, output, errors) = await ProductProcess.Run(null, arguments.Split(' '));

        Assert.Equal(1, exitCode);
        Assert.Contains(message, errors + output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Healthcheck_fails_if_nothing_listens()
    {
        var address = $"http://localhost:{ProductProcess.FreePort()}/health/ready";

        var (exitCode, output, _) = await ProductInProcess.Run("healthcheck", address);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{address} did not respond", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_stops_the_start_before_the_database_is_created_and_the_message_names_the_settings()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        using var state = EmbeddedPostgres.TestFolder.Create();

        var (exitCode, output, errors) = await ProductProcess.Run(state.Path, "--urls", $"http://{other.LocalEndpoint}");

        Assert.Equal(1, exitCode);
        Assert.Contains($"Another program listens on http://{other.LocalEndpoint}", errors, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("set another address with ASPNETCORE_URLS or --urls", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(state.Path));
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Stream:Scenario=storm", "storm")]
    [InlineData("--Titanic:Roles=captain", "captain")]
    [InlineData("--Bootstrap:SimulateDays=-1", "it must be 0 to 3650")]
    [InlineData("--Bootstrap:Dataset=none", "no model is trained without a dataset")]
    [InlineData("--Schedule:Training=sometimes", "sometimes")]
    [InlineData("--Training:K=0", "k is 0")]
    [InlineData("--Registry:Gate:Margin=0", "Margin is 0; it must be more than 0")]
    [InlineData("--Registry:Gate:Margin=abc", "'abc' at 'Registry:Gate:Margin'")]
    [InlineData("--Training:Selection:Views=titanic_binned/2", "'titanic_binned/2' is not a valid view")]
    public async Task An_invalid_setting_stops_the_start_with_a_message(string setting, string message)
    {
        var (exitCode, output, errors) = await ProductInProcess.Run("--urls", "http://127.0.0.1:0", setting);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(message, output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }
}
