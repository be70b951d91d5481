using System.Diagnostics;
using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Benchmarks;

/// <summary>
/// Injects ten known faults, each into a copy of a database with a week without faults, and prints which alerts are opened on which day of
/// the fault (day 0 is its first). A fault passes if the expected alert is opened on or before the promised day, and no alerts other than
/// the consequences of the fault.
/// </summary>
internal static class FireDrillBenchmark
{
    private const int HealthyDays = 7;

    private static readonly DateOnly FaultFrom = BenchmarkProduct.Day.AddDays(HealthyDays);

    private static readonly DrillFault[] _faults =
    [
        new("none", null, 10, [], NoFault),
        new("drifted-feature", "drift/age", 4, ["drift/probability"],
            (drill, day) => drill.ChangePassengers(day, passenger => passenger with { AgeInYears = passenger.AgeInYears + 25 })),
        new("swapped-class-codes", "drift/pclass", 4, ["drift/probability", "accuracy/accuracy"],
            (drill, day) => drill.ChangePassengers(day, passenger => passenger with { Pclass = 4 - passenger.Pclass })),
        new("null-flood", "drift/age", 3, ["drift/probability"],
            (drill, day) => drill.ChangePassengers(day, passenger => passenger with { AgeInYears = null })),
        new("label-flip", "accuracy/accuracy", 3, ["drift/survived"],
            (drill, day) => drill.SendInvertedOutcomes(day)) { OutcomeDelayDays = 1 },
        new("late-outcomes", "late-data/outcomes", 8, [], SendLateOutcomes) { RepairedOnDay = 9, LastHour = 7 },
        new("missing-outcomes", "late-data/outcomes", 8, [],
            (drill, day) => day == FaultFrom ? drill.SendPassengersWithoutOutcome(day) : Task.CompletedTask) { LastHour = 7 },
        new("duplicate-batch", null, 4, [], (drill, day) => drill.ChangePassengers(day, passenger => passenger)),
        new("dead-stream", "missed-run/feature", 0, ["missed-run/audit", "late-data/passengers"], NoFault)
        {
            IsStopped = true,
            LastHour = 7,
        },
        new("damaged-model", "damaged-model/champion", 0, [], (drill, _) => drill.DamageChampion()) { IsAfterRuns = true },
        new("stalled-worker", "stalled-queue/training", 0, [], (drill, day) => drill.QueueWithoutWorker(day)) { IsAfterRuns = true },
    ];

    public static async Task Measure(bool isQuick)
    {
        var started = Stopwatch.GetTimestamp();
        await using var server = await BenchmarkServer.Start();
        await using var healthy = await server.CreateDatabase();
        await using (var drill = await FireDrill.Start(healthy))
        {
            for (var day = BenchmarkProduct.Day; day < FaultFrom; day = day.AddDays(1))
                await drill.RunDay(day, NoFault);
        }
        foreach (var fault in _faults)
        {
            await using var database = await server.Copy(healthy);
            await using var drill = new FireDrill(database, fault.OutcomeDelayDays);
            await Inject(fault, drill, fault.Expected is null && isQuick ? 3 : fault.RepairedOnDay ?? fault.WithinDays);
        }
        BenchmarkResult.AtMost("fire-drill-seconds", Stopwatch.GetElapsedTime(started).TotalSeconds, "s", 60);
    }

    private static async Task Inject(DrillFault fault, FireDrill drill, int days)
    {
        var opened = new Dictionary<string, int>();
        for (var number = 0; number <= days; number++)
        {
            var day = FaultFrom.AddDays(number);
            if (!fault.IsStopped)
                await drill.RunDay(day, fault.IsAfterRuns ? NoFault : fault.Inject);
            if (fault.IsAfterRuns)
                await fault.Inject(drill, day);
            await drill.EvaluateUntil(day, number >= fault.WithinDays ? fault.LastHour : 1);
            foreach (var alert in await drill.Alerts("true"))
                opened.TryAdd(alert, number);
        }
        var others = opened.Keys.Where(alert => alert != fault.Expected && !fault.Consequences.Contains(alert)).ToList();
        var all = string.Join(", ", opened.Select(alert => $"{alert.Key} on day {alert.Value}"));
        Console.WriteLine($"# {fault.Name}: {(opened.Count == 0 ? "no alert" : all)}");
        if (fault.Expected is { } expected)
            BenchmarkResult.AtMost($"fire-drill-{fault.Name}-day", opened.GetValueOrDefault(expected, int.MaxValue), "day", fault.WithinDays);
        BenchmarkResult.AtMost($"fire-drill-{fault.Name}-other-alerts", others.Count, "alerts", 0);
        if (fault.RepairedOnDay is not null)
            BenchmarkResult.AtMost($"fire-drill-{fault.Name}-unresolved", (await drill.Alerts("state <> 'Resolved'")).Count, "alerts", 0);
    }

    private static Task NoFault(FireDrill drill, DateOnly day) => Task.CompletedTask;

    private static Task SendLateOutcomes(FireDrill drill, DateOnly day) => (day.DayNumber - FaultFrom.DayNumber) switch
    {
        0 => drill.SendPassengersWithoutOutcome(day),
        9 => drill.SendOutcomesOf(FaultFrom, day),
        _ => Task.CompletedTask,
    };

    /// <param name="Name">The fault, in the names of the figures.</param>
    /// <param name="Expected">The alert as "rule/subject"; null if the fault must be without effect.</param>
    /// <param name="WithinDays">The promised day.</param>
    /// <param name="Consequences">Other alerts that the same fault may open.</param>
    /// <param name="Inject">Called each day between the feature run and the inference run.</param>
    private sealed record DrillFault(
        string Name, string? Expected, int WithinDays, IReadOnlyList<string> Consequences, Func<FireDrill, DateOnly, Task> Inject)
    {
        /// <summary>Whether <see cref="Inject"/> is called after the runs of the day instead.</summary>
        public bool IsAfterRuns { get; init; }

        /// <summary>Whether no pipeline runs.</summary>
        public bool IsStopped { get; init; }

        /// <summary>Until when the rules are evaluated from the promised day on; until 01:00 before. Late data need six hours.</summary>
        public int LastHour { get; init; } = 1;

        public int OutcomeDelayDays { get; init; }

        /// <summary>The day on which <see cref="Inject"/> ends the fault, so that its alert is resolved; null if it does not end.</summary>
        public int? RepairedOnDay { get; init; }
    }
}

/// <summary>The product on one database, with a clock that the drill advances.</summary>
internal sealed class FireDrill : IAsyncDisposable
{
    private const int PassengersPerDay = 30;

    /// <summary>A longer time without evaluations counts as a stopped process.</summary>
    private static readonly TimeSpan _evaluationInterval = TimeSpan.FromMinutes(4);

    private static readonly Provenance _provenance = new(null, "benchmark");

    private readonly SteppedClock _clock = new();
    private readonly BenchmarkDatabase _database;
    private readonly BenchmarkProduct _product;

    public FireDrill(BenchmarkDatabase database, int outcomeDelayDays)
    {
        _database = database;
        _product = new BenchmarkProduct(
            database, _clock, ("Stream:PassengersPerDay", $"{PassengersPerDay}"), ("Stream:OutcomeDelayDays", $"{outcomeDelayDays}"),
            ("Training:Selection:Enabled", "false"), ("Training:Challengers:Repeats", "0"), ("Training:CrossValidation:Repeats", "1"));
    }

    /// <summary>Imports the list and trains the first model.</summary>
    public static async Task<FireDrill> Start(BenchmarkDatabase database)
    {
        var drill = new FireDrill(database, outcomeDelayDays: 0);
        drill._clock.MoveTo(BenchmarkProduct.Day);
        await drill._product.ImportAndTrain();
        await database.Execute(
            """
            insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at, finished_at)
            values (1, 'Set up', 1, 1, '2026-03-01', '2026-03-01')
            """);
        return drill;
    }

    /// <summary>Runs the pipelines of a day at 00:30, with a fault between the feature and the inference run.</summary>
    public async Task RunDay(DateOnly day, Func<FireDrill, DateOnly, Task> inject)
    {
        _clock.MoveTo(day);
        foreach (var pipeline in PipelineNames.All)
        {
            await _product.Run(new RunRequest(pipeline, day, RunTrigger.Schedule));
            if (pipeline == PipelineNames.Feature)
                await inject(this, day);
        }
    }

    /// <summary>Evaluates the alert rules every few minutes from 00:30 until an hour of a day.</summary>
    public async Task EvaluateUntil(DateOnly day, int lastHour)
    {
        for (_clock.MoveTo(day); _clock.GetUtcNow().Hour < lastHour; _clock.Advance(_evaluationInterval))
            await _product.InScope<AlertEvaluation, bool>(evaluation => evaluation.Evaluate(CancellationToken.None));
    }

    /// <summary>The alerts that meet a condition, as "rule/subject"; of a damaged model without its version.</summary>
    public async Task<IReadOnlyList<string>> Alerts(string condition) => await _database.Scalar<string[]>(
        $"""
        select coalesce(array_agg(rule || '/' || case when rule = '{AlertRules.DamagedModel}' then 'champion' else subject end order by alert_id), array[]::text[])
        from alerts where {condition}
        """);

    /// <summary>Stores changed values of the passengers of a day, as if the source had sent them.</summary>
    public Task ChangePassengers(DateOnly day, Func<Passenger, Passenger> change) =>
        Send(PassengerSources.Synthetic, day, Generate(day, seed: null).Select(change));

    /// <summary>Sends wrong outcomes of the passengers of a day; the stream corrects them on the next day.</summary>
    public Task SendInvertedOutcomes(DateOnly day) => SendOutcomes(PassengerSources.Synthetic, Generate(day, seed: null), survived => !survived, day);

    public Task SendPassengersWithoutOutcome(DateOnly day) =>
        Send(PassengerSources.Api, day, Generate(day, seed: 7).Select(passenger => passenger with { Survived = null }));

    /// <summary>Sends the outcomes of <see cref="SendPassengersWithoutOutcome"/>.</summary>
    public Task SendOutcomesOf(DateOnly day, DateOnly knownOn) => SendOutcomes(PassengerSources.Api, Generate(day, seed: 7), survived => survived, knownOn);

    private Task Send(string source, DateOnly day, IEnumerable<Passenger> passengers)
    {
        var time = FeatureReader.StartOf(day);
        var batch = PassengerBatch.FromPassengers(source, "fire drill", time, time, [.. passengers]);
        return _product.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Ingest(batch, _provenance, CancellationToken.None));
    }

    private Task SendOutcomes(string source, IReadOnlyList<Passenger> passengers, Func<bool, bool> report, DateOnly knownOn)
    {
        var rows = passengers.Select((passenger, i) =>
            (OutcomeRow)new AcceptedOutcome(i + 1, source, passenger.SourceKey, report(passenger.Survived!.Value), null));
        var batch = new OutcomeBatch(source, "fire drill", FeatureReader.StartOf(knownOn), rows.ToAsyncEnumerable(), () => []);
        return _product.InScope<Ingestion, IngestionResult>(ingestion => ingestion.IngestOutcomes(batch, _provenance, CancellationToken.None));
    }

    public Task DamageChampion() => _database.Execute(
        """
        update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1)
        where version = (select version from alias_assignments where alias = 'champion' and ended_at is null)
        """);

    public Task QueueWithoutWorker(DateOnly day) => _product.InScope<PipelineRunner, Run>(runner =>
        runner.Queue(new RunRequest(PipelineNames.Training, day, RunTrigger.Button), null, CancellationToken.None));

    /// <summary>The passengers of the stream; another seed gives other passengers of the same population.</summary>
    private IReadOnlyList<Passenger> Generate(DateOnly day, long? seed)
    {
        var options = new StreamOptions { PassengersPerDay = PassengersPerDay };
        options.Seed = seed ?? options.Seed;
        return new PassengerStream(_product.GetRequired<BundledDataset>(), Options.Create(options)).Generate(day, _ => true);
    }

    public ValueTask DisposeAsync() => _product.DisposeAsync();
}

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private DateTimeOffset _now;

    public override DateTimeOffset GetUtcNow() => _now;

    /// <summary>Moves the clock to 00:30 UTC of a day.</summary>
    public void MoveTo(DateOnly day) => _now = new(day.ToDateTime(new TimeOnly(0, 30)), TimeSpan.Zero);

    public void Advance(TimeSpan time) => _now += time;
}
