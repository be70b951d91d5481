using Npgsql;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Every commit writes statistics, by adding to those before it. A store that was filled before there were any has none to add to: they are
/// counted once over all its rows, and stand with its newest commit.
/// </summary>
public static class MissingStatistics
{
    private const string AreMissing =
        "select exists (select from (select max(commit_id) as commit_id from commits) newest join commits using (commit_id) left join feature_statistics s using (commit_id) where s.commit_id is null)";

    private const string TakeAllRowsForNew =
        """
        create temp table matched on commit drop as
        select p.source, p.pclass, p.sex, p.age, p.fare, o.survived, null::boolean as known_survived, true as is_new, false as is_changed,
               false as is_deleted, o.survived is not null as is_outcome_new,
               null::smallint as known_pclass, null::text as known_sex, null::float8 as known_age, null::float8 as known_fare
        from passengers p
        left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
        where p.superseded_by is null
        """;

    /// <summary>Costs one look at an index where nothing is missing.</summary>
    public static async Task Fill(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        await using var work = await IngestionTransaction.Begin(postgres, cancellation);
        if (!await work.Scalar<bool>(AreMissing))
            return;
        await work.AcquireCommitLock();
        await work.Execute("delete from feature_statistics");
        await work.Execute("delete from feature_values");
        await work.Execute(TakeAllRowsForNew);
        await StatisticsOfCommit.Record(work, await work.Scalar<long>("select max(commit_id) from commits"));
        await work.Commit();
    }
}
