using System.Diagnostics;
using System.Globalization;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Pipelines;

namespace Titanic.Benchmarks;

/// <summary>
/// The server time of the dashboard with 10,000 and with 10,000,000 predictions of the same year, both in one run and in alternation: after a
/// monitoring run, and after the outcomes of one day have arrived that are not counted yet.
/// </summary>
internal static class GrowthBenchmark
{
    private const int SmallPredictions = 10_000, LargePredictions = 10_000_000, QuickPredictions = 1_000_000;

    /// <summary>The runtime compiles a method with optimizations after 30 calls; before, the larger number of cells costs more.</summary>
    private const int WarmUpRounds = 40;

    private static readonly string[] _paths =
    [
        "/monitoring", "/monitoring?days=7", "/monitoring?days=90", "/monitoring?days=all", "/api/monitoring/performance", "/api/monitoring/performance?days=90", "/api/monitoring/answers",
    ];

    public static async Task Measure(bool isQuick)
    {
        await using var server = await BenchmarkServer.Start();
        await using var trained = await server.CreateDatabase();
        await using (var product = new BenchmarkProduct(trained, TimeProvider.System, GrowthDatabase.TrainingSettings))
            await product.ImportAndTrain();
        await using var small = await GrowthDatabase.Create(await server.Copy(trained), SmallPredictions);
        await using var large = await GrowthDatabase.Create(await server.Copy(trained), isQuick ? QuickPredictions : LargePredictions);
        Console.WriteLine($"# cells: {await small.CountCells():#,##0} and {await large.CountCells():#,##0}");
        using var smallSite = await ProductSite.Start(small.Database, ("Titanic__Roles", "web"));
        using var largeSite = await ProductSite.Start(large.Database, ("Titanic__Roles", "web"));
        var rounds = isQuick ? 20 : 50;

        await Compare("counted", smallSite, largeSite, rounds, isGoal: true);
        await small.AddOutcomes();
        await large.AddOutcomes();
        await Compare("a day of outcomes not counted", smallSite, largeSite, rounds / 2, isGoal: false);
        await small.RunMonitoring("with a day of outcomes");
        await large.RunMonitoring("with a day of outcomes");
        await large.Verify();
    }

    private static async Task Compare(string state, ListeningProcess small, ListeningProcess large, int rounds, bool isGoal)
    {
        Console.WriteLine($"# {state}: median and 95% quantile in ms with {SmallPredictions:#,##0} predictions, with the large number, ratio of the medians");
        foreach (var path in _paths)
        {
            var (ofSmall, ofLarge) = (new List<double>(), new List<double>());
            for (var round = -WarmUpRounds; round < rounds; round++)
            {
                var (first, second) = (await small.MeasureMilliseconds(path), await large.MeasureMilliseconds(path));
                if (round < 0)
                    continue;
                ofSmall.Add(first);
                ofLarge.Add(second);
            }
            var (smallMedian, largeMedian) = (BenchmarkResult.Median(ofSmall), BenchmarkResult.Median(ofLarge));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"# {path} | {smallMedian:0.0} | {Quantile95(ofSmall):0.0} | {largeMedian:0.0} | {Quantile95(ofLarge):0.0} | {largeMedian / smallMedian:0.00}"));
            if (isGoal)
                BenchmarkResult.AtMost($"growth-{path.Trim('/').Replace('/', '-').Replace('?', '-').Replace('=', '-')}-ratio", largeMedian / smallMedian, "times", 1.5);
        }
    }

    private static double Quantile95(List<double> values) => values.Order().ElementAt((int)(0.95 * values.Count));
}

/// <summary>
/// A year of predictions until today: nine of ten of batch inference, the others of the page and the API, by a new version each day. The inputs
/// are those of the stream's generator as the first version predicted them; outcomes are known after two days.
/// </summary>
internal sealed class GrowthDatabase(BenchmarkDatabase database, int perDay) : IAsyncDisposable
{
    private const int Days = 365, Templates = 5_000, DaysPerStatement = 30, OutcomeDelayDays = 2;

    public static readonly (string Key, string Value)[] TrainingSettings =
        [("Training:Selection:Enabled", "false"), ("Training:Challengers:Repeats", "0"), ("Training:CrossValidation:Repeats", "1")];

    private static readonly DateOnly _today = DateOnly.FromDateTime(DateTime.UtcNow);

    public BenchmarkDatabase Database => database;

    public static async Task<GrowthDatabase> Create(BenchmarkDatabase database, int predictions)
    {
        var growth = new GrowthDatabase(database, predictions / Days);
        var started = Stopwatch.GetTimestamp();
        await growth.PredictTemplates();
        var indexes = await database.Scalar<string[]>(
            """
            select array_agg(pg_get_indexdef(indexrelid) order by indexrelid) from pg_index
            where indrelid in ('passengers'::regclass, 'outcomes'::regclass, 'predictions'::regclass) and not indisprimary
            """);
        await database.Execute(
            """
            do $$ declare index regclass; begin
                for index in select indexrelid from pg_index
                    where indrelid in ('passengers'::regclass, 'outcomes'::regclass, 'predictions'::regclass) and not indisprimary loop
                    execute format('drop index %s', index);
                end loop;
            end $$;
            alter table passengers disable trigger user; alter table outcomes disable trigger user; alter table predictions disable trigger user;
            """);
        for (var first = 0; first < Days; first += DaysPerStatement)
            await growth.InsertDays(first, Math.Min(first + DaysPerStatement, Days) - 1);
        foreach (var index in indexes)
            await database.Execute("set maintenance_work_mem = '1GB'; " + index);
        await database.Execute("alter table passengers enable trigger user; alter table outcomes enable trigger user; alter table predictions enable trigger user");
        await database.Execute("select setval(pg_get_serial_sequence('predictions', 'prediction_id'), (select max(prediction_id) from predictions))");
        await database.Execute("select setval('passenger_ids', (select max(passenger_id) from passengers))");
        await database.Execute("vacuum analyze");
        Console.WriteLine($"# {await database.Scalar<long>("select count(*) from predictions"):#,##0} predictions inserted in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s, "
            + await database.Scalar<string>("select pg_size_pretty(pg_database_size(current_database()))"));
        await growth.CountAll();
        await growth.RunMonitoring("without changes");
        await database.Execute("vacuum analyze");
        await database.Checkpoint();
        return growth;
    }

    public Task<long> CountCells() => database.Scalar<long>("select coalesce(sum(cardinality(probability)), 0) from prediction_cells");

    /// <summary>Counts all days. The state before makes the live status of the inserted predictions final: its evaluation is not measured here.</summary>
    private async Task CountAll()
    {
        await database.Execute("update rollup_state set as_of_commit_id = (select max(commit_id) from commits), last_prediction_id = (select max(prediction_id) from predictions)");
        await using var product = new BenchmarkProduct(database, TimeProvider.System, TrainingSettings);
        var started = Stopwatch.GetTimestamp();
        await product.InScope<PredictionRollup, RefreshedDays>(rollup => rollup.Rebuild(CancellationToken.None));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# {perDay:#,##0} a day: roll-ups rebuilt in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"));
    }

    /// <summary>Runs the monitoring pipeline for today and prints its time.</summary>
    public async Task RunMonitoring(string of)
    {
        await using var product = new BenchmarkProduct(database, TimeProvider.System, TrainingSettings);
        var started = Stopwatch.GetTimestamp();
        await product.InScope<PredictionRollup, RefreshedDays>(rollup => rollup.Refresh(_today, CancellationToken.None));
        var refreshed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await product.Run(new RunRequest(PipelineNames.Monitoring, _today, RunTrigger.Schedule));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"# {perDay:#,##0} a day: roll-ups {of} refreshed in {refreshed:0.00} s, monitoring run {Stopwatch.GetElapsedTime(started).TotalSeconds - refreshed:0.00} s"));
    }

    /// <summary>The outcomes of the newest passengers without one arrive: those of one day.</summary>
    public async Task AddOutcomes()
    {
        await InsertCommit(_today, "outcomes");
        await database.Execute(
            $"""
            insert into outcomes (passenger_id, commit_id, survived, known_at)
            select a.passenger_id, (select max(commit_id) from commits), random() < a.probability, now()
            from predictions a where a.passenger_id is not null and a.logical_date = '{_today.AddDays(1 - OutcomeDelayDays):yyyy-MM-dd}'
            """);
    }

    public async Task Verify()
    {
        await using var product = new BenchmarkProduct(database, TimeProvider.System, TrainingSettings);
        var started = Stopwatch.GetTimestamp();
        var rollups = await product.InScope<RollupVerification, IReadOnlyList<VerifiedRollup>>(rollup => rollup.Verify(CancellationToken.None));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# roll-ups verified in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"));
        BenchmarkResult.AtMost("growth-differences", rollups.Sum(rollup => rollup.Differences), "rows", 0);
    }

    /// <summary>Predicts passengers of the stream; their inputs and predictions are the rows from which all others are drawn.</summary>
    private async Task PredictTemplates()
    {
        await using var product = new BenchmarkProduct(database, TimeProvider.System, TrainingSettings);
        await product.IngestStreamPassengers(1, Templates);
        await product.Run(new RunRequest(PipelineNames.Inference, BenchmarkProduct.Day, RunTrigger.CommandLine));
        await database.Execute(
            $"""
            create table templates as
            select row_number() over (order by a.prediction_id) - 1 as number, a.*, p.titanic_binned_v1
            from predictions a join passengers p using (passenger_id);
            alter table templates add primary key (number);
            insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at, finished_at) values (1, 'Set up', 1, 1, now(), now());
            delete from outcomes where passenger_id in (select passenger_id from templates);
            delete from predictions;
            delete from passengers where passenger_id in (select passenger_id from templates);
            do $$ declare names text; begin
                select string_agg(quote_ident(attname), ', ') into names from pg_attribute
                where attrelid = 'model_versions'::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname not in ('version');
                execute format('insert into model_versions (version, %s) select n, %s from model_versions cross join generate_series(2, {Days}) n where version = 1', names, names);
            end $$;
            """);
    }

    private Task InsertCommit(DateOnly day, string description) => database.Execute(
        $"""
        insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected, rows_unchanged, outcomes_recorded, code_version)
        values (greatest('{day:yyyy-MM-dd}T00:20Z', (select max(committed_at) from commits)), 'api', '{description}', {perDay}, 0, 0, 0, 0, {perDay}, 'benchmark')
        """);

    private async Task InsertDays(int first, int last)
    {
        for (var day = first; day <= last; day++)
            await InsertCommit(_today.AddDays(day + 1 - Days), FormattableString.Invariant($"growth {day}"));
        var online = perDay / 10;
        await database.Execute(FormattableString.Invariant(
            $"""
            select setseed({first} / 1000.0);
            create temp table drawn as
            select day, '{_today:yyyy-MM-dd}'::date + day + 1 - {Days} as logical_date, c.commit_id, n, {10_000_000} + day::bigint * {perDay} + n as id,
                   t.pclass, t.sex, t.age, t.fare, t.titanic_binned_v1, t.point_code, t.encoded, t.model_name, t.survived, t.probability, t.survivors, t.neighbors
            from generate_series({first}, {last}) day
            join commits c on c.description = 'growth ' || day
            cross join generate_series(0, {perDay - 1}) n
            join templates t on t.number = mod(hashint8(day::bigint * {perDay} + n) & 2147483647, {Templates});

            insert into passengers (passenger_id, commit_id, source, source_key, pclass, sex, age, fare, event_time, titanic_binned_v1, person_key, person_id)
            select id, commit_id, 'api', 'growth-' || id, pclass, sex, age, fare, logical_date::timestamp at time zone 'UTC', titanic_binned_v1, id, id
            from drawn where n >= {online} order by id;

            insert into predictions (prediction_id, created_at, source, passenger_id, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, model_version,
                                     survived, probability, survivors, neighbors, is_live)
            overriding system value
            select id, logical_date::timestamp at time zone 'UTC' + interval '30 minutes', case when n >= {online} then 'batch' when n % 4 = 0 then 'ui' else 'api' end,
                   case when n >= {online} then id end, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, day + 1,
                   survived, probability, survivors, neighbors, case when n >= {online} then n % 32 <> 1 end
            from drawn order by id;

            with days as materialized (
                select commit_id, split_part(description, ' ', 2)::int as day from commits where description like 'growth %'
            )
            insert into outcomes (passenger_id, commit_id, survived, known_at)
            select a.passenger_id, d.commit_id, random() < a.probability, (a.logical_date + {OutcomeDelayDays})::timestamp at time zone 'UTC'
            from days d
            join predictions a on a.logical_date = '{_today:yyyy-MM-dd}'::date + d.day + 1 - {Days} - {OutcomeDelayDays}
            where d.day between {first} and {last} and a.passenger_id is not null
              and a.prediction_id >= {10_000_000} + ({first} - {OutcomeDelayDays}) * {perDay}::bigint
            order by a.prediction_id;
            drop table drawn;
            """));
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
