using System.Data;
using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring.WhatIf;

/// <summary>Updates <see cref="DailyPolicyPerformance"/>.</summary>
public sealed class WhatIfRollup(NpgsqlDataSource postgres, WhatIfRows rows)
{
    /// <summary>
    /// Counts a day, and all other days whose outcomes, predictions or passengers have changed since they were counted. Requires that
    /// <see cref="PredictionRollup"/> has updated the live status.
    /// </summary>
    /// <param name="day">The day.</param>
    /// <param name="cancellation">Cancels and rolls back the refresh.</param>
    /// <returns>The days whose counts are new or changed, or whose state is newer than any stored one.</returns>
    /// <exception cref="InvalidDataException">The artifact of a version is corrupt; nothing is changed, and the days stay due.</exception>
    public async Task<IReadOnlyList<DateOnly>> Refresh(DateOnly day, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        // One snapshot for finding and counting: a commit between the two would be marked as counted although it was not.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (var wait = new NpgsqlCommand("lock table daily_policy_performance in share row exclusive mode", connection)) // takes no snapshot yet
            await wait.ExecuteNonQueryAsync(cancellation);
        var changed = new List<DateOnly>();
        foreach (var due in await ReadDueDays(connection, day, cancellation))
        {
            if (await Store(connection, due, await rows.Count(connection, due, asOfCommit: null, until: null, cancellation), cancellation))
                changed.Add(due);
        }
        await transaction.CommitAsync(cancellation);
        return changed;
    }

    /// <summary>The days whose outcomes, predictions or passengers have changed since they were counted.</summary>
    /// <param name="day">A further day; null for none.</param>
    internal static async Task<List<DateOnly>> ReadDueDays(NpgsqlConnection connection, DateOnly? day, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(FindDueDays, connection) { CommandTimeout = 0 }; // a large import can precede
        var (commit, prediction) = await ReadCounted(connection, cancellation);
        command.Parameters.AddWithValue("commit", commit);
        command.Parameters.AddWithValue("prediction", prediction);
        command.Parameters.AddWithValue("day", (object?)day ?? DBNull.Value);
        var days = new List<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            days.Add(reader.GetFieldValue<DateOnly>(0));
        return days;
    }

    /// <summary>The newest commit and the newest prediction that are counted.</summary>
    private static async Task<(long Commit, long Prediction)> ReadCounted(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select coalesce(max(as_of_commit_id), 0), coalesce(max(last_prediction_id), 0) from daily_policy_performance", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <returns>Whether the counts are new or changed, or the state is newer than any stored one.</returns>
    private static async Task<bool> Store(NpgsqlConnection connection, DateOnly day, PolicyCounts[] counts, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(StoreDay, connection);
        command.Parameters.AddWithValue("day", day);
        command.Parameters.AddWithValue("policies", ServingPolicies.All.ToArray());
        Add("rows", of => of.Rows);
        Add("correct", of => of.Correct);
        Add("only_served", of => of.OnlyServedCorrect);
        Add("only_policy", of => of.OnlyPolicyCorrect);
        Add("left_out", of => of.LeftOut);
        command.Parameters.AddWithValue("squared_error", NpgsqlDbType.Array | NpgsqlDbType.Double, counts.Select(of => of.SquaredError).ToArray());
        return await command.ExecuteNonQueryAsync(cancellation) > 0;

        void Add(string name, Func<PolicyCounts, int> value) =>
            command.Parameters.AddWithValue(name, NpgsqlDbType.Array | NpgsqlDbType.Integer, counts.Select(value).ToArray());
    }

    private const string FindDueDays =
        $"""
        with {LiveStatus.Affected}
        select @day::date as day where exists (select from predictions a where a.logical_date = @day and a.passenger_id is not null)
        union
        select a.logical_date from {RollupSql.ChangedOutcomes} changed join predictions a on a.passenger_id = changed.passenger_id
        union
        select a.logical_date from affected join predictions a on a.passenger_id = affected.passenger_id
        order by day
        """;

    // Rows with unchanged counts are not updated, so that counting again changes nothing. The state is that of the live status: a correction
    // after it makes the day due again. The newest state is always stored: if it stayed behind because all counts are equal, each page would
    // count the days that are due since then.
    private const string StoreDay =
        """
        insert into daily_policy_performance as d (
            logical_date, policy, rows, correct, only_served_correct, only_policy_correct, squared_error, left_out, as_of_commit_id, last_prediction_id)
        select @day, c.*, s.as_of_commit_id, s.last_prediction_id
        from unnest(@policies, @rows, @correct, @only_served, @only_policy, @squared_error, @left_out) c, rollup_state s
        on conflict (logical_date, policy) do update
        set rows = excluded.rows, correct = excluded.correct, only_served_correct = excluded.only_served_correct, only_policy_correct = excluded.only_policy_correct,
            squared_error = excluded.squared_error, left_out = excluded.left_out, as_of_commit_id = excluded.as_of_commit_id, last_prediction_id = excluded.last_prediction_id
        where (d.rows, d.correct, d.only_served_correct, d.only_policy_correct, d.squared_error, d.left_out)
            is distinct from (excluded.rows, excluded.correct, excluded.only_served_correct, excluded.only_policy_correct, excluded.squared_error, excluded.left_out)
            or excluded.as_of_commit_id > (select max(as_of_commit_id) from daily_policy_performance)
            or excluded.last_prediction_id > (select max(last_prediction_id) from daily_policy_performance)
        """;
}
