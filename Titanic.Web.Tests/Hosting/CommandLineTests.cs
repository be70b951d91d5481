using Titanic.Web.Hosting;

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
            "serve", "run", "simulate", "reproduce", "models", "compare", "verify-archive", "import-archive", "healthcheck", "user", "api-key",
            "verify-prediction", "verify-rollups",
        ];
        foreach (var command in commands)
            Assert.Contains($"  {command} ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "--as-of <COMMIT|DAY|INSTANT>")]
    [InlineData("run", "the alternative algorithm to train")]
    [InlineData("run", "--policy <always|strict>")]
    [InlineData("api-key|create", "--scope <ingest|predict|operate>")]
    [InlineData("api-key", "  revoke  ")]
    [InlineData("user|add", "--role <viewer|operator|admin>")]
    [InlineData("user", "  reset-second-factor  ")]
    [InlineData("simulate", "--days <N>")]
    public async Task Help_describes_the_options_and_their_values(string command, string text)
    {
        var (exitCode, output, _) = await ProductInProcess.Run([.. command.Split('|'), "--help"]);

        Assert.Equal(0, exitCode);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("swim", "There is no command \"swim\"; there are serve, run, simulate, models,")]
    [InlineData("run", "The argument pipeline is missing. The pipeline to run: feature, inference, training, monitoring, audit.")]
    [InlineData("run|banana", "There is no pipeline \"banana\"; there are feature, inference, training, monitoring, audit.")]
    [InlineData("run|feature|--date|23.11.2026", "The date is \"23.11.2026\"; it must be a date such as 2026-11-23.")]
    [InlineData("run|feature|--date|1800-01-01", "The date is 1800-01-01; it must not be before 1912-04-15, the date of the historical passengers.")]
    [InlineData("run|feature|--date|2999-12-31", "The date is 2999-12-31; it must not be after today, ")]
    [InlineData("run|training|--backfill", "The training pipeline takes no --backfill; only feature does.")]
    [InlineData("run|feature|--challenger|fast-tree", "The feature pipeline takes no --challenger; only training does.")]
    [InlineData("run|training|--challenger|oracle", "There is no alternative algorithm \"oracle\"; there are logistic-regression, fast-tree, light-gbm.")]
    [InlineData("run|feature|--policy|strict", "--backfill is missing; --policy requires it.")]
    [InlineData("run|feature|--encoding|utf-8", "--backfill is missing; --encoding requires it.")]
    [InlineData("run|feature|--backfill|list.csv|--encoding|latin", "The encoding is \"latin\"; it must be utf-8, utf-16 or windows-1252.")]
    [InlineData("run|feature|--backfill|list.csv|--delimiter|pipe", "The delimiter is \"pipe\"; it must be comma, semicolon or tab.")]
    [InlineData("run|feature|--backfill|list.csv|--columns|klasse", "The parameter columns is \"klasse\"; it must be field:column for at least one field")]
    [InlineData("run|feature|--backfill|list.csv|--policy|sometimes", "--policy is \"sometimes\"; it must be always or strict.")]
    [InlineData("run|feature|--as-of|1", "The feature pipeline takes no --as-of; only training does.")]
    [InlineData("run|training|--as-of|1|--date|2026-11-23", "Both --date and --as-of are given; there must be only one of them.")]
    [InlineData("run|feature|--date", "--date has no value. The logical date (UTC), for example 2026-11-23, from 1912-04-15 to today.")]
    [InlineData("run|feature|--date|2026-11-23|--date|2026-11-24", "--date is given 2 times; it must be given once.")]
    [InlineData("run|feature|inference", "The argument \"inference\" is one too many; run must have 1 argument.")]
    [InlineData("run|feature|--dat|2026-11-23", "There is no option \"--dat\"; there are --date, --backfill, --policy, --encoding, --delimiter, --columns, --as-of, --challenger, --help.")]
    [InlineData("run|--dat|feature", "There is no option \"--dat\"; there are --date,")]
    [InlineData("run|feature|--Training:K=0", "There is no option \"--Training:K\"; there are --date,")]
    [InlineData("reproduce", "The argument version is missing. A version number, or an alias such as champion.")]
    [InlineData("simulate|--days|0", "--days is \"0\"; it must be a whole number between 1 and 3,650.")]
    [InlineData("simulate|--days|ten", "--days is \"ten\"; it must be a whole number between 1 and 3,650.")]
    [InlineData("simulate|--days|1|--from|tomorrow", "The date is \"tomorrow\"; it must be a date such as 2026-11-23.")]
    [InlineData("simulate", "--days is missing. The number of days to simulate, 1 to 3,650.")]
    [InlineData("compare|1", "The argument b is missing. The second version.")]
    [InlineData("healthcheck|localhost", "The argument url is \"localhost\"; it must be an address that begins with http:// or https://.")]
    [InlineData("user|add|--email|captain|--role|admin", "--email is \"captain\"; it must be an email address.")]
    [InlineData("api-key|create|--name|x|--scope|everything", "--scope is \"everything\"; it must be ingest, predict or operate.")]
    [InlineData("api-key|create|--name|x|--scope|ingest|--expires|soon", "The date is \"soon\"; it must be a date such as 2026-11-23.")]
    [InlineData("api-key|expire|--name|x", "--on is missing. The day, for example 2027-01-31, from whose begin (UTC) the key is refused, or never.")]
    [InlineData("user|add|--email|officer@titanic.local|--role|captain", "There is no role \"captain\"; there are viewer, operator, admin.")]
    [InlineData("user|set-role|--role|viewer", "--email is missing. The email address of the account, used to sign in.")]
    [InlineData("user", "The command after user is missing; it must be list, add, set-role, disable, enable, reset-password, reset-second-factor or sign-out.")]
    [InlineData("api-key|delete", "There is no command \"delete\"; there are list, create, expire, revoke.")]
    [InlineData("models", "The command after models is missing; it must be list, show, promote, rollback, challenger, history or describe.")]
    [InlineData("models|sink", "There is no command \"sink\"; there are list, show, promote, rollback, challenger, history, describe.")]
    [InlineData("models|promote|1", "--reason is missing. The reason, which the history records.")]
    [InlineData("models|promote|one|--reason|x", "The argument version is \"one\"; it must be a whole number between 1 and 2,147,483,647.")]
    [InlineData("models|promote|1|--reason|x|--force=perhaps", "The argument \"perhaps\" is one too many; promote must have 1 argument.")]
    [InlineData("models|history|latest", "There is no alias \"latest\"; there are champion, challenger, previous.")]
    [InlineData("models|list|--limit|0", "--limit is \"0\"; it must be a whole number between 1 and 200.")]
    [InlineData("models|list|--verdict|maybe", "--verdict is \"maybe\"; it must be PROMOTE, HOLD or REJECT.")]
    [InlineData("verify-prediction|seven", "The argument id is \"seven\"; it must be a whole number of at least 1.")]
    [InlineData("verify-prediction|0", "The argument id is \"0\"; it must be a whole number of at least 1.")]
    [InlineData("--bananas", "There is no option \"--bananas\"; there are --roles, --urls, --environment, --contentRoot, settings --Section:Name=value of the sections Access,")]
    [InlineData("serve|--bananas=3", "There is no option \"--bananas\"; there are --roles,")]
    [InlineData("serve|--Fruit:Count=3", "There is no option \"--Fruit:Count\"; there are --roles,")]
    [InlineData("serve|quickly", "An argument is \"quickly\"; it must be a setting of the form --Section:Name=value.")]
    [InlineData("--urls", "The value of --urls is missing; it must be given as the next argument or after =.")]
    public async Task Reports_invalid_arguments_without_starting(string arguments, string message)
    {
        var (exitCode, output, errors) = await ProductInProcess.Run(arguments.Split('|'));

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith(message, errors, StringComparison.Ordinal);
        Assert.EndsWith("\nThe option --help lists the commands, options and values.", errors, StringComparison.Ordinal);
        Assert.Equal(2, errors.Split('\n').Length);
    }

    [Theory]
    [InlineData("--urls http://localhost:5001")]
    [InlineData("--urls=http://localhost:5001 --Stream:Scenario=drift")]
    [InlineData("serve --roles web --Stream:Scenario drift --environment Production")]
    [InlineData("--contentRoot /srv/titanic --applicationName Titanic.Web --training:k=3")]
    [InlineData("--Kestrel:Limits:MaxConcurrentConnections=100 --ConnectionStrings:Titanic=Host=database;Username=titanic")]
    public void Serves_with_settings_of_the_product_and_of_ASPNET_Core(string arguments) => Assert.True(CommandLine.Parse(arguments.Split(' ')).Serves);

    [Fact]
    public void Serves_with_every_documented_setting()
    {
        var documented = System.Text.RegularExpressions.Regex.Matches(
            File.ReadAllText(Path.Combine(Repository.RepositoryFolder.Root, "docs", "configuration.md")), @"`(?<name>[A-Z]\w+(:[A-Z]\w*)+)`");

        Assert.NotEmpty(documented);
        Assert.All(documented, setting => Assert.True(CommandLine.Parse([$"--{setting.Groups["name"].Value}=1"]).Serves, setting.Value));
    }

    [Fact]
    public void Accepts_a_flag_with_and_without_a_value()
    {
        string[] promote = ["models", "promote", "1", "--reason", "x"];

        Assert.All((string[][])[[], ["--force"], ["--force", "true"], ["--force=false"]], flag => Assert.True(CommandLine.Parse([.. promote, .. flag]).NeedsApplication));
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
    [InlineData("--Bootstrap:SimulateDays=-1", "Bootstrap:SimulateDays is -1; it must be between 0 and 3,650.")]
    [InlineData("--Bootstrap:Dataset=none", "no model is trained without a dataset")]
    [InlineData("--Schedule:Training=sometimes", "sometimes")]
    [InlineData("--Training:K=0", "k is 0")]
    [InlineData("--Registry:Gate:Margin=0", "Registry:Gate:Margin is 0; it must be more than 0")]
    [InlineData("--Registry:Gate:Margin=abc", "Registry:Gate:Margin is \"abc\"; it must be a number.")]
    [InlineData("--Training:Metric=cosine", "Training:Metric is \"cosine\"; it must be Manhattan or Euclidean.")]
    [InlineData("--Stream:DriftFrom=soon", "Stream:DriftFrom is \"soon\"; it must be a date such as 2026-11-23.")]
    [InlineData("--Serving:LogTimeout=brief", "Serving:LogTimeout is \"brief\"; it must be a duration such as 00:00:30.")]
    [InlineData("--Training:Selection:Views=titanic_binned/2", "Training:Selection:Views: An item is \"titanic_binned/2\"; it must be titanic_binned/1 or titanic_numeric/1.")]
    public async Task An_invalid_setting_stops_the_start_with_a_message(string setting, string message)
    {
        var (exitCode, output, errors) = await ProductInProcess.Run("--urls", "http://127.0.0.1:0", setting);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(message, output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }
}
