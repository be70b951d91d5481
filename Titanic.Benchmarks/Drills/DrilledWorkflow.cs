using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Npgsql;
using Titanic.Web.Pipelines;

namespace Titanic.Benchmarks.Drills;

/// <summary>A run with the status running, and the process whose connection holds its lock.</summary>
/// <param name="Process">The application name of the connection; empty if no connection holds the lock.</param>
internal sealed record ActiveRun(long RunId, string Pipeline, int Attempts, int Interruptions, string Process);

/// <summary>The runs that a failure ends.</summary>
internal enum EndedRuns { OfTheProcess, All, None }

/// <summary>A failure that is injected while a run is in its middle.</summary>
/// <param name="Inject">Injects it; returns the timestamp from which the product has to recover.</param>
/// <param name="Then">What the environment does after it, such as a service manager that starts the product again, given that timestamp; the rest is up to the product.</param>
/// <param name="Ends">The runs that it ends.</param>
internal sealed record InjectedFailure(Func<ActiveRun, Task<long>> Inject, Func<long, Task>? Then = null, EndedRuns Ends = EndedRuns.OfTheProcess)
{
    /// <summary>What happens after the interrupted runs continue.</summary>
    public Func<Task>? Finally { get; init; }
}

/// <summary>
/// Runs all pipelines for one logical date after the other through the API, and injects a failure while they run, until each pipeline had a
/// given number of failures in the middle of a run.
/// </summary>
internal sealed class DrilledWorkflow(NpgsqlDataSource database, DrilledSites sites, Random random)
{
    /// <summary>Settings that keep a day short. The schedule starts nothing meanwhile.</summary>
    public static readonly (string Key, string Value)[] Settings =
    [
        ("Training:Selection:Enabled", "false"), ("Training:Challengers:Repeats", "0"), ("Training:CrossValidation:Repeats", "3"),
        .. PipelineNames.All.Select(pipeline => ($"Schedule:{char.ToUpperInvariant(pipeline[0])}{pipeline[1..]}", "0 0 1 1 *")),
    ];

    public static readonly DateOnly FirstDay = new(2026, 3, 1);

    private const int MaximumDays = 100;

    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, int> _failures = PipelineNames.All.ToDictionary(pipeline => pipeline, _ => 0);

    /// <summary>The number of days that were run.</summary>
    public int Days { get; private set; }

    /// <summary>The number of interruptions by the injected failures; more in the records were of runs whose process was alive.</summary>
    public int Interruptions { get; private set; }

    /// <summary>The longest time that a run was shown as running although its process had ended.</summary>
    private TimeSpan _longestWrongStatus;

    /// <summary>The longest time from the failure until an interrupted run was running again, or complete.</summary>
    private TimeSpan _longestStandstill;

    private int Failures => _failures.Values.Sum();

    /// <summary>Runs days until each pipeline had a number of failures in the middle of a run.</summary>
    public async Task Run(int failures, InjectedFailure failure)
    {
        while (_failures.Values.Any(count => count < failures))
        {
            if (Days == MaximumDays)
                throw new TimeoutException($"{Failures} failures within {MaximumDays} days.");
            var day = FirstDay.AddDays(Days++);
            await Request(day);
            var due = _failures.Where(of => of.Value < failures).Select(of => of.Key).ToHashSet();
            var started = Stopwatch.GetTimestamp();
            while (!await IsComplete(day))
            {
                if (Stopwatch.GetElapsedTime(started) > _timeout)
                    throw new TimeoutException($"The runs of {day:yyyy-MM-dd} did not complete within {_timeout.TotalMinutes} minutes: {await DescribeOpenRuns(day)}");
                if (await WaitForTarget(due) is { } target && await Fail(target, failure))
                {
                    due.Remove(target.Pipeline);
                    _failures[target.Pipeline]++;
                }
            }
        }
    }

    /// <summary>Runs all pipelines of a day without failures.</summary>
    public async Task RunDay(DateOnly day)
    {
        await Request(day);
        await WaitUntil(() => IsComplete(day), $"the runs of {day:yyyy-MM-dd}");
    }

    public static async Task WaitUntil(Func<Task<bool>> condition, string waitsFor)
    {
        for (var started = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(100))
        {
            if (Stopwatch.GetElapsedTime(started) > _timeout)
                throw new TimeoutException($"Waited {_timeout.TotalMinutes} minutes for {waitsFor}.");
        }
    }

    /// <summary>Prints the number of failures and the times of the recovery.</summary>
    public void Print(string drill)
    {
        Console.WriteLine($"# {drill}: {Failures} failures in the middle of a run ({string.Join(", ", _failures.Select(of => $"{of.Value} {of.Key}"))}), {Interruptions} interrupted runs");
        if (Interruptions == 0)
            return;
        BenchmarkResult.AtMost($"drills-{drill}-ended-runs-shown-running", _longestWrongStatus.TotalSeconds, "s", 60);
        BenchmarkResult.AtMost($"drills-{drill}-runs-continue-after", _longestStandstill.TotalSeconds, "s", 30);
    }

    /// <summary>Queues all pipelines of a day, with one request that the product acknowledges.</summary>
    private async Task Request(DateOnly day)
    {
        var text = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        using var response = await sites.Send(HttpMethod.Post, "/api/runs/range", JsonContent.Create(new { from = text, to = text, pipelines = PipelineNames.All, onlyMissing = false }));
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"The runs of {text} were not queued: {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>Waits until a run of one of some pipelines is in its middle; null if there is none to fail now.</summary>
    private async Task<ActiveRun?> WaitForTarget(HashSet<string> due)
    {
        var active = await ReadActive();
        // A third interruption of a run would be quarantined, which needs a person.
        if (active.Find(run => due.Contains(run.Pipeline) && run.Process.Length > 0) is not { } target || active.Exists(run => run.Interruptions >= InterruptedRuns.Limit - 1))
        {
            await Task.Delay(2);
            return null;
        }
        await Task.Delay(random.Next(target.Pipeline is PipelineNames.Feature or PipelineNames.Inference ? 30 : 400));
        return (await ReadActive()).Find(run => run.RunId == target.RunId && run.Process == target.Process);
    }

    /// <returns>Whether the run had not ended before the failure.</returns>
    private async Task<bool> Fail(ActiveRun target, InjectedFailure failure)
    {
        var interrupted = await ReadActive();
        var failedAt = await failure.Inject(target);
        if (failure.Ends == EndedRuns.OfTheProcess) // without a process: PostgreSQL has noticed the end of the connection already
            interrupted = (await ReadActive()).FindAll(run => run.Process == target.Process || run.Process.Length == 0);
        if (failure.Then is not null)
            await failure.Then(failedAt);
        if (failure.Ends != EndedRuns.None)
            await WatchRecovery(interrupted, failedAt);
        if (failure.Finally is not null)
            await failure.Finally();
        return interrupted.Exists(run => run.RunId == target.RunId);
    }

    /// <summary>Measures how long the interrupted runs have a wrong status, and stand still.</summary>
    private async Task WatchRecovery(List<ActiveRun> interrupted, long failedAt)
    {
        HashSet<ActiveRun> wrong = [.. interrupted], standing = [.. interrupted];
        while (standing.Count > 0)
        {
            foreach (var run in standing.ToList())
            {
                var (status, attempts, interruptions) = await ReadState(run.RunId);
                if (status is "Failed" or "Cancelled")
                    throw new InvalidOperationException($"Run {run.RunId} is {status}.");
                if (status != "Running" || attempts > run.Attempts || interruptions > run.Interruptions)
                    wrong.Remove(run);
                if (status != "Succeeded" && (status != "Running" || attempts == run.Attempts))
                    continue;
                standing.Remove(run);
                Interruptions += interruptions > run.Interruptions ? 1 : 0;
            }
            var elapsed = Stopwatch.GetElapsedTime(failedAt);
            if (wrong.Count > 0 && elapsed > _longestWrongStatus)
                _longestWrongStatus = elapsed;
            if (standing.Count > 0 && elapsed > _longestStandstill)
                _longestStandstill = elapsed;
            if (elapsed > TimeSpan.FromMinutes(2))
                throw new TimeoutException($"Runs {string.Join(", ", standing.Select(run => run.RunId))} did not continue within two minutes.");
            await Task.Delay(20);
        }
    }

    private async Task<List<ActiveRun>> ReadActive()
    {
        const string sql =
            """
            select r.run_id, r.pipeline, r.attempts, r.interruptions, case when l.pid is null then '' else coalesce(nullif(a.application_name, ''), 'product') end
            from runs r
            left join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 1
                and l.database = (select oid from pg_database where datname = current_database())
                and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('run ' || r.run_id, 0)
            left join pg_stat_activity a on a.pid = l.pid
            where r.status = 'Running'
            """;
        return await Retry(async () =>
        {
            await using var command = database.CreateCommand(sql);
            await using var row = await command.ExecuteReaderAsync();
            var runs = new List<ActiveRun>();
            while (await row.ReadAsync())
                runs.Add(new(row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4)));
            return runs;
        });
    }

    private Task<(string Status, int Attempts, int Interruptions)> ReadState(long run) => Retry(async () =>
    {
        await using var command = database.CreateCommand($"select status, attempts, interruptions from runs where run_id = {run}");
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetString(0), row.GetInt32(1), row.GetInt32(2));
    });

    private Task<bool> IsComplete(DateOnly day) => Scalar<bool>($"select not exists (select from runs where logical_date = '{day:yyyy-MM-dd}' and status not in ('Succeeded', 'Skipped'))");

    private Task<string> DescribeOpenRuns(DateOnly day) => Scalar<string>(
        $"select string_agg(pipeline || ' run ' || run_id || ' ' || status, ', ') from runs where logical_date = '{day:yyyy-MM-dd}' and status not in ('Succeeded', 'Skipped')");

    private Task<T> Scalar<T>(string sql) => Retry(async () =>
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    });

    /// <summary>Repeats a read while the database is away.</summary>
    private static async Task<T> Retry<T>(Func<Task<T>> read)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await read();
            }
            catch (NpgsqlException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(3))
            {
                await Task.Delay(20);
            }
        }
    }
}
