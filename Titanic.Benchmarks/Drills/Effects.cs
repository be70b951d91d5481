using Npgsql;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Pipelines;

namespace Titanic.Benchmarks.Drills;

/// <summary>Verifies that the runs of a drill have had each of their effects exactly once.</summary>
internal static class Effects
{
    /// <summary>Rows that are missing or stored twice, whatever was done to the processes. Each row: what, and how often.</summary>
    private const string Violations =
        """
        select 'pipelines and dates without a successful run, or with more than one: ' || coalesce(string_agg(due || ' ' || day::date || ' ' || succeeded, ', '), ''), count(*)
        from generate_series(@first, @last, interval '1 day') day cross join unnest(@pipelines) due
        cross join lateral (select count(*) as succeeded from runs r where r.pipeline = due and r.logical_date = day::date and r.status = 'Succeeded' and r.trigger <> 'Bootstrap') runs
        where succeeded > 1 or (succeeded = 0 and not (due = any (@latest_only) and day < @last))
        union all
        select 'days without exactly one commit of the stream', count(*)
        from generate_series(@first, @last, interval '1 day') day
        where 10 <> (select count(*) from passengers p where p.source = 'synthetic' and p.superseded_by is null and p.event_time::date = day::date)
        union all
        select 'passengers of the stream without exactly one prediction', count(*)
        from passengers p where p.source = 'synthetic' and p.superseded_by is null
            and 1 <> (select count(*) from predictions a where a.passenger_id = p.passenger_id)
        union all
        select 'training runs with more than one version', count(*) from (select run_id from model_versions group by run_id having count(*) > 1) twice
        union all
        select 'dates without exactly one look of the detectors', count(*) -- the first date starts their period
        from generate_series(@first + interval '1 day', @last, interval '1 day') day where 1 <> (select count(*) from drift_looks l where l.logical_date = day::date)
        union all
        select 'versions audited twice for a date', count(*) from (select 1 from reproductions where audit_date is not null group by version, audit_date having count(*) > 1) twice
        union all
        select 'reproductions with a difference', count(*) from reproductions where verdict <> 'Reproduced'
        union all
        select 'runs with more than one commit', count(*) from (select run_id from commits where run_id is not null group by run_id having count(*) > 1) twice
        """;

    /// <summary>
    /// Everything that the runs have computed, as text, without times and ids that depend on the interruptions, and without the champion of a
    /// look: monitoring and training of a day do not wait for each other.
    /// </summary>
    private const string Computed =
        """
        select 'passenger ' || concat_ws(' ', p.source_key, p.name, p.pclass, p.sex, p.age, p.fare, p.event_time, o.survived)
        from passengers p left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
        where p.source = 'synthetic' and p.superseded_by is null
        union all
        select 'prediction ' || concat_ws(' ', p.source_key, a.logical_date, a.model_version, a.survived, a.probability, a.is_live)
        from predictions a join passengers p on p.passenger_id = a.passenger_id and p.superseded_by is null where p.source = 'synthetic'
        union all
        select 'look ' || concat_ws(' ', logical_date, number, rows, correct) from drift_looks
        union all
        select 'version ' || concat_ws(' ', version, verdict, artifact_sha256) from model_versions
        """;

    /// <summary>Prints the violations, the differences of the roll-ups from the rows, and the differences from the same days without failures.</summary>
    public static async Task Verify(string drill, BenchmarkDatabase database, BenchmarkDatabase undisturbed, int days)
    {
        await CountViolations(drill, database.DataSource, DrilledWorkflow.FirstDay, DrilledWorkflow.FirstDay.AddDays(days - 1));
        await using (var product = new BenchmarkProduct(database, TimeProvider.System, DrilledWorkflow.Settings))
        {
            var rollups = await product.InScope<RollupVerification, IReadOnlyList<VerifiedRollup>>(rollup => rollup.Verify(CancellationToken.None));
            BenchmarkResult.AtMost($"drills-{drill}-rollup-differences", rollups.Sum(rollup => rollup.Differences), "rows", 0);
        }
        await using (var product = new BenchmarkProduct(undisturbed, TimeProvider.System, DrilledWorkflow.Settings))
        {
            for (var day = 0; day < days; day++)
            {
                foreach (var pipeline in PipelineNames.Daily)
                    await product.Run(new RunRequest(pipeline, DrilledWorkflow.FirstDay.AddDays(day), RunTrigger.Api));
            }
        }
        var (computed, expected) = (await ReadComputed(database), await ReadComputed(undisturbed));
        Console.WriteLine($"# {drill}: {computed.Count} passengers, predictions, versions and looks in {days} days");
        computed.SymmetricExceptWith(expected);
        foreach (var difference in computed.Take(5))
            Console.WriteLine($"# {drill}: {(expected.Contains(difference) ? "missing" : "other")}: {difference}");
        BenchmarkResult.AtMost($"drills-{drill}-different-effects", computed.Count, "rows", 0);
    }

    /// <summary>Prints the rows that are missing or stored twice.</summary>
    public static async Task CountViolations(string drill, NpgsqlDataSource database, DateOnly first, DateOnly last)
    {
        await using var command = database.CreateCommand(Violations);
        command.Parameters.AddWithValue("first", first.ToDateTime(TimeOnly.MinValue));
        command.Parameters.AddWithValue("last", last.ToDateTime(TimeOnly.MinValue));
        command.Parameters.AddWithValue("pipelines", PipelineNames.All.ToArray());
        command.Parameters.AddWithValue("latest_only", PipelineNames.All.Where(PipelineNames.RunsLatestDayOnly).ToArray());
        var sum = 0L;
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            sum += row.GetInt64(1);
            if (row.GetInt64(1) > 0)
                Console.WriteLine($"# {drill}: {row.GetInt64(1)} {row.GetString(0)}");
        }
        BenchmarkResult.AtMost($"drills-{drill}-effects-not-exactly-once", sum, "violations", 0);
    }

    private static async Task<HashSet<string>> ReadComputed(BenchmarkDatabase database)
    {
        await using var command = database.DataSource.CreateCommand(Computed);
        await using var row = await command.ExecuteReaderAsync();
        var rows = new HashSet<string>();
        while (await row.ReadAsync())
            rows.Add(row.GetString(0));
        return rows;
    }
}
