using System.CommandLine;
using System.Globalization;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Hosting;

/// <summary>
/// The subcommands of <c>models</c>: list and describe model versions, and move aliases. Each result is one line on standard output.
/// </summary>
internal sealed class ModelCommands(Func<WebApplication> app)
{
    private const int HistoryLength = 50;

    public Command Models() => new("models", "Lists, shows, promotes, rolls back and describes model versions.")
    {
        ListModels(), ShowModel(), PromoteModel(), RollBackModel(), AssignChallenger(), ModelHistory(), DescribeModel(),
    };

    private Command ListModels()
    {
        var search = new Option<string?>("--search")
        {
            Description = "Text in the description, the algorithm or the tags.",
            HelpName = "TEXT",
        };
        var verdict = new Option<string?>("--verdict")
        {
            Description = $"The verdict of the promotion gate: {string.Join(", ", VersionFilter.Verdicts)}.",
            HelpName = "VERDICT",
            CustomParser = result => ArgumentParsers.EnumName<Verdict>(result, VersionFilter.Verdicts).ToString(),
        };
        var alias = new Option<string?>("--alias")
        {
            Description = $"The current alias: {string.Join(", ", ModelAliases.All)}.",
            HelpName = "ALIAS",
            CustomParser = result => ArgumentParsers.Name(result, "alias", ModelAliases.All),
        };
        var algorithm = new Option<string?>("--algorithm") { Description = $"The algorithm: {ErrorText.OneOf([.. LearnerCatalog.Algorithms.Select(LearnerNames.Display)])}.", HelpName = "NAME" };
        var tag = new Option<string?>("--tag") { Description = "The key of a tag, or key=value.", HelpName = "TAG" };
        var codeVersion = new Option<string?>("--code-version") { Description = "The full code version.", HelpName = "VERSION" };
        var before = new Option<int?>("--before")
        {
            Description = "Lists only versions with a lower number.",
            HelpName = "VERSION",
            CustomParser = result => ArgumentParsers.VersionNumber(result),
        };
        var limit = new Option<int>("--limit")
        {
            Description = $"The maximum number of versions, 1 to {Format.Count(VersionList.MaximumPageSize)}.",
            HelpName = "N",
            DefaultValueFactory = _ => 20,
            CustomParser = result => (int)ArgumentParsers.WholeNumber(result, 1, VersionList.MaximumPageSize),
        };
        var list = new Command("list", "Lists model versions, newest first, one per line.")
        {
            search, verdict, alias, algorithm, tag, codeVersion, before, limit,
        };
        list.SetAction((parsed, cancellation) => List(new VersionFilter(
                parsed.GetValue(search), parsed.GetValue(verdict), parsed.GetValue(alias), parsed.GetValue(algorithm), parsed.GetValue(tag),
                parsed.GetValue(codeVersion)),
            parsed.GetValue(before), parsed.GetValue(limit), cancellation));
        return list;
    }

    private Command ShowModel()
    {
        var version = new Argument<string>("version") { Description = "A version number or an alias." };
        var show = new Command("show", "Shows a model version and verifies its stored artifact; exit code 1 if the artifact is corrupt.")
        {
            version,
        };
        show.SetAction((parsed, cancellation) => Show(parsed.GetRequiredValue(version), cancellation));
        return show;
    }

    private Command PromoteModel()
    {
        var (version, reason) = (VersionNumber(), Reason());
        var force = new Option<bool>("--force")
        {
            Description = "Promotes a version that the promotion gate did not promote; the history records it.",
        };
        var promote = new Command("promote", "Promotes a model version to champion. The current champion becomes previous.")
        {
            version, reason, force,
        };
        promote.SetAction((parsed, cancellation) =>
        {
            var decision = Decision(parsed, reason) with { Force = parsed.GetValue(force) };
            return Move((registry, token) => registry.Promote(parsed.GetValue(version), decision, token), cancellation);
        });
        return promote;
    }

    private Command RollBackModel()
    {
        var reason = Reason();
        var rollBack = new Command("rollback", "Makes the previous version champion again.") { reason };
        rollBack.SetAction((parsed, cancellation) =>
            Move((registry, token) => registry.RollBack(Decision(parsed, reason), token), cancellation));
        return rollBack;
    }

    private Command AssignChallenger()
    {
        var version = new Argument<int?>("version")
        {
            Description = "The version number. Without it, the alias is removed.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = result => result.Tokens.Count == 0 ? null : ArgumentParsers.VersionNumber(result),
        };
        var reason = Reason();
        var assign = new Command("challenger", "Sets the alias challenger to a model version, or removes the alias.")
        {
            version, reason,
        };
        assign.SetAction((parsed, cancellation) => Move(
            (registry, token) => parsed.GetValue(version) is { } number
                ? registry.Challenge(number, Decision(parsed, reason), token)
                : registry.Withdraw(Decision(parsed, reason), token),
            cancellation));
        return assign;
    }

    private Command ModelHistory()
    {
        var alias = new Argument<string?>("alias")
        {
            Description = $"The alias: {string.Join(", ", ModelAliases.All)}. Default: all.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = result => result.Tokens.Count == 0 ? null : ArgumentParsers.Name(result, "alias", ModelAliases.All),
        };
        alias.CompletionSources.Add([.. ModelAliases.All]);
        var history = new Command("history", $"Lists the {HistoryLength} newest alias changes, one per line.") { alias };
        history.SetAction((parsed, cancellation) => History(parsed.GetValue(alias), cancellation));
        return history;
    }

    private Command DescribeModel()
    {
        var version = VersionNumber();
        var description = new Option<string?>("--description")
        {
            Description = "The new description. Default: unchanged.",
            HelpName = "TEXT",
        };
        var tags = new Option<string[]>("--tag")
        {
            Description = "key=value sets a tag, key= removes it. Can be repeated.",
            HelpName = "TAG",
        };
        var describe = new Command("describe", "Changes the description and the tags of a model version.") { version, description, tags };
        describe.SetAction((parsed, cancellation) =>
            Describe(parsed.GetValue(version), parsed.GetValue(description), parsed.GetValue(tags) ?? [], cancellation));
        return describe;
    }

    private static Argument<int> VersionNumber() =>
        new("version") { Description = "The version number, for example 3.", CustomParser = ArgumentParsers.VersionNumber };

    private static Option<string> Reason() => new("--reason")
    {
        Description = "The reason, which the history records.",
        HelpName = "TEXT",
        Required = true,
    };

    private static AliasDecision Decision(ParseResult parsed, Option<string> reason) =>
        new("command line", parsed.GetRequiredValue(reason));

    private Task<int> List(VersionFilter filter, int? before, int limit, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            if (filter.Problems() is { Count: > 0 } problems)
                throw new ArgumentException(string.Join(' ', problems.Values));
            var versions = await services.GetRequiredService<VersionList>().Read(filter, before, limit, cancellation);
            foreach (var version in versions)
                Console.WriteLine(FormatListedVersion(version));
            if (versions.Count == 0)
                Console.WriteLine("No model version matches the filter.");
            return 0;
        }, cancellation);

    private Task<int> Show(string versionOrAlias, CancellationToken cancellation) => Commands.WithDatabase(app(), async services =>
    {
        var registry = services.GetRequiredService<ModelRegistry>();
        var version = await Find(registry, versionOrAlias, cancellation);
        var problem = registry.VerifyArtifact(version);
        var condition = problem is null ? "intact" : $"CORRUPT: {problem}";
        var aliases = string.Join(", ", (await registry.ReadAliases(cancellation)).AliasesOf(version.Version));
        foreach (var (name, value) in new (string, string)[]
        {
            ("version", FormatNumber(version.Version)),
            ("aliases", aliases),
            ("algorithm", LearnerNames.Display(version.Algorithm)),
            ("hyperparameters", LearnerNames.Hyperparameters(version.Hyperparameters)),
            ("description", version.Description),
            ("tags", VersionNotes.FormatTags(version.Tags)),
            ("created", IsoTimestamp.Format(version.CreatedAt)),
            ("code version", version.CodeVersion),
            ("run", version.RunId is { } run ? $"{run}" : "none"),
            ("training dataset", version.TrainingDatasetId is { } dataset ? $"{dataset}" : "imported with the version"),
            ("promotion gate", $"{FormatVerdict(version.Gate.Verdict)}. {version.Gate.Reason}"),
            ("artifact", $"{Quantity.Of(version.Artifact.Length, "byte")}, SHA-256 {version.ArtifactSha256}, {condition}"),
        })
            Console.WriteLine($"{name}: {OneLine(value)}");
        return problem is null ? 0 : 1;
    }, cancellation);

    private Task<int> Move(Func<ModelRegistry, CancellationToken, Task<IReadOnlyList<AliasChange>>> move, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            var changes = await move(services.GetRequiredService<ModelRegistry>(), cancellation);
            foreach (var change in changes)
                Console.WriteLine($"{change.Alias}: {FormatVersion(change.From)} -> {FormatVersion(change.To)}");
            if (changes.Count == 0)
                Console.WriteLine("The alias is already set as requested; nothing was changed.");
            return 0;
        }, cancellation);

    private Task<int> History(string? alias, CancellationToken cancellation) => Commands.WithDatabase(app(), async services =>
    {
        foreach (var assignment in await services.GetRequiredService<AliasHistory>().Read(alias, null, HistoryLength, cancellation))
        {
            var period = $"from {IsoTimestamp.Format(assignment.AssignedAt)} until {(assignment.EndedAt is { } end ? IsoTimestamp.Format(end) : "now")}";
            var author = $"{assignment.AssignedBy}{(assignment.IsForced ? ", forced" : "")}";
            Console.WriteLine($"{assignment.Alias}: {FormatVersion(assignment.Version)} {period} by {author}: {OneLine(assignment.Reason)}");
        }
        return 0;
    }, cancellation);

    private Task<int> Describe(int number, string? description, string[] tags, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            var registry = services.GetRequiredService<ModelRegistry>();
            var version = await Find(registry, FormatNumber(number), cancellation);
            var newTags = version.Tags.ToDictionary();
            foreach (var (key, value) in VersionNotes.ParseTags(tags))
                newTags[key] = value;
            newTags = newTags.Where(tag => tag.Value.Length > 0).ToDictionary();
            var edit = new VersionEdit(version.Revision, description, newTags);
            var revision = await registry.EditNotes(number, edit, "command line", cancellation);
            Console.WriteLine(
                $"Version {number} is at revision {revision}{(revision == version.Revision ? "; nothing was changed" : "")}.");
            return 0;
        }, cancellation);

    private static async Task<ModelVersion> Find(ModelRegistry registry, string versionOrAlias, CancellationToken cancellation) =>
        await registry.Find(versionOrAlias, cancellation) ?? throw new ArgumentException(ModelRegistry.NotFoundMessage(versionOrAlias));

    private static string FormatListedVersion(ListedVersion version)
    {
        var aliases = version.Aliases.Count == 0 ? "" : $" ({string.Join(", ", version.Aliases)})";
        var accuracy = MetricFormat.WithUncertainty("accuracy", version.CrossValidatedAccuracy);
        var rows = Quantity.Of(version.Rows, "row");
        var tags = version.Tags.Count == 0 ? "" : $", {VersionNotes.FormatTags(version.Tags)}";
        return $"version {version.Version}{aliases}, {IsoTimestamp.Format(version.CreatedAt)}, {LearnerNames.Display(version.Algorithm)}, "
            + $"cross-validated accuracy {accuracy}, {rows}, gate {FormatVerdict(version.Verdict)}{tags}";
    }

    private static string FormatVersion(int? version) => version is null ? "none" : $"version {version}";

    private static string FormatNumber(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string FormatVerdict(Verdict verdict) => verdict.ToString().ToUpperInvariant();

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
