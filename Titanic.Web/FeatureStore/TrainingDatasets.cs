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

/// <summary>Defines training datasets and reads them, today or at any later time; rows only ever stream.</summary>
public sealed class TrainingDatasets(TitanicDb db, NpgsqlDataSource postgres, AuditLog audit, TimeProvider clock)
{
    /// <summary>Counts and digests what a definition selects.</summary>
    /// <returns>Not stored yet: a pipeline stores it together with the model that learned it, so that neither is ever without the other.</returns>
    /// <exception cref="ArgumentException">The definition makes no sense.</exception>
    /// <exception cref="EmptyTrainingDatasetException">It selects no labelled row.</exception>
    /// <exception cref="ChangedFeatureViewException">This code's encoder is not the stored view's.</exception>
    public async Task<TrainingDataset> Describe(TrainingDatasetDefinition definition, long? runId, CancellationToken cancellation)
    {
        if (definition.Problem() is { } problem)
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
            Rows = digest.Rows,
            Survivors = digest.Survivors,
            HeldOutRows = digest.HeldOutRows,
            Sha256 = digest.Sha256(),
            CreatedAt = clock.GetUtcNow(),
            RunId = runId,
        };
    }

    /// <summary>Defines a dataset by hand, without a model that learns it; throws what <see cref="Describe"/> throws.</summary>
    /// <param name="who">For the audit log; see <see cref="AuditLog.NameOf"/>.</param>
    public async Task<TrainingDataset> Create(TrainingDatasetDefinition definition, string who, CancellationToken cancellation)
    {
        var dataset = await Describe(definition, null, cancellation);
        db.TrainingDatasets.Add(dataset);
        await audit.Record(who, "training dataset defined", $"{definition.View.Schema} as of commit {definition.AsOfCommitId}", $"SHA-256 {dataset.Sha256}", cancellation);
        return dataset;
    }

    /// <summary>A stored dataset for training, read again and held against its digest before anybody learns from it.</summary>
    /// <exception cref="InvalidDataException">The rows in the store are no longer those that the digest was taken of.</exception>
    public async Task<TrainingPoints> ReadVerified(long trainingDatasetId, CancellationToken cancellation)
    {
        var dataset = await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == trainingDatasetId, cancellation);
        await foreach (var _ in VerifiedRows(dataset, cancellation))
        {
            // Only the check at the end counts.
        }
        return await ReadPoints(TrainingDatasetDefinition.Of(dataset), cancellation);
    }

    /// <summary>The rows of a stored dataset in canonical order; after the last one they are held against the digest.</summary>
    /// <exception cref="InvalidDataException">After the last row: these are not the rows that the digest was taken of.</exception>
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
            throw new InvalidDataException($"Training dataset {dataset.TrainingDatasetId} reads as SHA-256 {sha256} ({digest.Rows} rows) but was created as {dataset.Sha256} ({dataset.Rows} rows).");
    }

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

    /// <summary>Creates a stored dataset once more from its definition, and holds what comes out against what was stored. Reads every row; writes nothing.</summary>
    /// <exception cref="ChangedFeatureViewException">This code's encoder is not the stored view's.</exception>
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
    /// Encodes the raw values of a dataset's rows once more, since a view may read codes that were stored with the rows when they came: raw
    /// values that were rewritten afterwards no longer lead to what the model learned.
    /// </summary>
    /// <returns>How many rows are encoded otherwise than their values say, and the first of them ("titanic3 17"), in canonical order.</returns>
    public async Task<(int Rows, string? First)> FindEncodingMismatches(TrainingDatasetDefinition definition, CancellationToken cancellation)
    {
        await using var command = Query(
            $"""
            select p.source || ' ' || p.source_key, p.pclass, p.sex, p.age, p.fare, {definition.View.Columns}
            {LabelledPassengers}
            order by p.source, p.source_key
            """, definition);
        var (rows, first) = (0, (string?)null);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var encoded = definition.View.Encode(
                reader.GetInt16(1), SexConverter.Read(reader.GetString(2)),
                reader.IsDBNull(3) ? null : reader.GetDouble(3), reader.IsDBNull(4) ? null : reader.GetDouble(4));
            if (encoded.AsSpan().SequenceEqual(definition.View.ReadPoint(reader, 5)))
                continue;
            rows++;
            first ??= reader.GetString(0);
        }
        return (rows, first);
    }

    /// <summary>How many passengers two datasets share, and how many only one of them holds. Counted by PostgreSQL; no row travels.</summary>
    public async Task<DatasetDifference> Difference(TrainingDataset first, TrainingDataset second, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            $"""
            with first as (select p.passenger_id, p.commit_id, o.survived {LabelledPassengers.Replace("@", "@first_", StringComparison.Ordinal)}),
            second as (select p.passenger_id, p.commit_id, o.survived {LabelledPassengers.Replace("@", "@second_", StringComparison.Ordinal)})
            select count(*) filter (where second.passenger_id is null), count(*) filter (where first.passenger_id is null),
                   count(*) filter (where first.passenger_id = second.passenger_id and (first.commit_id, first.survived) = (second.commit_id, second.survived)),
                   count(*) filter (where first.passenger_id = second.passenger_id and (first.commit_id, first.survived) <> (second.commit_id, second.survived))
            from first full join second on first.passenger_id = second.passenger_id
            """);
        Add(command, "first_", first);
        Add(command, "second_", second);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new DatasetDifference(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    private static void Add(NpgsqlCommand command, string prefix, TrainingDataset dataset)
    {
        command.Parameters.AddWithValue($"{prefix}as_of", dataset.AsOfCommitId);
        command.Parameters.AddWithValue($"{prefix}known_before", dataset.KnownBefore);
        command.Parameters.AddWithValue($"{prefix}sources", dataset.Sources);
    }

    /// <summary>
    /// The same rows as those of the dataset, but only people of the historical list, found by an index of their own: nobody else is named
    /// anywhere. The newest outcome that had been stored and was known by then is looked up passenger by passenger.
    /// </summary>
    private const string HistoricalPassengers =
        $"""
        from training_datasets d
        join passengers p on p.source = '{PassengerSources.Titanic3}' and p.source = any (d.sources)
         and p.commit_id <= d.as_of_commit_id and (p.superseded_by is null or p.superseded_by > d.as_of_commit_id)
        cross join lateral (
            select o.survived from outcomes o
            where o.passenger_id = p.passenger_id and o.commit_id <= d.as_of_commit_id and o.known_at < d.known_before
            order by o.commit_id desc limit 1) o
        where d.training_dataset_id = @dataset and (p.pclass, p.sex) in (select * from unnest(@classes, @sexes))
        order by p.passenger_id
        """;

    /// <summary>The people of the historical list whom a dataset holds, of some classes and sexes, in the order of the list.</summary>
    /// <param name="view">The dataset's.</param>
    public async Task<IReadOnlyList<HistoricalRow>> HistoricalRows(
        long trainingDatasetId, ITrainingView view, IReadOnlyCollection<(int Pclass, Sex Sex)> kinds, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand($"select p.source_key, p.name, o.survived, p.pclass, p.sex, p.age, p.fare, {view.Columns} {HistoricalPassengers}");
        command.Parameters.AddWithValue("dataset", trainingDatasetId);
        command.Parameters.AddWithValue("classes", NpgsqlDbType.Array | NpgsqlDbType.Smallint, kinds.Select(kind => (short)kind.Pclass).ToArray());
        command.Parameters.AddWithValue("sexes", kinds.Select(kind => SexConverter.Format(kind.Sex)).ToArray());
        var people = new List<HistoricalRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            people.Add(new HistoricalRow(
                reader.GetString(0), reader.IsDBNull(1) ? "" : reader.GetString(1), reader.GetBoolean(2), reader.GetInt16(3), SexConverter.Read(reader.GetString(4)),
                reader.IsDBNull(5) ? null : reader.GetDouble(5), reader.IsDBNull(6) ? null : reader.GetDouble(6), view.ReadPoint(reader, 7)));
        }
        return people;
    }
}

/// <summary>A training dataset as it was stored, and as its definition reads now.</summary>
/// <param name="StoredSha256">Lower-case hexadecimal, like <paramref name="ReadSha256"/>.</param>
/// <param name="Duration">Of reading.</param>
public sealed record TrainingDatasetComparison(
    long TrainingDatasetId, string StoredSha256, string ReadSha256, int StoredRows, int ReadRows, int StoredSurvivors, int ReadSurvivors, TimeSpan Duration)
{
    public bool IsEqual => StoredSha256 == ReadSha256;
}

/// <summary>Passengers of two training datasets.</summary>
/// <param name="Changed">In both, but with another row version or another outcome.</param>
public sealed record DatasetDifference(long OnlyFirst, long OnlySecond, long Same, long Changed)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Same:#,##0} rows are the same in both, {OnlyFirst:#,##0} are only in the first, {OnlySecond:#,##0} only in the second, {Changed:#,##0} were corrected in between.");
}

/// <summary>A person of the historical list as a training dataset holds them.</summary>
/// <param name="Features">The encoded values in the order of the view's features.</param>
public sealed record HistoricalRow(
    string SourceKey, string Name, bool Survived, int Pclass, Sex Sex, double? AgeInYears, double? FareInPounds, double[] Features);
