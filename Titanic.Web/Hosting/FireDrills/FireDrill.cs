using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Pipelines.FireDrills;

namespace Titanic.Web.Hosting.FireDrills;

/// <summary>The workflow on a scratch database with a clock of its own: a week without faults, then the days of a fault.</summary>
internal sealed class FireDrill : IAsyncDisposable
{
    /// <summary>The first day of the fault.</summary>
    private static readonly DateOnly _faultFrom = ScratchWorkflow.Day.AddDays(DrillReport.HealthyDays);

    /// <summary>A longer time without evaluations counts as a stopped process.</summary>
    private static readonly TimeSpan _evaluationInterval = TimeSpan.FromMinutes(4);

    private static readonly Provenance _provenance = new(null, "fire drill");

    private readonly SteppedClock _clock = new();
    private readonly DrillFault _fault;
    private readonly ScratchDatabase _database;
    private readonly ScratchWorkflow _workflow;

    public FireDrill(ScratchDatabase database, DrillFault fault)
    {
        (_database, _fault) = (database, fault);
        _workflow = new ScratchWorkflow(
            database, _clock, ("Stream:PassengersPerDay", $"{DrillReport.PassengersPerDay}"), ("Stream:OutcomeDelayDays", $"{fault.OutcomeDelayDays}"),
            ("Training:Selection:Enabled", "false"), ("Training:Challengers:Repeats", "0"), ("Training:CrossValidation:Repeats", "1"));
    }

    /// <summary>Imports the list, trains the first model, and runs the pipelines of a week without faults.</summary>
    public async Task RunHealthyWeek(CancellationToken cancellation)
    {
        _clock.MoveTo(ScratchWorkflow.Day);
        await _workflow.ImportAndTrain();
        await _database.Execute(
            """
            insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at, finished_at)
            values (1, 'Set up', 1, 1, '2026-03-01', '2026-03-01')
            """);
        for (var day = ScratchWorkflow.Day; day < _faultFrom; day = day.AddDays(1))
        {
            cancellation.ThrowIfCancellationRequested();
            await RunDay(day, hasFault: false);
        }
    }

    /// <summary>Runs the days of the fault, from day 0 to a last day.</summary>
    /// <returns>The alerts that are opened on each day.</returns>
    public async IAsyncEnumerable<DrillDay> RunFault(int lastDay, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var known = new HashSet<long>();
        for (var number = 0; number <= lastDay; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var day = _faultFrom.AddDays(number);
            if (!_fault.IsStopped)
                await RunDay(day, hasFault: !_fault.IsAfterRuns);
            if (_fault.IsAfterRuns)
                await Inject(day);
            await EvaluateUntil(day, number >= _fault.WithinDays ? _fault.LastHour : 1);
            var alerts = await _workflow.InScope<TitanicDb, List<Alert>>(db => db.Alerts.AsNoTracking().OrderBy(alert => alert.AlertId).ToListAsync(cancellation));
            yield return new DrillDay(
                number, [.. alerts.Where(alert => known.Add(alert.AlertId)).Select(alert => new DrillAlert(NameOf(alert), alert.Message))],
                alerts.Count(alert => alert.State != AlertState.Resolved));
        }
    }

    public ValueTask DisposeAsync() => _workflow.DisposeAsync();

    private Task Inject(DateOnly day) => _fault.Name switch
    {
        DrillFault.HighAges => ChangePassengers(day, passenger => passenger with { AgeInYears = passenger.AgeInYears + 25 }),
        DrillFault.SwappedClasses => ChangePassengers(day, passenger => passenger with { Pclass = 4 - passenger.Pclass }),
        DrillFault.MissingAges => ChangePassengers(day, passenger => passenger with { AgeInYears = null }),
        DrillFault.InvertedOutcomes => SendInvertedOutcomes(day),
        DrillFault.LateOutcomes or DrillFault.MissingOutcomes when day == _faultFrom => SendPassengersWithoutOutcome(day),
        DrillFault.LateOutcomes when day == _faultFrom.AddDays(_fault.RepairedOnDay!.Value) => SendOutcomesOf(_faultFrom, day),
        DrillFault.RepeatedBatch => ChangePassengers(day, passenger => passenger),
        DrillFault.DamagedModel => DamageChampion(),
        DrillFault.NoWorker => QueueWithoutWorker(day),
        _ => Task.CompletedTask,
    };

    /// <summary>Stores changed values of the passengers of a day, as if the source had sent them.</summary>
    private Task ChangePassengers(DateOnly day, Func<Passenger, Passenger> change) =>
        Send(PassengerSources.Synthetic, day, Generate(day, seed: null).Select(change));

    /// <summary>Sends wrong outcomes of the passengers of a day; the stream corrects them on the next day.</summary>
    private Task SendInvertedOutcomes(DateOnly day) => SendOutcomes(PassengerSources.Synthetic, Generate(day, seed: null), survived => !survived, day);

    private Task SendPassengersWithoutOutcome(DateOnly day) =>
        Send(PassengerSources.Api, day, Generate(day, seed: 7).Select(passenger => passenger with { Survived = null }));

    /// <summary>Sends the outcomes of <see cref="SendPassengersWithoutOutcome"/>.</summary>
    private Task SendOutcomesOf(DateOnly day, DateOnly knownOn) => SendOutcomes(PassengerSources.Api, Generate(day, seed: 7), survived => survived, knownOn);

    private Task DamageChampion() => _database.Execute(
        """
        update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1)
        where version = (select version from alias_assignments where alias = 'champion' and ended_at is null)
        """);

    private Task QueueWithoutWorker(DateOnly day) => _workflow.InScope<PipelineRunner, Run>(runner =>
        runner.Queue(new RunRequest(PipelineNames.Training, day, RunTrigger.Button), null, CancellationToken.None));

    /// <summary>The alert as "rule/subject"; of a damaged model without its version.</summary>
    private static string NameOf(Alert alert) => $"{alert.Rule}/{(alert.Rule == AlertRules.DamagedModel ? "champion" : alert.Subject)}";

    /// <summary>Runs the pipelines of a day at 00:30, with a fault between the feature and the inference run.</summary>
    private async Task RunDay(DateOnly day, bool hasFault)
    {
        _clock.MoveTo(day);
        foreach (var pipeline in PipelineNames.All)
        {
            await _workflow.Run(new RunRequest(pipeline, day, RunTrigger.Schedule));
            if (pipeline == PipelineNames.Feature && hasFault)
                await Inject(day);
        }
    }

    /// <summary>Evaluates the alert rules every few minutes from 00:30 until an hour of a day.</summary>
    private async Task EvaluateUntil(DateOnly day, int lastHour)
    {
        for (_clock.MoveTo(day); _clock.GetUtcNow().Hour < lastHour; _clock.Advance(_evaluationInterval))
            await _workflow.InScope<AlertEvaluation, bool>(evaluation => evaluation.Evaluate(CancellationToken.None));
    }

    private Task Send(string source, DateOnly day, IEnumerable<Passenger> passengers)
    {
        var time = FeatureReader.StartOf(day);
        var batch = PassengerBatch.FromPassengers(source, "fire drill", time, time, [.. passengers]);
        return _workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Ingest(batch, _provenance, CancellationToken.None));
    }

    private Task SendOutcomes(string source, IReadOnlyList<Passenger> passengers, Func<bool, bool> report, DateOnly knownOn)
    {
        var rows = passengers.Select((passenger, i) =>
            (OutcomeRow)new AcceptedOutcome(i + 1, source, passenger.SourceKey, report(passenger.Survived!.Value), null));
        var batch = new OutcomeBatch(source, "fire drill", FeatureReader.StartOf(knownOn), rows.ToAsyncEnumerable(), () => []);
        return _workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.IngestOutcomes(batch, _provenance, CancellationToken.None));
    }

    /// <summary>The passengers of the stream; another seed gives other passengers of the same population.</summary>
    private IReadOnlyList<Passenger> Generate(DateOnly day, long? seed)
    {
        var options = new StreamOptions { PassengersPerDay = DrillReport.PassengersPerDay };
        options.Seed = seed ?? options.Seed;
        return new PassengerStream(_workflow.GetRequired<BundledDataset>(), Options.Create(options)).Generate(day, _ => true);
    }

    /// <summary>A clock that stands still until it is moved.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private DateTimeOffset _now;

        public override DateTimeOffset GetUtcNow() => _now;

        /// <summary>Moves the clock to 00:30 UTC of a day.</summary>
        public void MoveTo(DateOnly day) => _now = new(day.ToDateTime(new TimeOnly(0, 30)), TimeSpan.Zero);

        public void Advance(TimeSpan time) => _now += time;
    }
}
