using System.Globalization;
using Titanic.Web.Registry;

namespace Titanic.Web.Hosting;

/// <summary>What the verb <c>models</c> does: one readable line each on standard output.</summary>
internal static class ModelVerbs
{
    public const int MovesShown = 50;

    public static Task<int> List(WebApplication app, VersionFilter filter, int? before, int limit, CancellationToken cancellation) =>
        Verbs.WithDatabase(app, async services =>
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

    public static Task<int> Show(WebApplication app, string asked, CancellationToken cancellation) => Verbs.WithDatabase(app, async services =>
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

    public static Task<int> Move(WebApplication app, Func<ModelRegistry, CancellationToken, Task<IReadOnlyList<AliasChange>>> move, CancellationToken cancellation) =>
        Verbs.WithDatabase(app, async services =>
        {
            var changes = await move(services.GetRequiredService<ModelRegistry>(), cancellation);
            foreach (var change in changes)
                Console.WriteLine($"{change.Alias}: {Name(change.From)} before, {Name(change.To)} now");
            if (changes.Count == 0)
                Console.WriteLine("It was so already; nothing was changed.");
            return 0;
        }, cancellation);

    public static Task<int> History(WebApplication app, string? alias, CancellationToken cancellation) => Verbs.WithDatabase(app, async services =>
    {
        foreach (var move in await services.GetRequiredService<AliasHistory>().Read(alias, null, MovesShown, cancellation))
            Console.WriteLine($"{move.Alias} {Name(move.Version)} from {Moment(move.AssignedAt)} {(move.EndedAt is { } end ? $"until {Moment(end)}" : "until now")} by {move.AssignedBy}{(move.IsForced ? ", forced" : "")}: {OneLine(move.Reason)}");
        return 0;
    }, cancellation);

    public static Task<int> Describe(WebApplication app, int number, string? description, string[] tags, CancellationToken cancellation) =>
        Verbs.WithDatabase(app, async services =>
        {
            var registry = services.GetRequiredService<ModelRegistry>();
            var version = await Find(registry, Number(number), cancellation);
            var wanted = version.Tags.ToDictionary();
            foreach (var (key, value) in VersionNotes.ReadTags(tags))
                wanted[key] = value;
            var kept = wanted.Where(tag => tag.Value.Length > 0).ToDictionary();
            var revision = await registry.Describe(number, version.Revision, description, kept, "command line", cancellation);
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
