using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Hosting.FireDrills;

/// <summary>A known fault, and the alert that it has to open.</summary>
/// <param name="Name">The name in URLs and figures.</param>
/// <param name="Description">What is wrong, as a sentence.</param>
/// <param name="Expected">The alert as "rule/subject"; null if the fault must be without effect.</param>
/// <param name="WithinDays">The last day of the fault on which the alert may be opened; day 0 is its first.</param>
/// <param name="Consequences">Other alerts that the same fault may open.</param>
/// <param name="Inject">Called each day between the feature run and the inference run.</param>
internal sealed record DrillFault(
    string Name, string Description, string? Expected, int WithinDays, IReadOnlyList<string> Consequences, Func<FireDrill, DateOnly, Task> Inject)
{
    private const string Age = $"{AlertRules.Drift}/age", Class = $"{AlertRules.Drift}/pclass", Probability = $"{AlertRules.Drift}/probability",
        Accuracy = $"{AlertRules.Accuracy}/accuracy", Outcomes = $"{AlertRules.LateData}/outcomes";

    public static IReadOnlyList<DrillFault> All { get; } =
    [
        new("none", "Nothing is wrong.", null, 10, [], NoFault),
        new("drifted-feature", "The source sends every age 25 years too high.", Age, 4, [Probability],
            (drill, day) => drill.ChangePassengers(day, passenger => passenger with { AgeInYears = passenger.AgeInYears + 25 })),
        new("swapped-class-codes", "The source swaps the classes 1 and 3.", Class, 4, [Probability, Accuracy],
            (drill, day) => drill.ChangePassengers(day, passenger => passenger with { Pclass = 4 - passenger.Pclass })),
        new("null-flood", "The source sends no ages.", Age, 3, [Probability],
            (drill, day) => drill.ChangePassengers(day, passenger => passenger with { AgeInYears = null })),
        new("label-flip", "The source reports the opposite of every outcome.", Accuracy, 3, [$"{AlertRules.Drift}/survived"],
            (drill, day) => drill.SendInvertedOutcomes(day)) { OutcomeDelayDays = 1 },
        new("late-outcomes", "The outcomes of 30 passengers arrive nine days late.", Outcomes, 8, [], SendLateOutcomes) { RepairedOnDay = 9, LastHour = 7 },
        new("missing-outcomes", "The outcomes of 30 passengers never arrive.", Outcomes, 8, [],
            (drill, day) => day == FireDrill.FaultFrom ? drill.SendPassengersWithoutOutcome(day) : Task.CompletedTask) { LastHour = 7 },
        new("duplicate-batch", "The source sends every passenger twice.", null, 4, [], (drill, day) => drill.ChangePassengers(day, passenger => passenger)),
        new("dead-stream", "No pipeline runs.", $"{AlertRules.MissedRun}/feature", 0, [$"{AlertRules.MissedRun}/audit", $"{AlertRules.LateData}/passengers"], NoFault)
        {
            IsStopped = true,
            LastHour = 7,
        },
        new("damaged-model", "A bit of the champion's stored bytes changes.", $"{AlertRules.DamagedModel}/champion", 0, [], (drill, _) => drill.DamageChampion()) { IsAfterRuns = true },
        new("stalled-worker", "A training run is queued, and no worker starts it.", $"{AlertRules.StalledQueue}/training", 0, [], (drill, day) => drill.QueueWithoutWorker(day)) { IsAfterRuns = true },
    ];

    /// <summary>Whether <see cref="Inject"/> is called after the runs of the day instead.</summary>
    public bool IsAfterRuns { get; init; }

    /// <summary>Whether no pipeline runs.</summary>
    public bool IsStopped { get; init; }

    /// <summary>Until when the rules are evaluated from the last day on; until 01:00 before. Late data need six hours.</summary>
    public int LastHour { get; init; } = 1;

    public int OutcomeDelayDays { get; init; }

    /// <summary>The day on which <see cref="Inject"/> ends the fault, so that its alert is resolved; null if it does not end.</summary>
    public int? RepairedOnDay { get; init; }

    /// <summary>The last simulated day of the fault.</summary>
    public int LastDay => RepairedOnDay ?? WithinDays;

    public static DrillFault? Find(string? name) => All.FirstOrDefault(fault => fault.Name == name);

    /// <summary>Whether an alert other than the expected one and its consequences was opened.</summary>
    public bool IsUnexpected(string alert) => alert != Expected && !Consequences.Contains(alert);

    private static Task NoFault(FireDrill drill, DateOnly day) => Task.CompletedTask;

    private static Task SendLateOutcomes(FireDrill drill, DateOnly day) => (day.DayNumber - FireDrill.FaultFrom.DayNumber) switch
    {
        0 => drill.SendPassengersWithoutOutcome(day),
        9 => drill.SendOutcomesOf(FireDrill.FaultFrom, day),
        _ => Task.CompletedTask,
    };
}
