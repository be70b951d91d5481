using System.Globalization;
using NpgsqlTypes;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Computes the <see cref="FeatureStatistics"/> of a commit incrementally: the previous statistics plus the new values minus the
/// superseded ones. The cost depends on the rows that the commit changes, not on the rows that are stored.
/// </summary>
internal static class CommitStatistics
{
    /// <summary>
    /// Writes the statistics of a commit for its sources and for <see cref="FeatureStatistics.All"/>. It must be called after the
    /// changes have been applied; it requires the temporary table <c>matched</c>.
    /// </summary>
    /// <param name="work">The transaction of the ingestion.</param>
    /// <param name="commit">The id of the commit.</param>
    public static async Task Record(IngestionTransaction work, long commit)
    {
        Npgsql.NpgsqlParameter[] values =
        [
            new("commit", NpgsqlDbType.Bigint) { Value = commit },
            new("ranks", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = FeatureStatistics.PercentileRanks.ToArray() },
        ];
        foreach (var statement in (string[])[CollectChanges, InsertStatistics, UpsertValues, DeleteUnusedValues, RecomputeExtremes, UpdatePercentiles])
            await work.Execute(statement, values);
    }

    private static readonly string SexCode = $"(sex = '{SexConverter.Format(Sex.Female)}')::int";

    private static readonly string Features = string.Join(", ", FeatureGroup.Features.Select(feature => string.Create(
        CultureInfo.InvariantCulture,
        $"('{feature.Name}', {feature.IsNumeric}, array[{string.Join(',', feature.HistogramEdges)}]::float8[], {feature.Bins})")));

    /// <summary>
    /// Counts the changed rows by scope, feature and value (rounded to hundredths), with exact sums in ten-thousandths: new values
    /// count +1, superseded ones -1. The other features have few distinct values and are grouped first; fares have many and are grouped
    /// separately.
    /// </summary>
    private static readonly string CollectChanges =
        $"""
        create temp table changed_values on commit drop as
        with changes as (
            select 1 as sign, source, pclass, sex, age, fare, coalesce(survived, known_survived) as survived
            from matched where is_new or is_changed or is_outcome_new
            union all
            select -1, source, known_pclass, known_sex, known_age, known_fare, known_survived
            from matched where is_deleted or (not is_new and (is_changed or is_outcome_new))
        ), few as (
            select source, survived, sign, pclass, sex, age, count(*) as n from changes group by 1, 2, 3, 4, 5, 6
        ), cells as (
            select source, survived, sign, f.feature, round(f.value * 100) as cell, n, n * x.value as v, n * x.value * x.value as vv,
                   f.value as least, f.value as greatest
            from few
            cross join lateral (values ('pclass', pclass::float8), ('sex', {SexCode}::float8), ('age', age), ('survived', survived::int::float8)) f(feature, value)
            cross join lateral (select round(f.value * 10000)::bigint as value) x
            where f.value is not null
            union all
            select source, survived, sign, 'fare', round(fare * 100), count(*), sum(round(fare * 10000)::bigint),
                   sum(round(fare * 10000)::bigint * round(fare * 10000)::bigint), min(fare), max(fare)
            from changes where fare is not null group by 1, 2, 3, 5
        ), by_source as (
            select source as scope, feature, cell / 100 as value,
                   sum(sign * n) as rows, sum(sign * v) as sum_value, sum(sign * vv) as sum_square,
                   coalesce(sum(sign * n) filter (where survived is not null), 0) as labelled,
                   coalesce(sum(sign * v) filter (where survived is not null), 0) as labelled_value,
                   coalesce(sum(sign * vv) filter (where survived is not null), 0) as labelled_square,
                   coalesce(sum(sign * n) filter (where survived), 0) as survivors,
                   coalesce(sum(sign * v) filter (where survived), 0) as survivor_value,
                   min(least) filter (where sign > 0) as least, max(greatest) filter (where sign > 0) as greatest,
                   min(least) filter (where sign < 0) as least_gone, max(greatest) filter (where sign < 0) as greatest_gone
            from cells
            group by 1, 2, 3
        )
        select * from by_source
        union all
        select 'all', feature, value, sum(rows), sum(sum_value), sum(sum_square), sum(labelled), sum(labelled_value), sum(labelled_square), sum(survivors),
               sum(survivor_value), min(least), max(greatest), min(least_gone), max(greatest_gone)
        from by_source group by feature, value
        """;

    private static readonly string InsertStatistics =
        $"""
        insert into feature_statistics (
            commit_id, scope, feature, count, num_null_values, min, max, mean, std_dev, percentiles, approx_num_distinct_values, histogram, top_values,
            correlation_with_outcome, sums_value, sums_square, sums_labelled, sums_labelled_value, sums_labelled_square, sums_survivors, sums_survivor_value)
        with scopes as (
            select scope, sum(rows) filter (where feature = 'pclass') as rows from changed_values group by scope
        ), totals as (
            select s.scope, f.feature, f.bins, f.edges, before.histogram as histogram_before,
                   coalesce(before.count, 0) + coalesce(s.rows, 0) as count,
                   coalesce(before.count - before.num_null_values, 0) + coalesce(d.rows, 0) as n,
                   least(before.min, d.least) as least, greatest(before.max, d.greatest) as greatest,
                   coalesce(before.approx_num_distinct_values, 0) + coalesce(d.distinct_values, 0) as distinct_values,
                   coalesce(before.sums_value, 0) + coalesce(d.sum_value, 0) as v,
                   coalesce(before.sums_square, 0) + coalesce(d.sum_square, 0) as vv,
                   coalesce(before.sums_labelled, 0) + coalesce(d.labelled, 0) as l,
                   coalesce(before.sums_labelled_value, 0) + coalesce(d.labelled_value, 0) as lv,
                   coalesce(before.sums_labelled_square, 0) + coalesce(d.labelled_square, 0) as lvv,
                   coalesce(before.sums_survivors, 0) + coalesce(d.survivors, 0) as s,
                   coalesce(before.sums_survivor_value, 0) + coalesce(d.survivor_value, 0) as sv
            from scopes s
            cross join (values {Features}) f(feature, is_numeric, edges, bins)
            left join lateral (
                select * from feature_statistics b where b.scope = s.scope and b.feature = f.feature order by b.commit_id desc limit 1) before on true
            left join lateral (
                select sum(c.rows) as rows, sum(sum_value) as sum_value, sum(sum_square) as sum_square, sum(labelled) as labelled,
                       sum(labelled_value) as labelled_value, sum(labelled_square) as labelled_square, sum(survivors) as survivors,
                       sum(survivor_value) as survivor_value, min(least) as least, max(greatest) as greatest,
                       count(*) filter (where v.rows is null and c.rows > 0) - count(*) filter (where v.rows + c.rows = 0) as distinct_values
                from changed_values c
                left join feature_values v on v.scope = c.scope and v.feature = c.feature and v.value = c.value
                where c.scope = s.scope and c.feature = f.feature) d on true
        )
        select @commit, scope, feature, count, count - n, case when n > 0 then least end, case when n > 0 then greatest end,
               v / 10000 / nullif(n, 0), sqrt(n * vv - v * v) / 10000 / nullif(n, 0), null, distinct_values,
               (select array_agg(coalesce(t.histogram_before[bin], 0) + coalesce(came.rows, 0) order by bin)
                from generate_series(1, t.bins) bin
                left join (select least(width_bucket(c.value, t.edges), t.bins) as bin, sum(c.rows) as rows
                           from changed_values c where c.scope = t.scope and c.feature = t.feature group by 1) came using (bin)),
               '[]',
               case when feature <> 'survived' then (l * sv - lv * s) / nullif(sqrt((l * lvv - lv * lv) * (l * s - s * s)), 0) end,
               v, vv, l, lv, lvv, s, sv
        from totals t
        """;

    private const string UpsertValues =
        """
        insert into feature_values as v (scope, feature, value, rows)
        select scope, feature, value, rows from changed_values where rows <> 0
        on conflict (scope, feature, value) do update set rows = v.rows + excluded.rows
        """;

    private const string DeleteUnusedValues =
        """
        delete from feature_values v using changed_values c
        where v.scope = c.scope and v.feature = c.feature and v.value = c.value and c.rows < 0 and v.rows = 0
        """;

    // If the minimum or the maximum was superseded and did not occur again, it is computed from all rows. This is rare.
    private static readonly string RecomputeExtremes =
        $"""
        update feature_statistics s
        set (min, max) = (
            select min(value), max(value)
            from passengers p
            left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
            cross join lateral (select case s.feature when 'pclass' then p.pclass when 'sex' then {SexCode} when 'age' then p.age
                                                      when 'fare' then p.fare else o.survived::int end::float8 as value) f
            where p.superseded_by is null and (s.scope = 'all' or p.source = s.scope))
        where s.commit_id = @commit and exists (
            select from changed_values c
            where c.scope = s.scope and c.feature = s.feature
              and ((c.least_gone <= s.min and c.least_gone < coalesce(c.least, 'infinity'))
                or (c.greatest_gone >= s.max and c.greatest_gone > coalesce(c.greatest, '-infinity'))))
        """;

    /// <summary>
    /// Computes percentiles by the nearest-rank method and the most frequent values. The histogram determines the bin of a rank, the
    /// values of the bin determine the percentile.
    /// </summary>
    private static readonly string UpdatePercentiles =
        $"""
        with written as (
            select s.scope, s.feature, s.histogram, s.count - s.num_null_values as n, f.is_numeric, f.edges, f.bins
            from feature_statistics s
            join (values {Features}) f(feature, is_numeric, edges, bins) using (feature)
            where s.commit_id = @commit
        ), bins as (
            select w.scope, w.feature, h.bin, sum(h.rows) over (partition by w.scope, w.feature order by h.bin) - h.rows as before, h.rows,
                   w.edges[h.bin] as least, case when h.bin = w.bins then 'infinity' else w.edges[h.bin + 1] end as most
            from written w
            cross join lateral unnest(w.histogram) with ordinality h(rows, bin)
            where w.is_numeric
        ), places as (
            select w.scope, w.feature, r.rank, ceil(r.rank * w.n / 100.0) as place from written w cross join unnest(@ranks) r(rank) where w.n > 0
        ), found as (
            select p.scope, p.feature, array_agg(v.value order by p.rank) as percentiles
            from places p
            join bins b on b.scope = p.scope and b.feature = p.feature and p.place > b.before and p.place <= b.before + b.rows
            cross join lateral (
                select value
                from (select value, b.before + sum(rows) over (order by value) as through
                      from feature_values where scope = p.scope and feature = p.feature and value >= b.least and value < b.most) inside
                where through >= p.place order by value limit 1) v
            group by p.scope, p.feature
        )
        update feature_statistics s
        set percentiles = (select f.percentiles from found f where f.scope = s.scope and f.feature = s.feature),
            top_values = (
                select coalesce(jsonb_agg(jsonb_build_object('value', value, 'rows', rows) order by rows desc, value), '[]')
                from (select value, rows from feature_values v where v.scope = s.scope and v.feature = s.feature
                      order by v.rows desc, v.value limit 5) most)
        where s.commit_id = @commit
        """;
}
