using System.Diagnostics;
using Npgsql;
using Titanic.Web.Pipelines;

namespace Titanic.Benchmarks.Drills;

/// <summary>
/// Failures of the product's processes and of their database, while all pipelines run and clients predict. After each kind of failure every
/// effect must be stored exactly once, every acknowledged prediction must be stored, and no action of a person may have been needed.
/// </summary>
internal static class DrillsBenchmark
{
    private const int Seed = 1912;

    public static async Task Measure(bool isQuick)
    {
        await using (var server = await BenchmarkServer.Start())
        {
            await using var started = await server.CreateDatabase();
            await using (var first = new DrilledSites(started.ConnectionString))
                await first.Start();
            await KillProcesses(server, started, processes: 1, killsOfEach: isQuick ? 1 : 20);
            await KillProcesses(server, started, processes: 2, killsOfEach: isQuick ? 1 : 2);
            await KillProcesses(server, started, processes: 3, killsOfEach: isQuick ? 1 : 2);
            await Disconnect(server, started, TimeSpan.FromSeconds(isQuick ? 15 : 120));
            await AdvanceClock(server, started);
        }
        await KillServer(killsOfEach: isQuick ? 1 : 4);
        await StopServer(stopsOfEach: isQuick ? 1 : 2, TimeSpan.FromSeconds(isQuick ? 10 : 90));
        await FillDisk();
    }

    /// <summary>
    /// Kills the process that executes a run. A single process is started again at once, as by a service manager; with several, the others
    /// continue the runs, and the process is replaced afterwards.
    /// </summary>
    private static async Task KillProcesses(BenchmarkServer server, BenchmarkDatabase started, int processes, int killsOfEach)
    {
        var drill = processes == 1 ? "kill" : $"kill-one-of-{processes}";
        await using var undisturbed = await server.Copy(started);
        await using var database = await server.Copy(started);
        var days = 0;
        await using (var sites = new DrilledSites(database.ConnectionString))
        {
            await sites.Start(processes);
            var workflow = await Run(drill, sites, database.DataSource, killsOfEach, processes == 1
                ? new(target => Task.FromResult(sites.Kill(target.Process)), sites.Replace)
                : new(target => Task.FromResult(sites.Kill(target.Process))) { Finally = sites.Start });
            days = workflow.Days;
            await VerifyInterruptions(drill, workflow, database);
        }
        await Effects.Verify(drill, database, undisturbed, days);
    }

    /// <summary>Each interruption in the records must be one of a run whose process was killed.</summary>
    private static async Task VerifyInterruptions(string drill, DrilledWorkflow workflow, BenchmarkDatabase database)
    {
        var others = await database.Scalar<long>("select sum(interruptions) from runs") - workflow.Interruptions;
        BenchmarkResult.AtMost($"drills-{drill}-live-runs-declared-dead", others, "runs", 0);
        if (others == 0)
            return;
        await using var command = database.DataSource.CreateCommand(
            "select concat_ws(' ', pipeline, run_id, interruptions, l.at::text, message) from runs join run_log l using (run_id) where interruptions > 0 order by run_id, l.at");
        await using var line = await command.ExecuteReaderAsync();
        while (await line.ReadAsync())
            Console.WriteLine($"# {drill}: {line.GetString(0)}");
    }

    /// <summary>The database cannot be reached for some time, once in the middle of a run of each pipeline.</summary>
    private static async Task Disconnect(BenchmarkServer server, BenchmarkDatabase started, TimeSpan duration)
    {
        const string drill = "database-away";
        await using var undisturbed = await server.Copy(started);
        await using var database = await server.Copy(started);
        await using var relay = new DatabaseRelay(database.ConnectionString);
        var days = 0;
        await using (var sites = new DrilledSites(relay.ConnectionString))
        {
            await sites.Start(1);
            days = (await Run(drill, sites, database.DataSource, 1, new(
                async _ =>
                {
                    relay.Disconnect();
                    await sites.Observe(duration);
                    relay.Reconnect();
                    return await sites.WaitUntilReady(Stopwatch.GetTimestamp());
                },
                Ends: EndedRuns.All))).Days;
        }
        await Effects.Verify(drill, database, undisturbed, days);
    }

    /// <summary>A process whose clock is three days ahead, as after a machine was off: the schedule runs each missed day once.</summary>
    private static async Task AdvanceClock(BenchmarkServer server, BenchmarkDatabase started)
    {
        const string drill = "clock-3-days-ahead", library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
        const int daysAhead = 3;
        if (!File.Exists(library))
        {
            Console.WriteLine($"# {drill}: skipped, because {library} of the Debian package faketime is missing");
            return;
        }
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        await using var database = await server.Copy(started);
        var schedule = PipelineNames.All.Select(pipeline => ($"Schedule__{char.ToUpperInvariant(pipeline[0])}{pipeline[1..]}", new PipelineSchedule().CronOf(pipeline))).ToArray();
        await using (var before = new DrilledSites(database.ConnectionString, schedule))
        {
            await before.Start(1);
            await new DrilledWorkflow(database.DataSource, before, new Random(Seed)).RunDay(today);
        }
        await using (var ahead = new DrilledSites(
            database.ConnectionString, [.. schedule, ("LD_PRELOAD", library), ("FAKETIME", $"+{daysAhead}d"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")]))
        {
            await ahead.Start();
            await DrilledWorkflow.WaitUntil(
                async () => await database.Scalar<long>(
                    $"select count(distinct pipeline) from runs where status = 'Succeeded' and logical_date = '{today.AddDays(daysAhead):yyyy-MM-dd}'") == PipelineNames.All.Count,
                "the runs of the missed days");
        }
        await using (var back = new DrilledSites(database.ConnectionString, schedule))
        {
            await back.Start();
            await back.Observe(TimeSpan.FromSeconds(30));
        }
        await Effects.CountViolations(drill, database.DataSource, today, today.AddDays(daysAhead));
        BenchmarkResult.AtMost($"drills-{drill}-failed-runs", await database.Scalar<long>("select count(*) from runs where status in ('Failed', 'Interrupted')"), "runs", 0);
    }

    /// <summary>Kills the embedded PostgreSQL: its first process, which the others notice, and all of its processes, in turn.</summary>
    private static Task KillServer(int killsOfEach) => DrillServer("database-kill", null, (server, sites, database) =>
    {
        var kills = 0;
        return Run("database-kill", sites, database, killsOfEach, new(
            async _ =>
            {
                var killedAt = Stopwatch.GetTimestamp();
                await server.Signal("KILL", isFirstOnly: kills++ % 2 == 0);
                await sites.WaitUntilReady(killedAt);
                return killedAt;
            },
            Ends: EndedRuns.All));
    });

    /// <summary>Stops all processes of the embedded PostgreSQL with SIGSTOP, so that it hangs.</summary>
    private static Task StopServer(int stopsOfEach, TimeSpan duration) => DrillServer("database-hang", null, async (server, sites, database) =>
    {
        var workflow = await Run("database-hang", sites, database, stopsOfEach, new(
            async _ =>
            {
                await server.Signal("STOP", isFirstOnly: false);
                await sites.Observe(duration);
                await server.Signal("CONT", isFirstOnly: false);
                return await sites.WaitUntilReady(Stopwatch.GetTimestamp());
            },
            Ends: EndedRuns.None));
        await using var command = database.CreateCommand("select sum(interruptions) from runs");
        BenchmarkResult.AtMost("drills-database-hang-live-runs-declared-dead", (long)(await command.ExecuteScalarAsync())!, "runs", 0);
        return workflow;
    });

    /// <summary>Fills the disk of the embedded PostgreSQL in the middle of a run, and frees it again.</summary>
    private static async Task FillDisk()
    {
        const string drill = "disk-full";
        await using var disk = await SmallDisk.Mount();
        if (disk is null)
        {
            Console.WriteLine($"# {drill}: skipped, because a file system can be mounted by root only");
            return;
        }
        await DrillServer(drill, disk.Path, (_, sites, database) => Run(drill, sites, database, 1, new(
            async _ =>
            {
                disk.Fill();
                await Task.Delay(TimeSpan.FromSeconds(20));
                disk.Free();
                return await sites.WaitUntilReady(Stopwatch.GetTimestamp());
            },
            Ends: EndedRuns.None)));
    }

    /// <summary>Runs a drill with the embedded server of a process of the product.</summary>
    /// <param name="folder">The folder for the data directory; null for one of the system's temporary files.</param>
    private static async Task DrillServer(string drill, string? folder, Func<DrilledServer, DrilledSites, NpgsqlDataSource, Task<DrilledWorkflow>> run)
    {
        using var server = DrilledServer.Create(folder ?? Path.GetTempPath());
        await using var sites = new DrilledSites(null, ("Titanic__DataDirectory", server.Folder));
        await sites.Start(1);
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        var workflow = await run(server, sites, database);
        await Effects.CountViolations(drill, database, DrilledWorkflow.FirstDay, DrilledWorkflow.FirstDay.AddDays(workflow.Days - 1));
    }

    private static async Task<DrilledWorkflow> Run(string drill, DrilledSites sites, NpgsqlDataSource database, int failuresOfEach, InjectedFailure failure)
    {
        var workflow = new DrilledWorkflow(database, sites, new Random(Seed));
        await using var predictions = new AcknowledgedPredictions(() => sites.Address);
        await workflow.Run(failuresOfEach, failure);
        await predictions.Verify(drill, database);
        workflow.Print(drill);
        sites.Print(drill);
        return workflow;
    }
}
