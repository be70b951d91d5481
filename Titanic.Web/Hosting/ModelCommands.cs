using System.CommandLine;
using System.Globalization;
using Titanic.Web.Registry;

namespace Titanic.Web.Hosting;

/// <summary>The commands below <c>models</c>: what the registry holds and which version has which alias; one line each on standard output.</summary>
internal sealed class ModelCommands(Func<WebApplication> app)
{
    private const int MovesShown = 50;

    public Command Models() => new("models", "List, show, promote, roll back and describe model versions.")
    {
        ListModels(), ShowModel(), PromoteModel(), RollBackModel(), ChallengeModel(), ModelHistory(), DescribeModel(),
    };

    private Command ListModels()
    {
        var search = new Option<string?>("--search") { Description = "A piece of the description, the learner or the tags." };
        var verdict = new Option<string?>("--verdict") { Description = $"What the gate said: {string.Join(", ", VersionFilter.Verdicts)}." };
        var alias = new Option<string?>("--alias") { Description = $"Who has this alias now: {string.Join(", ", ModelAliases.All)}." };
        var algorithm = new Option<string?>("--algorithm") { Description = "The learner's whole name." };
        var tag = new Option<string?>("--tag") { Description = "A tag's key, or key=value." };
        var codeVersion = new Option<string?>("--code-version") { Description = "The whole code version." };
        var before = new Option<int?>("--before") { Description = "Only versions below this one." };
        var limit = new Option<int>("--limit") { Description = $"At most so many, 1 to {VersionList.LongestPage}.", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            if (result.GetValue(limit) is var count and (< 1 or > VersionList.LongestPage))
                result.AddError($"--limit is {count}; it must be 1 to {VersionList.LongestPage}.");
        });
        var list = new Command("list", "One line a version, newest first.") { search, verdict, alias, algorithm, tag, codeVersion, before, limit };
        list.SetAction((parsed, cancellation) => List(new VersionFilter(
                parsed.GetValue(search), parsed.GetValue(verdict), parsed.GetValue(alias), parsed.GetValue(algorithm), parsed.GetValue(tag), parsed.GetValue(codeVersion)),
            parsed.GetValue(before), parsed.GetValue(limit), cancellation));
        return list;
    }

    private Command ShowModel()
    {
        var version = new Argument<string>("version") { Description = "A number, or an alias." };
        var show = new Command("show", "Tell about one version, and whether its stored bytes are sound; exit code 1 if they are not.") { version };
        show.SetAction((parsed, cancellation) => Show(parsed.GetRequiredValue(version), cancellation));
        return show;
    }

    private Command PromoteModel()
    {
        var (version, reason) = (VersionNumber(), Reason());
        var force = new Option<bool>("--force") { Description = "Although the gate did not promote it; the history says so." };
        var promote = new Command("promote", "Put a version in service; the champion becomes previous.") { version, reason, force };
        promote.SetAction((parsed, cancellation) => Move((registry, token) => registry.Promote(parsed.GetValue(version), Decision(parsed, reason) with { Force = parsed.GetValue(force) }, token), cancellation));
        return promote;
    }

    private Command RollBackModel()
    {
        var reason = Reason();
        var rollBack = new Command("rollback", "Put the previous version in service again.") { reason };
        rollBack.SetAction((parsed, cancellation) => Move((registry, token) => registry.RollBack(Decision(parsed, reason), token), cancellation));
        return rollBack;
    }

    private Command ChallengeModel()
    {
        var version = new Argument<int?>("version") { Description = "Left out: no version is to be challenger.", Arity = ArgumentArity.ZeroOrOne };
        var reason = Reason();
        var challenge = new Command("challenger", "Name a version to be seen beside the champion, or take that alias away.") { version, reason };
        challenge.SetAction((parsed, cancellation) => Move((registry, token) => parsed.GetValue(version) is { } number ? registry.Challenge(number, Decision(parsed, reason), token) : registry.Withdraw(Decision(parsed, reason), token),
            cancellation));
        return challenge;
    }

    private Command ModelHistory()
    {
        var alias = new Argument<string?>("alias") { Description = $"{string.Join(", ", ModelAliases.All)}; left out: all.", Arity = ArgumentArity.ZeroOrOne };
        alias.AcceptOnlyFromAmong([.. ModelAliases.All]);
        var history = new Command("history", $"The {MovesShown} newest moves of aliases, one line each.") { alias };
        history.SetAction((parsed, cancellation) => History(parsed.GetValue(alias), cancellation));
        return history;
    }

    private Command DescribeModel()
    {
        var version = VersionNumber();
        var description = new Option<string?>("--description") { Description = "Left out: as it is." };
        var tags = new Option<string[]>("--tag") { Description = "key=value, as often as there are tags to set; key= takes one away." };
        var describe = new Command("describe", "Write a version's description and tags.") { version, description, tags };
        describe.SetAction((parsed, cancellation) => Describe(parsed.GetValue(version), parsed.GetValue(description), parsed.GetValue(tags) ?? [], cancellation));
        return describe;
    }

    private static Argument<int> VersionNumber() => new("version") { Description = "Such as 3." };

    private static Option<string> Reason() => new("--reason") { Description = "Why, for the history.", Required = true };

    private static AliasDecision Decision(ParseResult parsed, Option<string> reason) => new("command line", parsed.GetRequiredValue(reason));

    private Task<int> List(VersionFilter filter, int? before, int limit, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            if (filter.Problems() is { Count: > 0 } problems)
                throw new ArgumentException(string.Join(' ', problems.Values));
            var versions = await services.GetRequiredService<VersionList>().Read(filter, before, limit, cancellation);
            foreach (var version in versions)
                Console.WriteLine(Line(version));
            if (versions.Count == 0)
                Console.WriteLine("There is no such version.");
            return 0;
        }, cancellation);

    private Task<int> Show(string asked, CancellationToken cancellation) => Commands.WithDatabase(app(), async services =>
    {
        var registry = services.GetRequiredService<ModelRegistry>();
        var version = await Find(registry, asked, cancellation);
        var problem = registry.ProblemOf(version);
        var aliases = string.Join(", ", (await registry.Holders(cancellation)).NamesOf(version.Version));
        foreach (var (name, value) in new (string, string)[]
        {
            ("version", Number(version.Version)), ("aliases", aliases), ("algorithm", version.Algorithm), ("settings", VersionNotes.Words(version.Hyperparameters)),
            ("description", version.Description), ("tags", VersionNotes.Words(version.Tags)), ("created", Moment(version.CreatedAt)), ("code version", version.CodeVersion),
            ("run", version.RunId is { } run ? $"{run}" : "none"), ("training dataset", version.TrainingDatasetId is { } dataset ? $"{dataset}" : "imported with the version"), ("gate", $"{Word(version.Gate.Verdict)}. {version.Gate.Reason}"),
            ("artifact", $"{Number(version.Artifact.Length)} bytes, SHA-256 {version.ArtifactSha256}, {(problem is null ? "sound" : $"DAMAGED: {problem}")}"),
        })
            Console.WriteLine($"{name}: {OneLine(value)}");
        return problem is null ? 0 : 1;
    }, cancellation);

    private Task<int> Move(Func<ModelRegistry, CancellationToken, Task<IReadOnlyList<AliasChange>>> move, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            var changes = await move(services.GetRequiredService<ModelRegistry>(), cancellation);
            foreach (var change in changes)
                Console.WriteLine($"{change.Alias}: {Name(change.From)} before, {Name(change.To)} now");
            if (changes.Count == 0)
                Console.WriteLine("It was so already; nothing was changed.");
            return 0;
        }, cancellation);

    private Task<int> History(string? alias, CancellationToken cancellation) => Commands.WithDatabase(app(), async services =>
    {
        foreach (var move in await services.GetRequiredService<AliasHistory>().Read(alias, null, MovesShown, cancellation))
            Console.WriteLine($"{move.Alias} {Name(move.Version)} from {Moment(move.AssignedAt)} {(move.EndedAt is { } end ? $"until {Moment(end)}" : "until now")} by {move.AssignedBy}{(move.IsForced ? ", forced" : "")}: {OneLine(move.Reason)}");
        return 0;
    }, cancellation);

    private Task<int> Describe(int number, string? description, string[] tags, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            var registry = services.GetRequiredService<ModelRegistry>();
            var version = await Find(registry, Number(number), cancellation);
            var wanted = version.Tags.ToDictionary();
            foreach (var (key, value) in VersionNotes.ReadTags(tags))
                wanted[key] = value;
            var kept = wanted.Where(tag => tag.Value.Length > 0).ToDictionary();
            var revision = await registry.Describe(number, new VersionEdit(version.Revision, description, kept), "command line", cancellation);
            Console.WriteLine($"Version {number} is at revision {revision}{(revision == version.Revision ? "; nothing was changed" : "")}.");
            return 0;
        }, cancellation);

    private static async Task<ModelVersion> Find(ModelRegistry registry, string asked, CancellationToken cancellation) =>
        await registry.Find(asked, cancellation) ?? throw new ArgumentException(ModelRegistry.Missing(asked));

    private static string Line(ListedVersion version) =>
        $"version {version.Version}{(version.Aliases.Count == 0 ? "" : $" ({string.Join(", ", version.Aliases)})")}, {Moment(version.CreatedAt)}, {version.Algorithm}, "
        + $"accuracy {version.CrossValidatedAccuracy?.Value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "unknown"}, {version.Rows} rows, gate {Word(version.Verdict)}"
        + (version.Tags.Count == 0 ? "" : $", {VersionNotes.Words(version.Tags)}");

    private static string Name(int? version) => version is null ? "no version" : $"version {version}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Word(Verdict verdict) => verdict.ToString().ToUpperInvariant();

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
