using System.Data;
using Npgsql;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring.Rollups;

/// <summary>Opens snapshots of the roll-ups.</summary>
public sealed class RollupReader(NpgsqlDataSource postgres)
{
    /// <summary>Opens a snapshot and reads what has changed since the roll-ups were counted.</summary>
    public Task<RollupSnapshot> Open(CancellationToken cancellation) => Open(asOf: null, cancellation);

    /// <summary>Opens a snapshot of an instant.</summary>
    /// <param name="asOf">
    /// The instant, inclusive; null means now. As of an earlier instant all batch predictions of that time are read, and those of the page and
    /// the API of the last <see cref="PredictionVolume.PeriodDays"/> days.
    /// </param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<RollupSnapshot> Open(DateTimeOffset? asOf, CancellationToken cancellation)
    {
        var connection = await postgres.OpenConnectionAsync(cancellation);
        try
        {
            return asOf is { } instant ? await RollupSnapshot.ReadAsOf(connection, instant, cancellation) : await RollupSnapshot.Read(connection, cancellation);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}

/// <summary>
/// Predictions and outcomes as known at one instant: what is counted, plus what has changed since. All reads of a snapshot agree. Their cost
/// depends on the number of distinct inputs by day and on the changes since the last monitoring run, not on the number of predictions.
/// </summary>
public sealed class RollupSnapshot : IAsyncDisposable
{
    /// <summary>
    /// Changed outcomes of counted predictions, with the difference to what is counted; then predictions of batch inference that are not
    /// counted; then those of the page and the API, at most <see cref="PredictionSql.MaximumCountedRows"/> for each.
    /// </summary>
    private static readonly string SelectChanges = FormattableString.Invariant(
        $"""
        select {RollupSql.Values}, 0,
               sum((n.survived is false)::int - (o.survived is false)::int)::int, sum((n.survived is true)::int - (o.survived is true)::int)::int
        from {RollupSql.ChangedOutcomes} changed
        join predictions a on a.passenger_id = changed.passenger_id and a.prediction_id <= @prediction
        left join outcomes o on o.passenger_id = a.passenger_id and o.commit_id <= @commit and (o.superseded_by is null or o.superseded_by > @commit)
        left join outcomes n on n.passenger_id = a.passenger_id and n.superseded_by is null
        where n.survived is distinct from o.survived
        group by {RollupSql.Values}
        union all
        select {RollupSql.Values}, {RollupSql.Counts}
        from predictions a
        left join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
        where a.source = '{PredictionSources.Batch}' and a.prediction_id > @prediction
        group by {RollupSql.Values}
        union all
        {SelectUncounted(PredictionSources.Page)}
        union all
        {SelectUncounted(PredictionSources.Api)}
        """);

    /// <summary>The newest predictions of the page or the API of the days that are not counted, through the index of the source.</summary>
    private static string SelectUncounted(string source) => FormattableString.Invariant(
        $"""
        select {RollupSql.Values}, count(*)::int, 0, 0
        from (
            select * from predictions p
            where p.source = '{source}' and p.prediction_id >= @online and p.logical_date >= @settled
            order by p.prediction_id desc
            limit {PredictionSql.MaximumCountedRows}) a
        group by {RollupSql.Values}
        """);

    /// <summary>
    /// As of an earlier instant: the counted predictions of the page and the API, which have no outcomes and do not change, and those of the
    /// days that are not counted or were not over.
    /// </summary>
    private static readonly string SelectRequestsAsOf = FormattableString.Invariant(
        $"""
        select {RollupSql.Values}, a.predictions, 0, 0
        from {RollupSql.StoredCells}
        where a.source <> '{PredictionSources.Batch}' and a.logical_date >= @first and a.logical_date < @settled
        union all
        {SelectUncountedAsOf(PredictionSources.Page)}
        union all
        {SelectUncountedAsOf(PredictionSources.Api)}
        """);

    private static string SelectUncountedAsOf(string source) => FormattableString.Invariant(
        $"""
        select {RollupSql.Values}, count(*)::int, 0, 0
        from (
            select * from predictions p
            where p.source = '{source}' and p.logical_date >= @settled and p.logical_date <= @last and p.created_at <= @instant
            order by p.prediction_id desc
            limit {PredictionSql.MaximumCountedRows}) a
        group by {RollupSql.Values}
        """);

    private readonly NpgsqlConnection _connection;
    private readonly bool _isEarlier;
    private readonly IReadOnlyList<PredictionCell> _changes;
    private readonly DateOnly _settledBefore;
    private readonly IReadOnlyList<string> _incompleteSources;

    /// <param name="connection">A connection with a transaction.</param>
    /// <param name="isEarlier">Whether the cells are all cells of an earlier instant; else they are the differences to what is counted.</param>
    /// <param name="settledBefore">See <see cref="RollupState.SettledBefore"/>.</param>
    /// <param name="changes">The cells.</param>
    private RollupSnapshot(NpgsqlConnection connection, bool isEarlier, DateOnly settledBefore, IReadOnlyList<PredictionCell> changes)
    {
        (_connection, _isEarlier, _settledBefore, _changes) = (connection, isEarlier, settledBefore, changes);
        _incompleteSources = [.. changes.Where(cell => cell.Source != PredictionSources.Batch).GroupBy(cell => cell.Source)
            .Where(source => source.Sum(cell => cell.Predictions) >= PredictionSql.MaximumCountedRows).Select(source => source.Key)];
    }

    internal static async Task<RollupSnapshot> Read(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation); // ends with the connection
        var counted = await RollupState.Read(connection, cancellation);
        await using var command = new NpgsqlCommand(SelectChanges, connection);
        command.Parameters.AddWithValue("commit", counted.AsOfCommitId);
        command.Parameters.AddWithValue("prediction", counted.LastPredictionId);
        command.Parameters.AddWithValue("settled", counted.SettledBefore);
        command.Parameters.AddWithValue("online", await FindFirstUncounted(connection, counted.SettledBefore, cancellation));
        return new RollupSnapshot(connection, isEarlier: false, counted.SettledBefore, await ReadAll(command, ReadCell, cancellation));
    }

    internal static async Task<RollupSnapshot> ReadAsOf(NpgsqlConnection connection, DateTimeOffset instant, CancellationToken cancellation)
    {
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation); // ends with the connection
        var counted = await RollupState.Read(connection, cancellation);
        var last = DateOnly.FromDateTime(instant.UtcDateTime);
        var first = last.AddDays(1 - PredictionVolume.PeriodDays);
        var settled = counted.SettledBefore < first ? first : counted.SettledBefore < last ? counted.SettledBefore : last;
        await using var command = new NpgsqlCommand($"{PredictionSql.DailyCellsAsOf(instant)}\nunion all\n{SelectRequestsAsOf}", connection);
        command.Parameters.AddWithValue("instant", instant);
        command.Parameters.AddWithValue("first", first);
        command.Parameters.AddWithValue("settled", settled);
        command.Parameters.AddWithValue("last", last);
        return new RollupSnapshot(connection, isEarlier: true, settled, await ReadAll(command, ReadCell, cancellation));
    }

    private static PredictionCell ReadCell(NpgsqlDataReader row) => new()
    {
        LogicalDate = row.GetFieldValue<DateOnly>(0),
        Source = row.GetString(1),
        IsLive = row.IsDBNull(2) ? null : row.GetBoolean(2),
        ModelVersion = row.GetInt32(3),
        Pclass = row.GetInt16(4),
        Sex = SexConverter.Parse(row.GetString(5)),
        Survived = row.GetBoolean(6),
        Probability = row.GetDouble(7),
        Predictions = row.GetInt32(8),
        OutcomeDied = row.GetInt32(9),
        OutcomeSurvived = row.GetInt32(10),
    };

    /// <summary>
    /// The smallest id of the days from one on, of any source. It is a separate statement, so that the planner knows the number and reads the
    /// newest predictions of a source only.
    /// </summary>
    private static async Task<long> FindFirstUncounted(NpgsqlConnection connection, DateOnly settledBefore, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select coalesce(min(ids.first), 0)
            from (select greatest(@settled, (select min(logical_date) from predictions)) as first, (select max(logical_date) from predictions) as last) days
            cross join generate_series(days.first::timestamp, days.last::timestamp, '1 day') day
            cross join lateral (select min(prediction_id) as first from predictions where logical_date = day::date) ids
            """, connection);
        command.Parameters.AddWithValue("settled", settledBefore);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>
    /// The predictions in the window of a filter, as of now only: cells to sum, of which several can be equal and numbers can be negative.
    /// </summary>
    /// <param name="filter">The filters for live status, outcome, predicted class, run and point in time are not set.</param>
    internal async Task<List<PerformanceCell>> ReadCells(PredictionFilter filter, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(PredictionSql.CountedCells(filter), _connection);
        var cells = new List<PerformanceCell>();
        await using (var rows = await command.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
                PerformanceCell.ReadArrays(rows, cells);
        }
        cells.AddRange(_changes.Where(filter.Selects).Select(PerformanceCell.Of));
        if (filter.Segment is null)
            return cells;
        var members = PassengerSegment.Members(filter.Segment);
        return [.. cells.Where(cell => members.Contains((cell.Pclass, cell.Sex)))];
    }

    /// <summary>The totals of batch predictions by day, oldest first.</summary>
    /// <param name="to">Last logical date; null for no limit.</param>
    public async Task<IReadOnlyList<DailyPerformance>> ReadDays(DateOnly? to, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select logical_date, is_live, predictions, true_negatives, false_positives, false_negatives, true_positives, squared_error
            from daily_performance where logical_date <= coalesce(@to, date 'infinity')
            """, _connection);
        command.Parameters.AddWithValue("to", (object?)to ?? DBNull.Value);
        var counted = _isEarlier ? [] : await ReadAll(command, row => new DailyPerformance
        {
            LogicalDate = row.GetFieldValue<DateOnly>(0),
            IsLive = row.GetBoolean(1),
            Predictions = row.GetInt32(2),
            TrueNegatives = row.GetInt32(3),
            FalsePositives = row.GetInt32(4),
            FalseNegatives = row.GetInt32(5),
            TruePositives = row.GetInt32(6),
            SquaredError = row.GetDouble(7),
        }, cancellation);
        return
        [
            .. counted.Concat(_changes.Where(cell => cell.IsLive is not null && (to is null || cell.LogicalDate <= to)).Select(DailyPerformance.Of))
                .GroupBy(day => (day.LogicalDate, day.IsLive)).OrderBy(day => day.Key.LogicalDate).Select(DailyPerformance.Sum),
        ];
    }

    /// <summary>The number of predictions by day and source, newest day first.</summary>
    public async Task<IReadOnlyList<DailyVolume>> ReadVolume(DateOnly since, DateOnly until, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select logical_date, source, answers, surviving, probability_sum from daily_answers where logical_date between @since and @until", _connection);
        command.Parameters.AddWithValue("since", since);
        command.Parameters.AddWithValue("until", until);
        var counted = _isEarlier ? [] : await ReadAll(
            command, row => new DailyVolume(row.GetFieldValue<DateOnly>(0), row.GetString(1), new(row.GetInt64(2), row.GetInt64(3), row.GetDouble(4), false)), cancellation);
        return
        [
            .. counted.Concat(_changes.Where(cell => cell.Predictions > 0 && cell.LogicalDate >= since && cell.LogicalDate <= until).Select(DailyVolume.Of))
                .GroupBy(day => (day.Day, day.Source)).OrderByDescending(day => day.Key.Day).ThenBy(day => day.Key.Source, StringComparer.Ordinal)
                .Select(day => new DailyVolume(
                    day.Key.Day, day.Key.Source, day.Aggregate(VolumeMetrics.None, (sum, one) => sum + one.Metrics) with { AreLowerBounds = day.Key.Day >= _settledBefore && _incompleteSources.Contains(day.Key.Source) })),
        ];
    }

    /// <summary>The sources that have more predictions in the window of a filter than are counted.</summary>
    internal IReadOnlyList<string> IncompleteSources(PredictionFilter filter) =>
        filter.To is { } to && to < _settledBefore ? [] : _incompleteSources;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<List<T>> ReadAll<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }
}
