using System.Data;
using Npgsql;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring.Rollups;

/// <summary>Compares the roll-ups with the predictions and outcomes that they were counted from.</summary>
public sealed class RollupVerification(NpgsqlDataSource postgres)
{
    /// <summary>Maximum number of differences that are described for each roll-up.</summary>
    public const int MaximumDescribed = 20;

    /// <summary>Compares every row of every roll-up, in one snapshot, with counts of the rows as of the counted state.</summary>
    public async Task<IReadOnlyList<VerifiedRollup>> Verify(CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var counted = await RollupState.Read(connection, cancellation);
        await using var command = new NpgsqlCommand(CompareAll, connection) { CommandTimeout = 0 }; // reads all predictions
        command.Parameters.AddWithValue("commit", counted.AsOfCommitId);
        command.Parameters.AddWithValue("prediction", counted.LastPredictionId);
        command.Parameters.AddWithValue("settled", counted.SettledBefore);
        var rollups = new List<VerifiedRollup>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            rollups.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetFieldValue<string[]>(4)));
        return rollups;
    }

    private const string Live = "case a.is_live when true then 'live ' when false then 'in-sample ' else '' end";

    private const string CellKey = $"format('%s %s %sversion %s class %s %s %s %s', a.logical_date, a.source, {Live}, a.model_version, a.pclass, a.sex, a.survived, a.probability)";
    private const string CellNumbers = "format('%s predictions, outcomes: %s died, %s survived', a.predictions, a.outcome_died, a.outcome_survived)";

    private const string KeyOfPerformance = $"format('%s %s', a.logical_date, trim({Live}))";
    private const string NumbersOfPerformance =
        "format('%s predictions, TN %s, FP %s, FN %s, TP %s', a.predictions, a.true_negatives, a.false_positives, a.false_negatives, a.true_positives)";

    private const string KeyOfVolume = "format('%s %s', a.logical_date, a.source)";
    private const string NumbersOfVolume = "format('%s predictions, %s survived', a.answers, a.surviving)";

    /// <summary>Floating-point sums depend on the order of the rows, so they may differ by one part in a billion.</summary>
    private static readonly string CompareAll =
        $"""
        with counted as materialized (
            select {RollupSql.Values}, {RollupSql.Counts}
            from predictions a
            left join outcomes o on o.passenger_id = a.passenger_id and o.commit_id <= @commit and (o.superseded_by is null or o.superseded_by > @commit)
            where (a.source = '{PredictionSources.Batch}' and a.prediction_id <= @prediction) or (a.source <> '{PredictionSources.Batch}' and a.logical_date < @settled)
            group by {RollupSql.Values}
        ), performance as (
            select {RollupSql.PerformanceOfCells} from counted a where a.is_live is not null group by a.logical_date, a.is_live
        ), volume as (
            select {RollupSql.VolumeOfCells} from counted a group by a.logical_date, a.source
        ), compared as (
            {Compare("prediction_cells", RollupSql.StoredCells, "counted", CellKey, CellNumbers, "0")}
            union all
            {Compare("daily_performance", "daily_performance a", "performance", KeyOfPerformance, NumbersOfPerformance, "a.squared_error")}
            union all
            {Compare("daily_answers", "daily_answers a", "volume", KeyOfVolume, NumbersOfVolume, "a.probability_sum")}
        )
        select rollup, (select coalesce(sum(predictions), 0) from counted)::int8, count(key), count(*) filter (where differs),
               coalesce((array_agg(key || ': stored ' || stored || '; counted ' || counted order by key) filter (where differs))[1:{MaximumDescribed}], array[]::text[])
        from unnest(array['prediction_cells', 'daily_performance', 'daily_answers']) rollup left join compared using (rollup)
        group by rollup order by rollup
        """;

    private static string Compare(string rollup, string stored, string counted, string key, string numbers, string sum) =>
        $"""
        select '{rollup}' as rollup, key, coalesce(s.numbers || ', sum ' || s.sum, 'nothing') as stored, coalesce(c.numbers || ', sum ' || c.sum, 'nothing') as counted,
               s.numbers is distinct from c.numbers or abs(s.sum - c.sum) > 1e-9 * greatest(1, abs(c.sum)) as differs
        from (select {key} as key, {numbers} as numbers, {sum} as sum from {stored}) s
        full join (select {key} as key, {numbers} as numbers, {sum} as sum from {counted} a) c using (key)
        """;
}

/// <summary>The result of comparing one roll-up.</summary>
/// <param name="Name">The table.</param>
/// <param name="Predictions">Number of predictions that were counted.</param>
/// <param name="Rows">Number of compared rows.</param>
/// <param name="Differences">Number of rows with different numbers, and of missing and extra rows.</param>
/// <param name="Described">The first differences.</param>
public sealed record VerifiedRollup(string Name, long Predictions, long Rows, long Differences, IReadOnlyList<string> Described);
