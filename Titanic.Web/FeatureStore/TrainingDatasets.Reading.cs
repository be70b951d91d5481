using System.Runtime.CompilerServices;
using Npgsql;

namespace Titanic.Web.FeatureStore;

public sealed partial class TrainingDatasets
{
    /// <summary>
    /// Passengers as they stood as of a commit, each with the newest outcome that had been stored by then and was known before the
    /// cut-off. Nearly all outcomes were never corrected and are found by looking at nothing but themselves; where a correction was
    /// learned after the cut-off, the outcome before it counts again. Whoever was deleted is no passenger any more and brings none back.
    /// </summary>
    private const string LabelledPassengers =
        """
        from passengers p
        join (
            select passenger_id, survived from outcomes
            where commit_id <= @as_of and known_at < @known_before and (superseded_by is null or superseded_by > @as_of)
            union all
            select passenger_id, survived from outcomes corrected
            where superseded_by <= @as_of and known_at < @known_before and not exists (
                select from outcomes later
                where later.passenger_id = corrected.passenger_id and later.commit_id > corrected.commit_id
                  and later.commit_id <= @as_of and later.known_at < @known_before)
        ) o on o.passenger_id = p.passenger_id
        where p.commit_id <= @as_of and (p.superseded_by is null or p.superseded_by > @as_of) and p.source = any (@sources)
        """;

    /// <summary>The rows that a definition selects, in canonical order (source, then key, by bytes), one after another.</summary>
    public async IAsyncEnumerable<TrainingRow> Rows(TrainingDatasetDefinition definition, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await RequireUnchanged(definition.View.Schema, cancellation);
        var split = new PersonSplit(definition.SplitSalt, definition.TestShare);
        await using var command = Query(
            $"""
            select p.source, p.source_key, p.passenger_id, p.commit_id, o.survived, p.person_key, {definition.View.Columns}
            {LabelledPassengers}
            order by p.source, p.source_key
            """, definition);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var person = reader.GetInt64(5);
            yield return new TrainingRow(
                reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3),
                definition.View.ReadPoint(reader, 6), reader.GetBoolean(4), split.IsHeldOut(person), PersonSplit.FoldOf(person));
        }
    }

    /// <summary>The same rows as weighted points: one GROUP BY, and as many objects as there are different inputs, not rows.</summary>
    /// <exception cref="EmptyTrainingDatasetException">It selects no labelled row.</exception>
    public Task<TrainingPoints> ReadPoints(TrainingDatasetDefinition definition, CancellationToken cancellation) =>
        ReadPoints(definition, [definition.View], cancellation);

    /// <summary>The same rows through several views at once: a point holds their features one after another, so that views can be compared on identical rows.</summary>
    /// <exception cref="EmptyTrainingDatasetException">It selects no labelled row.</exception>
    public async Task<TrainingPoints> ReadPoints(TrainingDatasetDefinition definition, IReadOnlyList<ITrainingView> views, CancellationToken cancellation)
    {
        foreach (var view in views)
            await RequireUnchanged(view.Schema, cancellation);
        var columns = string.Join(", ", views.Select(view => view.Columns));
        await using var command = Query(
            $"""
            select o.survived, {PersonSplit.HeldOut} as held_out, {PersonSplit.Fold} as fold, count(*), {columns}
            {LabelledPassengers}
            group by o.survived, held_out, fold, {columns}
            """, definition);
        new PersonSplit(definition.SplitSalt, definition.TestShare).AddTo(command.Parameters);
        var points = new List<TrainingPoint>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            points.Add(new TrainingPoint(PointOf(reader, views, first: 4), reader.GetBoolean(0), reader.GetBoolean(1), reader.GetInt32(2), checked((int)reader.GetInt64(3))));
        return points.Count > 0 ? new TrainingPoints([.. views.Select(view => view.Schema)], points) : throw new EmptyTrainingDatasetException(definition);
    }

    private static double[] PointOf(NpgsqlDataReader row, IReadOnlyList<ITrainingView> views, int first)
    {
        var features = new List<double>();
        foreach (var view in views)
        {
            features.AddRange(view.ReadPoint(row, first));
            first += view.Columns.Split(',').Length;
        }
        return [.. features];
    }

    private NpgsqlCommand Query(string sql, TrainingDatasetDefinition definition)
    {
        var command = postgres.CreateCommand(sql);
        command.Parameters.AddWithValue("as_of", definition.AsOfCommitId);
        command.Parameters.AddWithValue("known_before", definition.KnownBefore.ToUniversalTime());
        command.Parameters.AddWithValue("sources", definition.Sources.ToArray());
        return command;
    }

    private async Task RequireUnchanged(FeatureViewSchema schema, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("select schema_sha256 from feature_views where name = @name and version = @version");
        command.Parameters.AddWithValue("name", schema.Name);
        command.Parameters.AddWithValue("version", schema.Version);
        var stored = (string?)await command.ExecuteScalarAsync(cancellation);
        if (stored != schema.Sha256)
            throw new ChangedFeatureViewException(schema, stored);
    }
}
