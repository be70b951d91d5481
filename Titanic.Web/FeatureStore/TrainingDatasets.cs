using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Defines training datasets and reads them reproducibly at any later time. Rows are streamed from PostgreSQL; memory use does not
/// depend on their number.
/// </summary>
public sealed class TrainingDatasets(TitanicDb db, NpgsqlDataSource postgres, AuditLog audit, TimeProvider clock)
{
    /// <summary>Reads the rows of a definition and computes their counts and digest.</summary>
    /// <param name="definition">What to select.</param>
    /// <param name="runId">The pipeline run; null outside of a run.</param>
    /// <param name="cancellation">Cancels the query.</param>
    /// <returns>
    /// A dataset that is not stored: the training pipeline stores it in the same transaction as the model version that was trained on it.
    /// </returns>
    /// <exception cref="ArgumentException">The definition is not valid; see <see cref="TrainingDatasetDefinition.ValidationError"/>.</exception>
    /// <exception cref="EmptyTrainingDatasetException">The definition selects no labeled row.</exception>
    /// <exception cref="ChangedFeatureViewException">The encoder of the running code differs from that of the stored view.</exception>
    public async Task<TrainingDataset> Describe(TrainingDatasetDefinition definition, long? runId, CancellationToken cancellation)
    {
        if (definition.ValidationError() is { } problem)
            throw new ArgumentException(problem, nameof(definition));
        using var digest = new TrainingDigest(definition.View);
        await foreach (var row in Rows(definition, cancellation))
            digest.Add(row);
        if (digest.Rows == 0)
            throw new EmptyTrainingDatasetException(definition);
        return new TrainingDataset
        {
            ViewName = definition.View.Schema.Name,
            ViewVersion = definition.View.Schema.Version,
            AsOfCommitId = definition.AsOfCommitId,
            KnownBefore = definition.KnownBefore.ToUniversalTime(),
            Sources = [.. definition.Sources],
            SplitSalt = definition.SplitSalt,
            TestShare = definition.TestShare,
            IsByPerson = definition.IsByPerson,
            EventTimeFrom = definition.EventTimeFrom?.ToUniversalTime(),
            Rows = digest.Rows,
            Survivors = digest.Survivors,
            HeldOutRows = digest.HeldOutRows,
            Sha256 = digest.Sha256(),
            CreatedAt = clock.GetUtcNow(),
            RunId = runId,
        };
    }

    /// <summary>Describes and stores a dataset without training a model. Throws the exceptions of <see cref="Describe"/>.</summary>
    /// <param name="definition">What to select.</param>
    /// <param name="actor">The actor in the audit log; see <see cref="AuditLog.CallerName"/>.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The stored dataset with its id.</returns>
    public async Task<TrainingDataset> Create(TrainingDatasetDefinition definition, string actor, CancellationToken cancellation)
    {
        var dataset = await Describe(definition, null, cancellation);
        db.TrainingDatasets.Add(dataset);
        await audit.Record(actor, "training dataset defined", $"{definition.View.Schema} as of commit {definition.AsOfCommitId}", $"SHA-256 {dataset.Sha256}", cancellation);
        return dataset;
    }

    /// <summary>Reads a stored dataset for training after verifying its digest.</summary>
    /// <param name="trainingDatasetId">The id of the dataset.</param>
    /// <param name="cancellation">Cancels the query.</param>
    /// <param name="foldsAsOf">See <see cref="ReadPoints(TrainingDatasetDefinition, IReadOnlyList{ITrainingView}, CancellationToken, long?)"/>.</param>
    /// <exception cref="InvalidDataException">The digest of the rows differs from the stored digest.</exception>
    /// <exception cref="InvalidOperationException">There is no dataset with this id.</exception>
    /// <exception cref="ChangedFeatureViewException">The encoder of the running code differs from that of the stored view.</exception>
    public async Task<TrainingPoints> ReadVerified(long trainingDatasetId, CancellationToken cancellation, long? foldsAsOf = null)
    {
        var dataset = await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == trainingDatasetId, cancellation);
        await foreach (var _ in VerifiedRows(dataset, cancellation))
        {
            // VerifiedRows compares the digests after the last row.
        }
        var definition = TrainingDatasetDefinition.Of(dataset);
        return await ReadPoints(definition, [definition.View], cancellation, foldsAsOf);
    }

    /// <summary>Streams the rows of a stored dataset in canonical order and compares the digests after the last row.</summary>
    /// <exception cref="InvalidDataException">Thrown after the last row: the digest of the rows differs from the stored digest.</exception>
    public async IAsyncEnumerable<TrainingRow> VerifiedRows(TrainingDataset dataset, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var definition = TrainingDatasetDefinition.Of(dataset);
        using var digest = new TrainingDigest(definition.View);
        await foreach (var row in Rows(definition, cancellation))
        {
            digest.Add(row);
            yield return row;
        }
        if (digest.Sha256() is var sha256 && sha256 != dataset.Sha256)
            throw new InvalidDataException($"Training dataset {dataset.TrainingDatasetId} reads as SHA-256 {sha256} ({digest.Rows} rows) but was created as {dataset.Sha256} ({dataset.Rows} rows): rows were changed without a commit.");
    }

    /// <summary>Whether <c>e</c> is in the dataset and <c>c</c>, a copy, is the row <c>p</c>.</summary>
    private const string IsEarlierRow =
        """
        where @is_by_person and c.passenger_id = p.passenger_id and c.commit_id = p.commit_id and c.person_id <> c.passenger_id
          and e.person_key = c.person_key
          and e.commit_id <= @as_of and (e.superseded_by is null or e.superseded_by > @as_of) and e.source = any (@sources) and e.event_time >= @event_time_from
          and exists (select from outcomes k where k.passenger_id = e.passenger_id and k.commit_id <= @as_of and k.known_at < @known_before)
        """;

    /// <summary>
    /// The passengers that are current as of a commit, each with the newest outcome that was stored by this commit and known before the
    /// cutoff. The first branch finds outcomes that are current as of the commit, which is nearly all of them. The second branch finds
    /// superseded outcomes whose correction became known after the cutoff. Deleted passengers are excluded by the condition on
    /// <c>passengers</c>. In a dataset by person a copy (its <c>person_id</c> is the id of another row) is excluded if the person has an
    /// earlier row with the same person key in the dataset (the first row of a person can get another name and is another person then): the first one, or an earlier copy. Two anti-joins, because each has an index.
    /// </summary>
    internal const string LabeledPassengers =
        $"""
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
        where p.commit_id <= @as_of and (p.superseded_by is null or p.superseded_by > @as_of) and p.source = any (@sources) and p.event_time >= @event_time_from
          and not exists (
              select from passengers c join passengers e on e.passenger_id = c.person_id and e.person_id = e.passenger_id {IsEarlierRow})
          and not exists (
              select from passengers c join passengers e on e.person_id = c.person_id and e.person_id <> e.passenger_id and e.passenger_id < c.passenger_id {IsEarlierRow})
        """;

    /// <summary>Streams the rows of a definition in canonical order: source, then source key, compared by bytes.</summary>
    /// <exception cref="ChangedFeatureViewException">The encoder of the running code differs from that of the stored view.</exception>
    public async IAsyncEnumerable<TrainingRow> Rows(TrainingDatasetDefinition definition, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await RequireUnchangedView(definition.View.Schema, cancellation);
        var split = new PersonSplit(definition.SplitSalt, definition.TestShare);
        await using var command = CreateCommand(
            $"""
            select p.source, p.source_key, p.passenger_id, p.commit_id, o.survived, p.person_key, {definition.View.SqlColumns}
            {LabeledPassengers}
            order by p.source, p.source_key
            """, definition);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var personKey = reader.GetInt64(5);
            yield return new TrainingRow(
                reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3),
                definition.View.ReadPoint(reader, 6), reader.GetBoolean(4), split.IsHeldOut(personKey), PersonSplit.FoldOf(personKey),
                definition.IsByPerson ? personKey : null);
        }
    }

    /// <summary>
    /// Reads the rows of a definition as weighted points. Memory use depends on the number of distinct points, not of rows.
    /// </summary>
    /// <exception cref="EmptyTrainingDatasetException">The definition selects no labeled row.</exception>
    /// <exception cref="ChangedFeatureViewException">The encoder of the running code differs from that of the stored view.</exception>
    public Task<TrainingPoints> ReadPoints(TrainingDatasetDefinition definition, CancellationToken cancellation) =>
        ReadPoints(definition, [definition.View], cancellation);

    /// <summary>
    /// Reads the rows of a definition with the features of several views, so that views can be compared on identical rows.
    /// </summary>
    /// <param name="definition">What to select.</param>
    /// <param name="views">The views.</param>
    /// <param name="cancellation">Cancels the query.</param>
    /// <param name="foldsAsOf">
    /// The commit whose names determine the folds. Models of different datasets are compared by the folds of one commit: a person that was
    /// renamed between them would otherwise be in two folds, and be predicted by a model that was fitted on it. Default: the dataset's commit.
    /// </param>
    /// <returns>Points with the features of all views concatenated in the order of <paramref name="views"/>.</returns>
    /// <exception cref="EmptyTrainingDatasetException">The definition selects no labeled row.</exception>
    /// <exception cref="ChangedFeatureViewException">The encoder of the running code differs from that of a stored view.</exception>
    public async Task<TrainingPoints> ReadPoints(TrainingDatasetDefinition definition, IReadOnlyList<ITrainingView> views, CancellationToken cancellation, long? foldsAsOf = null)
    {
        foreach (var view in views)
            await RequireUnchangedView(view.Schema, cancellation);
        var columns = string.Join(", ", views.Select(view => view.SqlColumns));
        await using var command = CreateCommand(
            $"""
            select o.survived, {PersonSplit.HeldOutSql} as held_out, {(foldsAsOf is null ? PersonSplit.FoldSql : PersonSplit.FoldSqlOf(PersonKeyAsOf))} as fold, count(*),
                   case when @is_by_person and p.person_key in (select person_key from shared_person_keys) then p.person_key end as shared_key, {columns}
            {LabeledPassengers}
            group by o.survived, held_out, fold, shared_key, {columns}
            """, definition);
        new PersonSplit(definition.SplitSalt, definition.TestShare).AddParameters(command.Parameters);
        if (foldsAsOf is { } commit)
            command.Parameters.AddWithValue("folds_as_of", commit);
        var points = new List<TrainingPoint>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            points.Add(new TrainingPoint(
                ReadPoint(reader, views, first: 5), reader.GetBoolean(0), reader.GetBoolean(1), reader.GetInt32(2), checked((int)reader.GetInt64(3)),
                reader.IsDBNull(4) ? null : reader.GetInt64(4)));
        }
        return points.Count > 0 ? new TrainingPoints([.. views.Select(view => view.Schema)], points) : throw new EmptyTrainingDatasetException(definition);
    }

    /// <summary>The person key that <c>passengers p</c> has as of a commit; its own if it was not stored by then.</summary>
    private const string PersonKeyAsOf =
        """
        case when p.commit_id <= @folds_as_of and (p.superseded_by is null or p.superseded_by > @folds_as_of) then p.person_key
             else coalesce((
                 select n.person_key from passengers n where n.passenger_id = p.passenger_id and n.commit_id <= @folds_as_of
                 order by n.commit_id desc limit 1), p.person_key) end
        """;

    private static double[] ReadPoint(NpgsqlDataReader row, IReadOnlyList<ITrainingView> views, int first)
    {
        var features = new List<double>();
        foreach (var view in views)
        {
            features.AddRange(view.ReadPoint(row, first));
            first += view.SqlColumns.Split(',').Length;
        }
        return [.. features];
    }

    private NpgsqlCommand CreateCommand(string sql, TrainingDatasetDefinition definition)
    {
        var command = postgres.CreateCommand(sql);
        AddParameters(command.Parameters, definition);
        return command;
    }

    /// <summary>Adds the parameters of <see cref="LabeledPassengers"/>.</summary>
    /// <param name="prefix">Inserted after the @ of each parameter, for a statement with two datasets.</param>
    internal static void AddParameters(NpgsqlParameterCollection parameters, TrainingDatasetDefinition definition, string prefix = "")
    {
        parameters.AddWithValue($"{prefix}as_of", definition.AsOfCommitId);
        parameters.AddWithValue($"{prefix}known_before", definition.KnownBefore.ToUniversalTime());
        parameters.AddWithValue($"{prefix}sources", definition.Sources.ToArray());
        parameters.AddWithValue($"{prefix}is_by_person", definition.IsByPerson);
        parameters.AddWithValue($"{prefix}event_time_from", definition.FirstEventTime);
    }

    private async Task RequireUnchangedView(FeatureViewSchema schema, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("select schema_sha256 from feature_views where name = @name and version = @version");
        command.Parameters.AddWithValue("name", schema.Name);
        command.Parameters.AddWithValue("version", schema.Version);
        var stored = (string?)await command.ExecuteScalarAsync(cancellation);
        if (stored != schema.Sha256)
            throw new ChangedFeatureViewException(schema, stored);
    }

    /// <summary>Reads all rows of a stored dataset and compares counts and digest with the stored ones. Writes nothing.</summary>
    /// <exception cref="ChangedFeatureViewException">The encoder of the running code differs from that of the stored view.</exception>
    public async Task<TrainingDatasetComparison> Recompute(TrainingDataset dataset, CancellationToken cancellation)
    {
        var definition = TrainingDatasetDefinition.Of(dataset);
        var started = Stopwatch.GetTimestamp();
        using var digest = new TrainingDigest(definition.View);
        await foreach (var row in Rows(definition, cancellation))
            digest.Add(row);
        return new TrainingDatasetComparison(
            dataset.TrainingDatasetId, dataset.Sha256, digest.Sha256(), dataset.Rows, digest.Rows, dataset.Survivors, digest.Survivors,
            Stopwatch.GetElapsedTime(started));
    }

    /// <summary>
    /// Encodes the raw values of the rows again and compares the result with the stored codes. A view can read codes that were stored
    /// at ingestion; the comparison detects raw values that were changed afterwards.
    /// </summary>
    /// <returns>
    /// The number of rows whose codes differ, and the first of them ("titanic3 17") in canonical order; null if there is none.
    /// </returns>
    public async Task<(int Rows, string? First)> FindEncodingMismatches(TrainingDatasetDefinition definition, CancellationToken cancellation)
    {
        await using var command = CreateCommand(
            $"""
            select p.source || ' ' || p.source_key, p.pclass, p.sex, p.age, p.fare, {definition.View.SqlColumns}
            {LabeledPassengers}
            order by p.source, p.source_key
            """, definition);
        var (rows, first) = (0, (string?)null);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var encoded = definition.View.Encode(
                reader.GetInt16(1), SexConverter.Parse(reader.GetString(2)),
                reader.IsDBNull(3) ? null : reader.GetDouble(3), reader.IsDBNull(4) ? null : reader.GetDouble(4));
            if (encoded.AsSpan().SequenceEqual(definition.View.ReadPoint(reader, 5)))
                continue;
            rows++;
            first ??= reader.GetString(0);
        }
        return (rows, first);
    }

    /// <summary>Counts the passengers that two datasets share and those that only one of them contains.</summary>
    public async Task<DatasetDifference> Difference(TrainingDataset first, TrainingDataset second, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            $"""
            with first as (select p.passenger_id, p.commit_id, o.survived {LabeledPassengers.Replace("@", "@first_", StringComparison.Ordinal)}),
            second as (select p.passenger_id, p.commit_id, o.survived {LabeledPassengers.Replace("@", "@second_", StringComparison.Ordinal)})
            select count(*) filter (where second.passenger_id is null), count(*) filter (where first.passenger_id is null),
                   count(*) filter (where first.passenger_id = second.passenger_id and (first.commit_id, first.survived) = (second.commit_id, second.survived)),
                   count(*) filter (where first.passenger_id = second.passenger_id and (first.commit_id, first.survived) <> (second.commit_id, second.survived))
            from first full join second on first.passenger_id = second.passenger_id
            """);
        AddParameters(command.Parameters, TrainingDatasetDefinition.Of(first), "first_");
        AddParameters(command.Parameters, TrainingDatasetDefinition.Of(second), "second_");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new DatasetDifference(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    /// <summary>
    /// The rows of a dataset from the source titanic3, found with the index ix_passengers_historical. Passengers of other sources are
    /// never shown by name. The newest outcome that was stored and known by then is looked up per passenger.
    /// </summary>
    private const string HistoricalPassengers =
        $"""
        from training_datasets d
        join passengers p on p.source = '{PassengerSources.Titanic3}' and p.source = any (d.sources)
         and p.commit_id <= d.as_of_commit_id and (p.superseded_by is null or p.superseded_by > d.as_of_commit_id)
         and (not d.is_by_person or p.person_id = p.passenger_id) and (d.event_time_from is null or p.event_time >= d.event_time_from)
        cross join lateral (
            select o.survived from outcomes o
            where o.passenger_id = p.passenger_id and o.commit_id <= d.as_of_commit_id and o.known_at < d.known_before
            order by o.commit_id desc limit 1) o
        where d.training_dataset_id = @dataset and (p.pclass, p.sex) in (select * from unnest(@classes, @sexes))
        order by p.passenger_id
        """;

    /// <summary>Returns the passengers of the bundled dataset in a dataset, in the order of the file.</summary>
    /// <param name="trainingDatasetId">The id of the dataset.</param>
    /// <param name="view">The view of the dataset.</param>
    /// <param name="groups">The combinations of class and sex to return.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<IReadOnlyList<HistoricalRow>> HistoricalRows(
        long trainingDatasetId, ITrainingView view, IReadOnlyCollection<(int Pclass, Sex Sex)> groups, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand($"select p.source_key, p.name, o.survived, p.pclass, p.sex, p.age, p.fare, {view.SqlColumns} {HistoricalPassengers}");
        command.Parameters.AddWithValue("dataset", trainingDatasetId);
        command.Parameters.AddWithValue("classes", NpgsqlDbType.Array | NpgsqlDbType.Smallint, groups.Select(kind => (short)kind.Pclass).ToArray());
        command.Parameters.AddWithValue("sexes", groups.Select(kind => SexConverter.Format(kind.Sex)).ToArray());
        var rows = new List<HistoricalRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new HistoricalRow(
                reader.GetString(0), reader.IsDBNull(1) ? "" : reader.GetString(1), reader.GetBoolean(2), reader.GetInt16(3), SexConverter.Parse(reader.GetString(4)),
                reader.IsDBNull(5) ? null : reader.GetDouble(5), reader.IsDBNull(6) ? null : reader.GetDouble(6), view.ReadPoint(reader, 7)));
        }
        return rows;
    }
}

/// <summary>Counts and digest of a training dataset: as stored, and as read again.</summary>
/// <param name="TrainingDatasetId">The id of the dataset.</param>
/// <param name="StoredSha256">The stored digest; 64 lower-case hexadecimal digits.</param>
/// <param name="ReadSha256">The digest of the rows as read now; 64 lower-case hexadecimal digits.</param>
/// <param name="StoredRows">The stored number of rows.</param>
/// <param name="ReadRows">The number of rows as read now.</param>
/// <param name="StoredSurvivors">The stored number of survivors.</param>
/// <param name="ReadSurvivors">The number of survivors as read now.</param>
/// <param name="Duration">The time for reading the rows.</param>
public sealed record TrainingDatasetComparison(
    long TrainingDatasetId, string StoredSha256, string ReadSha256, int StoredRows, int ReadRows, int StoredSurvivors, int ReadSurvivors, TimeSpan Duration)
{
    /// <summary>Whether the digests are equal.</summary>
    public bool IsEqual => StoredSha256 == ReadSha256;
}

/// <summary>The numbers of passengers by which two training datasets differ.</summary>
/// <param name="OnlyFirst">Only in the first dataset.</param>
/// <param name="OnlySecond">Only in the second dataset.</param>
/// <param name="Same">In both, with the same row version and the same outcome.</param>
/// <param name="Changed">In both, with another row version or another outcome.</param>
public sealed record DatasetDifference(long OnlyFirst, long OnlySecond, long Same, long Changed)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"Identical rows: {Same:#,##0}; only in the first: {OnlyFirst:#,##0}; only in the second: {OnlySecond:#,##0}; corrected in between: {Changed:#,##0}.");
}

/// <summary>A passenger of the bundled dataset as contained in a training dataset.</summary>
/// <param name="SourceKey">The passenger id in the file.</param>
/// <param name="Name">The name; empty if unknown.</param>
/// <param name="Survived">The label.</param>
/// <param name="Pclass">1..3.</param>
/// <param name="Sex">Male or female.</param>
/// <param name="AgeInYears">0 to 120, or null if unknown.</param>
/// <param name="FareInPounds">0 to 10,000, or null if unknown.</param>
/// <param name="Features">The encoded values, shape (n_features,), in the order of the features of the view.</param>
public sealed record HistoricalRow(
    string SourceKey, string Name, bool Survived, int Pclass, Sex Sex, double? AgeInYears, double? FareInPounds, double[] Features);
