using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Database;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Registry;

/// <summary>
/// Versions a page at a time, newest first. Neither a model's bytes nor its evaluations are read, and every way of asking has an index, so
/// a page takes as long with ten versions as with ten thousand.
/// </summary>
public sealed class VersionList(NpgsqlDataSource postgres)
{
    public const int LongestPage = 200;

    private const string Columns =
        """
        v.version, v.created_at, v.algorithm, v.description, v.tags, v.revision, v.cross_validated, v.left_one_out, v.gate ->> 'verdict', v.gate ->> 'reason',
        v.code_version, v.run_id, v.training_dataset_id, coalesce(d.rows, (v.origin -> 'dataset' ->> 'rows')::integer), octet_length(v.artifact), v.artifact_sha256,
        array(select a.alias from alias_assignments a where a.model_name = v.name and a.version = v.version and a.ended_at is null order by a.alias)
        """;

    /// <param name="filter">Without problems.</param>
    /// <param name="before">Only versions below this one; null starts with the newest.</param>
    public async Task<IReadOnlyList<ListedVersion>> Read(VersionFilter filter, int? before, int limit, CancellationToken cancellation)
    {
        var (condition, values) = Conditions(filter.Given(), before);
        await using var command = postgres.CreateCommand(Sql(condition));
        command.Parameters.AddWithValue("name", ModelRegistry.ModelName);
        command.Parameters.AddWithValue("limit", limit);
        foreach (var value in values)
            command.Parameters.Add(value);
        var versions = new List<ListedVersion>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            versions.Add(Read(row));
        return versions;
    }

    internal static string Sql(string condition) =>
        $"select {Columns} from model_versions v left join training_datasets d using (training_dataset_id) where v.name = @name{condition} order by v.version desc limit @limit";

    private static (string Condition, IReadOnlyList<NpgsqlParameter> Values) Conditions(VersionFilter filter, int? before)
    {
        var (condition, values) = ("", new List<NpgsqlParameter>());
        Add("v.version < @before", "before", before, NpgsqlDbType.Integer);
        Add("v.search_text ilike @search", "search", filter.Search is { } piece ? $"%{Literally(piece)}%" : null, NpgsqlDbType.Text);
        Add("v.verdict = @verdict", "verdict", filter.Verdict?.ToUpperInvariant(), NpgsqlDbType.Text);
        Add("v.version = (select a.version from alias_assignments a where a.model_name = v.name and a.alias = @alias and a.ended_at is null)", "alias", filter.Alias, NpgsqlDbType.Text);
        Add("v.algorithm = @algorithm", "algorithm", filter.Algorithm, NpgsqlDbType.Text);
        Add("v.code_version = @code", "code", filter.CodeVersion, NpgsqlDbType.Text);
        if (filter.Tag?.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, var value])
            Add("v.tags @> @tag", "tag", JsonColumn.Write(new Dictionary<string, string> { [key] = value }), NpgsqlDbType.Jsonb);
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

    /// <summary>So that a percent sign, an underscore and a backslash are looked for as they are.</summary>
    private static string Literally(string piece) =>
        piece.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private static ListedVersion Read(NpgsqlDataReader row)
    {
        return new ListedVersion(
            row.GetInt32(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), JsonColumn.Read<Dictionary<string, string>>(row.GetString(4)),
            row.GetInt32(5), Metric(6), Metric(7), Enum.Parse<Verdict>(row.GetString(8), ignoreCase: true), row.GetString(9), row.GetString(10),
            row.IsDBNull(11) ? null : row.GetInt64(11), row.IsDBNull(12) ? null : row.GetInt64(12), row.GetInt32(13), row.GetInt32(14), row.GetString(15), row.GetFieldValue<string[]>(16));

        MetricValue? Metric(int column) => row.IsDBNull(column) ? null : JsonColumn.Read<MetricValue>(row.GetString(column));
    }
}

/// <summary>A version as lists show it.</summary>
/// <param name="CrossValidatedAccuracy">0..1; null where it was not measured.</param>
/// <param name="TrainingDatasetId">Null where the version was imported with rows that are not of this store.</param>
/// <param name="Rows">Of its training dataset.</param>
/// <param name="ArtifactSize">In bytes.</param>
public sealed record ListedVersion(
    int Version, DateTimeOffset CreatedAt, string Algorithm, string Description, IReadOnlyDictionary<string, string> Tags, int Revision,
    MetricValue? CrossValidatedAccuracy, MetricValue? LeaveOneOutAccuracy, Verdict Verdict, string GateReason,
    string CodeVersion, long? RunId, long? TrainingDatasetId, int Rows, int ArtifactSize, string ArtifactSha256, IReadOnlyList<string> Aliases);
