using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Database;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Registry;

/// <summary>
/// Lists versions in pages, newest first. It reads neither artifacts nor evaluations, and every filter has an index, so the time for a
/// page does not depend on the number of versions.
/// </summary>
public sealed class VersionList(TitanicDb db)
{
    public const int MaximumPageSize = 200;

    private const string Columns =
        """
        v.version, v.created_at, v.algorithm, v.description, v.tags, v.revision, v.cross_validated, v.left_one_out, v.gate ->> 'verdict' as verdict,
        v.gate ->> 'reason' as gate_reason, v.code_version, v.run_id, v.training_dataset_id,
        coalesce(d.rows, (v.origin -> 'dataset' ->> 'rows')::integer) as rows, octet_length(v.artifact) as artifact_size, v.artifact_sha256,
        array(select a.alias from alias_assignments a where a.model_name = v.name and a.version = v.version and a.ended_at is null order by a.alias) as aliases
        """;

    /// <summary>Reads one page.</summary>
    /// <param name="filter">A valid filter: <see cref="VersionFilter.Problems"/> is empty.</param>
    /// <param name="before">Reads only versions with a smaller number; null starts with the newest.</param>
    /// <param name="limit">Maximum number of versions.</param>
    public async Task<IReadOnlyList<ListedVersion>> Read(VersionFilter filter, int? before, int limit, CancellationToken cancellation)
    {
        var (condition, values) = Conditions(filter.Normalize(), before);
        var rows = await db.Database.SqlQueryRaw<VersionRow>(
            Sql(condition), [new NpgsqlParameter("name", ModelRegistry.ModelName), new NpgsqlParameter("limit", limit), .. values]).ToListAsync(cancellation);
        return [.. rows.Select(row => row.ToListedVersion())];
    }

    internal static string Sql(string condition) =>
        $"select {Columns} from model_versions v left join training_datasets d using (training_dataset_id) where v.name = @name{condition} order by v.version desc limit @limit";

    private static (string Condition, IReadOnlyList<NpgsqlParameter> Values) Conditions(VersionFilter filter, int? before)
    {
        var (condition, values) = ("", new List<NpgsqlParameter>());
        Add("v.version < @before", "before", before, NpgsqlDbType.Integer);
        // The stored text has the stored name of the algorithm; a search also finds the displayed one.
        string[] algorithms = filter.Search is { } text
            ? [.. LearnerCatalog.Algorithms.Where(algorithm => LearnerNames.Display(algorithm).Contains(text, StringComparison.OrdinalIgnoreCase))]
            : [];
        Add(
            algorithms.Length > 0 ? "(v.search_text ilike @search or v.algorithm = any(@algorithms))" : "v.search_text ilike @search", "search",
            filter.Search is { } search ? LikePattern.Containing(search) : null, NpgsqlDbType.Text);
        if (algorithms.Length > 0)
            values.Add(new NpgsqlParameter("algorithms", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = algorithms });
        Add("v.verdict = @verdict", "verdict", filter.Verdict?.ToUpperInvariant(), NpgsqlDbType.Text);
        Add("v.version = (select a.version from alias_assignments a where a.model_name = v.name and a.alias = @alias and a.ended_at is null)", "alias", filter.Alias, NpgsqlDbType.Text);
        Add("v.algorithm = @algorithm", "algorithm", filter.Algorithm is { } name ? LearnerNames.AlgorithmOf(name) : null, NpgsqlDbType.Text);
        Add("v.code_version = @code", "code", filter.CodeVersion, NpgsqlDbType.Text);
        if (filter.Tag?.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, var value])
            Add("v.tags @> @tag", "tag", JsonColumn.Serialize(new Dictionary<string, string> { [key] = value }), NpgsqlDbType.Jsonb);
        else
            Add("v.tags ? @tag", "tag", filter.Tag, NpgsqlDbType.Text);
        return (condition, values);

        void Add(string sql, string name, object? value, NpgsqlDbType type)
        {
            if (value is null)
                return;
            condition += $" and {sql}";
            values.Add(new NpgsqlParameter(name, type) { Value = value });
        }
    }

    /// <summary>A row of the query; jsonb columns are read as text.</summary>
    private sealed record VersionRow(
        int Version, DateTimeOffset CreatedAt, string Algorithm, string Description, string Tags, int Revision, string? CrossValidated, string? LeftOneOut,
        string Verdict, string GateReason, string CodeVersion, long? RunId, long? TrainingDatasetId, int Rows, int ArtifactSize, string ArtifactSha256, string[] Aliases)
    {
        public ListedVersion ToListedVersion() => new(
            Version, CreatedAt, Algorithm, Description, JsonColumn.Deserialize<Dictionary<string, string>>(Tags), Revision, ReadMetric(CrossValidated), ReadMetric(LeftOneOut),
            Enum.Parse<Verdict>(Verdict, ignoreCase: true), GateReason, CodeVersion, RunId, TrainingDatasetId, Rows, ArtifactSize, ArtifactSha256, Aliases);

        private static MetricValue? ReadMetric(string? json) => json is null ? null : JsonColumn.Deserialize<MetricValue>(json);
    }
}

/// <summary>A version in a list.</summary>
/// <param name="CrossValidatedAccuracy">0..1; null when not measured.</param>
/// <param name="LeaveOneOutAccuracy">0..1; null when not measured.</param>
/// <param name="TrainingDatasetId">Null for an imported version whose rows are not in this store.</param>
/// <param name="Rows">Number of rows of its training dataset.</param>
/// <param name="ArtifactSize">In bytes.</param>
public sealed record ListedVersion(
    int Version, DateTimeOffset CreatedAt, string Algorithm, string Description, IReadOnlyDictionary<string, string> Tags, int Revision,
    MetricValue? CrossValidatedAccuracy, MetricValue? LeaveOneOutAccuracy, Verdict Verdict, string GateReason,
    string CodeVersion, long? RunId, long? TrainingDatasetId, int Rows, int ArtifactSize, string ArtifactSha256, IReadOnlyList<string> Aliases);

/// <summary>Filters a list of versions; a version must match all given filters.</summary>
/// <param name="Search">Part of the description, the algorithm or the tags; not case-sensitive.</param>
/// <param name="Verdict">promote, hold or reject; not case-sensitive.</param>
/// <param name="Alias">Returns only the version that this alias names now.</param>
/// <param name="Algorithm">The name of the algorithm, as in a version or as displayed, for example "K-NN".</param>
/// <param name="Tag">The key of a tag, or "key=value".</param>
/// <param name="CodeVersion">The complete code version.</param>
public sealed record VersionFilter(
    string? Search = null, [property: OneOf<Verdict>] string? Verdict = null, [property: ModelAlias] string? Alias = null,
    string? Algorithm = null,
    string? Tag = null, string? CodeVersion = null)
{
    private const int MaximumTextLength = 200;

    /// <summary>The verdicts as displayed; a filter accepts them in any case.</summary>
    public static IReadOnlyList<string> Verdicts { get; } = [.. Enum.GetNames<Verdict>().Select(name => name.ToUpperInvariant())];

    /// <summary>The filter with trimmed values; blank values, which a form sends, become null.</summary>
    public VersionFilter Normalize() => new(NullIfBlank(Search), NullIfBlank(Verdict), NullIfBlank(Alias), NullIfBlank(Algorithm), NullIfBlank(Tag), NullIfBlank(CodeVersion));

    public bool IsEmpty => Normalize() == new VersionFilter();

    /// <summary>The validation errors by field name; empty for a valid filter.</summary>
    public IReadOnlyDictionary<string, string> Problems()
    {
        var problems = new Dictionary<string, string>();
        var (search, verdict, alias, algorithm, tag, codeVersion) = Normalize();
        foreach (var (field, text) in new[] { ("search", search), ("algorithm", algorithm), ("tag", tag), ("codeVersion", codeVersion) })
        {
            if (text is { Length: > MaximumTextLength })
                problems[field] = $"The {field} has {Quantity.Of(text.Length, "character")}; it must have at most {MaximumTextLength}.";
            else if (text?.Any(char.IsControl) == true)
                problems[field] = $"The {field} is \"{Excerpt.Truncate(text)}\"; it must be plain text without control characters.";
        }
        if (verdict is not null && !Verdicts.Contains(verdict, StringComparer.OrdinalIgnoreCase))
            problems["verdict"] = ErrorText.UnknownName("verdict", verdict, Verdicts);
        if (algorithm is not null && !problems.ContainsKey("algorithm") && !LearnerCatalog.Algorithms.Contains(LearnerNames.AlgorithmOf(algorithm)))
            problems["algorithm"] = ErrorText.UnknownName("algorithm", algorithm, [.. LearnerCatalog.Algorithms.Select(LearnerNames.Display)]);
        if (alias is not null && !ModelAliases.All.Contains(alias))
            problems["alias"] = ModelAliases.NotFoundMessage(alias);
        return problems;
    }

    /// <summary>The query string, such as "?search=ties&amp;verdict=hold"; empty without values.</summary>
    /// <param name="more">Further parameters of a page; null values are left out.</param>
    public string ToQuery(params (string Name, object? Value)[] more)
    {
        (string Name, object? Value)[] own =
            [("search", Search), ("verdict", Verdict), ("alias", Alias), ("algorithm", Algorithm), ("tag", Tag), ("codeVersion", CodeVersion)];
        var query = QueryString.Empty;
        foreach (var (name, value) in own.Concat(more))
        {
            if (FormattableString.Invariant($"{value}") is { Length: > 0 } text)
                query = query.Add(name, text);
        }
        return query.ToString();
    }

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
