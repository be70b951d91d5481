using System.CommandLine;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Hosting;

/// <summary>
/// The commands of the executable. The arguments are parsed before the application is built, so <c>--help</c>, a parse error and
/// <c>healthcheck</c> return immediately. <see cref="Execute"/> passes the application to the commands that need it.
/// </summary>
public sealed class CommandLine
{
    private readonly ParseResult _parsed;
    private readonly IReadOnlyList<string> _errors;
    private readonly Option<string?> _roles = new("--roles")
    {
        Description = "The roles of this process, comma-separated: web, features, training, inference. Default: all.",
        HelpName = "ROLES",
    };
    private readonly Command _serve = new("serve", "Serves the site and processes the pipelines' job queues. This is the default command.");
    private WebApplication? _app;

    private CommandLine(string[] args)
    {
        _serve.Options.Add(_roles);
        _serve.TreatUnmatchedTokensAsErrors = false;
        _serve.SetAction((_, cancellation) => Commands.Serve(_app!, cancellation));
        var (versions, accounts) = (new VersionCommands(() => _app!), new AccountCommands(() => _app!));
        var root = new RootCommand(
            "Titanic: feature store, model registry, pipelines, serving and monitoring in one process. "
            + "serve also takes settings as arguments --Section:Name=value; environment variables set them for every command.")
        {
            _serve, Run(), Simulate(), new ModelCommands(() => _app!).Models(),
            versions.Compare(), versions.Reproduce(), VersionCommands.VerifyArchive(), versions.ImportArchive(), versions.VerifyPrediction(),
            new RollupCommands(() => _app!).Verify(),
            accounts.User(), accounts.ApiKey(),
            HealthCheck(), CreateSecrets(), CreateDatabase(),
        };
        // Without a command the default is serve, also when settings follow: --urls http://localhost:5005, --Stream:Scenario=seed.
        var hasCommand = args.Length > 0 && (!args[0].StartsWith('-') || args[0] is "--help" or "-h" or "-?" or "--version");
        _parsed = root.Parse(hasCommand ? args : ["serve", .. args], new ParserConfiguration { ResponseFileTokenReplacer = null });
        var isServe = _parsed.CommandResult.Command == _serve;
        _errors = isServe && ArgumentErrors.FindInvalidSetting(_parsed.UnmatchedTokens, [_roles.Name]) is { } invalid
            ? [invalid]
            : ArgumentErrors.Find(_parsed);
    }

    public static CommandLine Parse(string[] args) => new(args);

    /// <summary>True if the command is <c>serve</c>: the process listens until it is stopped.</summary>
    public bool Serves => _errors.Count == 0 && _parsed.CommandResult.Command == _serve && NeedsApplication;

    /// <summary>False for help, parse errors and the commands that need neither settings nor a database.</summary>
    public bool NeedsApplication => _errors.Count == 0 && _parsed.Action is not (null or System.CommandLine.Help.HelpAction)
        && _parsed.CommandResult.Command is { Name: not ("healthcheck" or "create-secrets" or "verify-archive") } and not RootCommand;

    public void Configure(ConfigurationManager configuration)
    {
        if (Serves && _parsed.GetValue(_roles) is { } roles)
            configuration[ProcessRoles.Setting] = roles;
    }

    /// <summary>Runs the parsed command, or prints help or the errors of the arguments.</summary>
    /// <param name="app">The application; null only if <see cref="NeedsApplication"/> is false.</param>
    /// <returns>The exit code; 0 only on success.</returns>
    public async Task<int> Execute(WebApplication? app = null)
    {
        foreach (var error in _errors)
            await Console.Error.WriteLineAsync(error);
        if (_errors.Count > 0)
        {
            await Console.Error.WriteLineAsync("The option --help lists the commands, options and values.");
            return 1;
        }
        _app = app;
        // The web host handles Ctrl+C itself and needs more time to stop gracefully.
        var timeout = Serves ? (TimeSpan?)null : TimeSpan.FromSeconds(20);
        return await _parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = timeout });
    }

    private Command Run()
    {
        var pipeline = new Argument<string?>("pipeline")
        {
            Description = $"The pipeline to run: {string.Join(", ", PipelineNames.All)}.",
            CustomParser = result => ArgumentParsers.Name(result, "pipeline", PipelineNames.All),
        };
        pipeline.CompletionSources.Add([.. PipelineNames.All]);
        var date = new Option<DateOnly?>("--date")
        {
            Description = "The logical date (UTC), for example 2026-11-23, from 1912-04-15 to today. Default: today.",
            HelpName = "DAY",
            CustomParser = ArgumentParsers.LogicalDate,
        };
        var backfill = new Option<string?>("--backfill")
        {
            Description = "Feature pipeline only: imports the passenger list at this path or http(s) URL. Without a value: the bundled dataset.",
            HelpName = "FILE|URL",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var policy = new Option<IngestionPolicy?>("--policy")
        {
            Description = "With --backfill: always imports the valid rows, strict imports nothing if an expectation fails. Default: always.",
            HelpName = "always|strict",
            CustomParser = result => ArgumentParsers.EnumName<IngestionPolicy>(result),
        };
        var (encoding, delimiter, columns) = (
            new Option<string?>("--encoding") { Description = $"With --backfill: {CsvReadOptions.EncodingNames}. Default: detected.", HelpName = "NAME" },
            new Option<string?>("--delimiter") { Description = $"With --backfill: {CsvReadOptions.DelimiterNames}. Default: detected.", HelpName = "NAME" },
            new Option<string?>("--columns")
            {
                Description = "With --backfill: columns for fields, such as pclass:Klasse,sex:Geschlecht. Default: well-known names.",
                HelpName = "FIELD:COLUMN",
            });
        var asOf = new Option<string?>("--as-of")
        {
            Description = "Training pipeline only, instead of --date: trains on the feature store as of a commit (17), a day (2026-11-23) "
                + "or an instant (2026-11-23T18:00:00Z).",
            HelpName = "COMMIT|DAY|INSTANT",
        };
        var alternative = new Option<string?>("--challenger")
        {
            Description = "Training pipeline only: the alternative algorithm to train, "
                + $"{string.Join(", ", AlternativeLearners.Names)}. Default: the K-NN.",
            CustomParser = result => ArgumentParsers.Name(result, RunRules.AlternativeKind, AlternativeLearners.Names),
        };
        alternative.CompletionSources.Add([.. AlternativeLearners.Names]);
        var run = new Command("run", "Runs one pipeline in this process.") { pipeline, date, backfill, policy, encoding, delimiter, columns, asOf, alternative };
        run.Validators.Add(result =>
        {
            RequirePipeline(backfill, PipelineNames.Feature);
            RequirePipeline(asOf, PipelineNames.Training);
            RequirePipeline(alternative, PipelineNames.Training);
            foreach (var option in (Option[])[policy, encoding, delimiter, columns])
            {
                if (result.GetResult(option) is not null && result.GetResult(backfill) is null)
                    result.AddError($"--backfill is missing; {option.Name} requires it.");
            }
            if (CsvReadOptions.Parse(result.GetValue(encoding), result.GetValue(delimiter), result.GetValue(columns)).Problem is { } problem)
                result.AddError(problem);
            if (result.GetResult(asOf) is not null && result.GetResult(date) is not null)
                result.AddError(RunRules.Exclusive(date.Name, asOf.Name));

            void RequirePipeline(Option option, string required)
            {
                if (result.GetResult(option) is not null && result.GetValue(pipeline) is { } name && name != required)
                    result.AddError(RunRules.NotTaken(name, option.Name, required));
            }
        });
        run.SetAction((parsed, cancellation) => Commands.Run(
            _app!,
            today => new RunRequest(
                parsed.GetRequiredValue(pipeline)!, parsed.GetValue(date) ?? today, RunTrigger.CommandLine,
                parsed.GetResult(backfill) is null ? null : Commands.FullPath(parsed.GetValue(backfill) ?? RunRequest.BundledDataset),
                parsed.GetValue(policy), parsed.GetValue(asOf), parsed.GetValue(alternative))
            {
                Read = (parsed.GetValue(encoding) ?? parsed.GetValue(delimiter) ?? parsed.GetValue(columns)) is null
                    ? null
                    : CsvReadOptions.Parse(parsed.GetValue(encoding), parsed.GetValue(delimiter), parsed.GetValue(columns)).Options,
            },
            cancellation));
        return run;
    }

    private Command Simulate()
    {
        var days = new Option<int>("--days")
        {
            Description = $"The number of days to simulate, 1 to {Format.Count(BootstrapOptions.MaximumDays)}.",
            HelpName = "N",
            Required = true,
            CustomParser = result => (int)ArgumentParsers.WholeNumber(result, 1, BootstrapOptions.MaximumDays),
        };
        var from = new Option<DateOnly?>("--from")
        {
            Description = "The first day to simulate, at the latest today or, if it is later, the day after the newest day of the stream. "
                + "Default: the day after the newest day of the stream; without one, the last day is today.",
            HelpName = "DAY",
            CustomParser = ArgumentParsers.Day,
        };
        var simulate = new Command(
            "simulate", "Simulates days of the passenger stream: runs the feature, inference, training and monitoring pipelines for each day.")
        {
            days, from,
        };
        simulate.SetAction((parsed, cancellation) => Commands.Simulate(_app!, parsed.GetValue(days), parsed.GetValue(from), cancellation));
        return simulate;
    }

    private static Command HealthCheck()
    {
        var url = new Argument<Uri>("url")
        {
            Description = "The health endpoint, for example http://localhost:5000/health/ready.",
            CustomParser = ArgumentParsers.Address,
        };
        var check = new Command("healthcheck", "Checks the health of a running site; exit code 0 if the URL returns status 200.") { url };
        check.SetAction((parsed, cancellation) => Commands.HealthCheck(parsed.GetRequiredValue(url), cancellation));
        return check;
    }

    private static Command CreateSecrets()
    {
        var folder = new Argument<string>("folder")
        {
            Description = "The folder for the files superuser/password and app/ConnectionStrings__Titanic; "
                + "the latter is for Titanic:SecretsDirectory.",
        };
        var host = new Option<string>("--host")
        {
            Description = "The host name of the database server in the connection string.",
            HelpName = "HOST",
            DefaultValueFactory = _ => "database",
        };
        var create = new Command("create-secrets", "Writes random passwords for a new PostgreSQL server to files. Existing files are not changed.")
        {
            folder, host,
        };
        create.SetAction(parsed => Commands.CreateSecrets(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(host)));
        return create;
    }

    private Command CreateDatabase()
    {
        var passwordFile = new Option<string>("--password-file")
        {
            Description = "The file with the superuser's password.",
            HelpName = "FILE",
            Required = true,
        };
        var user = new Option<string>("--user")
        {
            Description = "The name of the superuser.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "postgres",
        };
        var create = new Command(
            "create-database", "Connects as a superuser and creates the role and the database of ConnectionStrings:Titanic if they are missing.")
        {
            passwordFile, user,
        };
        create.SetAction((parsed, cancellation) =>
            Commands.CreateDatabase(_app!, parsed.GetRequiredValue(user), parsed.GetRequiredValue(passwordFile), cancellation));
        return create;
    }
}
