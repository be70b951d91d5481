namespace Titanic.Web.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_names_every_verb()
    {
        var (exitCode, output, _) = await ProductInProcess.Run("--help");

        Assert.Equal(0, exitCode);
        foreach (var verb in (string[])["serve", "run", "simulate", "reproduce", "models", "compare", "verify-archive", "import-archive", "healthcheck", "create-admin", "create-api-key", "verify-prediction"])
            Assert.Contains($"  {verb} ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("swim", "swim")]
    [InlineData("run", "pipeline")]
    [InlineData("run|banana", "banana")]
    [InlineData("run|feature|--date|23.11.2026", "it must be like 2026-11-23")]
    [InlineData("run|training|--backfill", "--backfill goes with the feature pipeline only")]
    [InlineData("run|feature|--challenger|fast-tree", "--challenger goes with the training pipeline only")]
    [InlineData("run|training|--challenger|oracle", "oracle")]
    [InlineData("run|feature|--policy|strict", "--policy goes with --backfill only")]
    [InlineData("run|feature|--backfill|list.csv|--policy|sometimes", "sometimes")]
    [InlineData("run|feature|--as-of|1", "--as-of goes with the training pipeline only")]
    [InlineData("run|training|--as-of|1|--date|2026-11-23", "and without --date")]
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
    [InlineData("verify-prediction|0", "The prediction is 0; it must be 1 or more.")]
    public async Task A_mistake_is_named_and_nothing_starts(string arguments, string named)
    {
        var (exitCode, output, errors) = await ProductInProcess.Run(arguments.Split('|'));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(named, errors + output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run banana", "banana")]
    [InlineData("serve --Training:K=0", "k is 0")]
    public async Task A_process_ends_with_the_exit_code_of_its_mistake(string arguments, string named)
    {
        var (exitCode, output, errors) = await ProductProcess.Run(null, arguments.Split(' '));

        Assert.Equal(1, exitCode);
        Assert.Contains(named, errors + output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Healthcheck_fails_where_nobody_answers()
    {
        var address = $"http://localhost:{ProductProcess.FreePort()}/health/ready";

        var (exitCode, output, _) = await ProductInProcess.Run("healthcheck", address);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{address} did not answer", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_ends_the_start_before_there_is_a_database_and_the_message_names_the_settings()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        using var state = EmbeddedPostgres.TestFolder.Create();

        var (exitCode, output, errors) = await ProductProcess.Run(state.Path, "--urls", $"http://{taken.LocalEndpoint}");

        Assert.Equal(1, exitCode);
        Assert.Contains($"Another program listens at http://{taken.LocalEndpoint}", errors, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("choose another address by ASPNETCORE_URLS or --urls", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(state.Path));
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Stream:Scenario=storm", "storm")]
    [InlineData("--Titanic:Roles=captain", "captain")]
    [InlineData("--Bootstrap:SimulateDays=-1", "it must be 0 to 3650")]
    [InlineData("--Bootstrap:Dataset=none", "without a list there is no model to simulate days with")]
    [InlineData("--Schedule:Training=sometimes", "sometimes")]
    [InlineData("--Training:K=0", "k is 0")]
    [InlineData("--Registry:Gate:Margin=0", "Margin is 0; it must be more than 0")]
    [InlineData("--Training:Selection:Views=titanic_binned/2", "'titanic_binned/2' is no view to try")]
    public async Task A_wrong_setting_ends_the_start_with_a_sentence(string setting, string named)
    {
        var (exitCode, output, errors) = await ProductInProcess.Run("--urls", "http://127.0.0.1:0", setting);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(named, output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }
}
