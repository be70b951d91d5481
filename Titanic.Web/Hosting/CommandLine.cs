using System.CommandLine;
using System.Globalization;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Hosting;

/// <summary>
/// The commands of the executable. Parsing comes first; a command that needs the application gets it from <see cref="Execute"/>, so that
/// <c>--help</c>, a typing mistake and <c>healthcheck</c> answer at once.
/// </summary>
public sealed class CommandLine
{
    private readonly ParseResult _parsed;
    private readonly Option<string?> _roles = new("--roles") { Description = "What this process does: web, features, training, inference; comma-separated, all by default." };
    private readonly Command _serve = new("serve", "Serve the site and work off the pipelines' queues (the default verb).");
    private WebApplication? _app;

    private CommandLine(string[] args)
    {
        _serve.Options.Add(_roles);
        _serve.TreatUnmatchedTokensAsErrors = false;
        _serve.SetAction((_, cancellation) => Commands.Serve(_app!, cancellation));
        var versions = new VersionCommands(() => _app!);
        var root = new RootCommand("Titanic: feature store, model registry, pipelines, serving and monitoring in one process. Further --Section:Name=value arguments override settings.")
        {
            _serve, Run(), Simulate(), new ModelCommands(() => _app!).Models(),
            versions.Compare(), versions.Reproduce(), VersionCommands.VerifyArchive(), versions.ImportArchive(), versions.VerifyPrediction(),
            HealthCheck(), CreateAdmin(), CreateApiKey(), CreateSecrets(), CreateDatabase(),
        };
        // Without a verb we serve. Settings may follow without one: --urls http://localhost:5005, --Stream:Scenario=seed.
        var hasVerb = args.Length > 0 && (!args[0].StartsWith('-') || args[0] is "--help" or "-h" or "-?" or "--version");
        _parsed = root.Parse(hasVerb ? args : ["serve", .. args]);
    }

    public static CommandLine Parse(string[] args) => new(args);

    /// <summary>Whether the process is to listen and stay.</summary>
    public bool Serves => _parsed.Errors.Count == 0 && _parsed.CommandResult.Command == _serve && NeedsApplication;

    /// <summary>False for help, mistakes and verbs that do without settings and database.</summary>
    public bool NeedsApplication => _parsed.Errors.Count == 0 && _parsed.Action is not (null or System.CommandLine.Help.HelpAction)
        && _parsed.CommandResult.Command is { Name: not ("healthcheck" or "create-secrets" or "verify-archive") } and not RootCommand;

    public void Configure(ConfigurationManager configuration)
    {
        if (Serves && _parsed.GetValue(_roles) is { } roles)
            configuration[ProcessRoles.Setting] = roles;
    }

    /// <returns>The exit code; 0 only on success.</returns>
    public Task<int> Execute(WebApplication? app = null)
    {
        _app = app;
        // The web host minds Ctrl+C itself, and takes the time that a graceful stop needs.
        return _parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = Serves ? null : TimeSpan.FromSeconds(20) });
    }

    private Command Run()
    {
        var pipeline = new Argument<string>("pipeline") { Description = string.Join(", ", PipelineNames.InOrder) };
        pipeline.AcceptOnlyFromAmong([.. PipelineNames.InOrder]);
        var date = new Option<DateOnly?>("--date") { Description = "The logical date (UTC day), such as 2026-11-23; today by default.", CustomParser = ParseDate };
        var backfill = new Option<string?>("--backfill")
        {
            Description = "For the feature pipeline: import a passenger list from a file or an http(s) address; without a value, the list that comes with Titanic.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var policy = new Option<IngestionPolicy?>("--policy") { Description = "With --backfill: always (the default) keeps the good rows, strict refuses the list for one broken expectation." };
        var asOf = new Option<string?>("--as-of") { Description = "For the training pipeline, in place of a day: learn what was stored and known by a commit (17), a day or an instant." };
        var challenger = new Option<string?>("--challenger")
        {
            Description = $"For the training pipeline: store a version of this learner of ML.NET instead of the K-NN: {string.Join(", ", AlternativeLearners.Names)}.",
        };
        challenger.AcceptOnlyFromAmong([.. AlternativeLearners.Names]);
        var run = new Command("run", "Run one pipeline now, in this process.") { pipeline, date, backfill, policy, asOf, challenger };
        run.Validators.Add(result =>
        {
            if (result.GetResult(backfill) is not null && result.GetValue(pipeline) is not PipelineNames.Feature)
                result.AddError("--backfill goes with the feature pipeline only.");
            if (result.GetResult(policy) is not null && result.GetResult(backfill) is null)
                result.AddError("--policy goes with --backfill only.");
            if (result.GetResult(asOf) is not null && (result.GetValue(pipeline) is not PipelineNames.Training || result.GetResult(date) is not null))
                result.AddError("--as-of goes with the training pipeline only, and without --date.");
            if (result.GetResult(challenger) is not null && result.GetValue(pipeline) is not PipelineNames.Training)
                result.AddError("--challenger goes with the training pipeline only.");
        });
        run.SetAction((parsed, cancellation) => Commands.Run(
            _app!,
            today => new RunRequest(
                parsed.GetRequiredValue(pipeline), parsed.GetValue(date) ?? today, RunTrigger.CommandLine,
                parsed.GetResult(backfill) is null ? null : Commands.FullPath(parsed.GetValue(backfill) ?? RunRequest.BundledDataset),
                parsed.GetValue(policy), parsed.GetValue(asOf), parsed.GetValue(challenger)),
            cancellation));
        return run;
    }

    private Command Simulate()
    {
        var days = new Option<int>("--days") { Description = "How many days to live through, 1 to 3650.", Required = true };
        days.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var count) && count is < 1 or > 3650)
                result.AddError($"--days is {count}; it must be 1 to 3650.");
        });
        var from = new Option<DateOnly?>("--from")
        {
            Description = "The first day; by default the day after the stream's newest, or so that the days end today.",
            CustomParser = ParseDate,
        };
        var simulate = new Command("simulate", "Live through days of the stream: feature, inference, training and monitoring for each.") { days, from };
        simulate.SetAction((parsed, cancellation) => Commands.Simulate(_app!, parsed.GetValue(days), parsed.GetValue(from), cancellation));
        return simulate;
    }

    private static Command HealthCheck()
    {
        var url = new Argument<Uri>("url") { Description = "Such as http://localhost:5000/health/ready.", CustomParser = ParseAddress };
        var check = new Command("healthcheck", "Ask a running site whether it is well; exit code 0 if it answers 200.") { url };
        check.SetAction((parsed, cancellation) => Commands.HealthCheck(parsed.GetRequiredValue(url), cancellation));
        return check;
    }

    private Command CreateAdmin()
    {
        var email = new Option<string>("--email") { Description = "The sign-in name.", Required = true };
        var create = new Command("create-admin", "Make one more administrator and print the generated password once.") { email };
        create.SetAction((parsed, cancellation) => Commands.CreateAdmin(_app!, parsed.GetRequiredValue(email), cancellation));
        return create;
    }

    private Command CreateApiKey()
    {
        var name = new Option<string>("--name") { Description = "What the key is for.", Required = true };
        var scope = new Option<ApiKeyScope>("--scope") { Description = "What it may do: ingest, predict or operate.", Required = true };
        var create = new Command("create-api-key", "Make an API key and print it once; send it as X-Api-Key.") { name, scope };
        create.SetAction((parsed, cancellation) => Commands.CreateApiKey(_app!, parsed.GetRequiredValue(name), parsed.GetValue(scope), cancellation));
        return create;
    }

    private static Command CreateSecrets()
    {
        var folder = new Argument<string>("folder") { Description = "Gets superuser/password, and app/ConnectionStrings__Titanic for Titanic:SecretsDirectory." };
        var host = new Option<string>("--host") { Description = "The name of the database server in the app's connection string.", DefaultValueFactory = _ => "database" };
        var create = new Command("create-secrets", "Write random passwords for a new PostgreSQL into files; those that are there stay.") { folder, host };
        create.SetAction(parsed => Commands.CreateSecrets(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(host)));
        return create;
    }

    private Command CreateDatabase()
    {
        var passwordFile = new Option<string>("--password-file") { Description = "The file with the superuser's password.", Required = true };
        var user = new Option<string>("--user") { Description = "The superuser.", DefaultValueFactory = _ => "postgres" };
        var create = new Command("create-database", "As a superuser, make the role and the database that ConnectionStrings:Titanic names, where they are missing.") { passwordFile, user };
        create.SetAction((parsed, cancellation) => Commands.CreateDatabase(_app!, parsed.GetRequiredValue(user), parsed.GetRequiredValue(passwordFile), cancellation));
        return create;
    }

    private static DateOnly? ParseDate(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (DateOnly.TryParseExact(result.Tokens[0].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return date;
        result.AddError($"The date is \"{result.Tokens[0].Value}\"; it must be like 2026-11-23.");
        return null;
    }

    private static Uri? ParseAddress(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            return address;
        result.AddError($"The address is \"{result.Tokens[0].Value}\"; it must begin with http:// or https://.");
        return null;
    }
}
