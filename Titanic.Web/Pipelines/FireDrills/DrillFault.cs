using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Pipelines.FireDrills;

/// <summary>A known fault, and the alert that it has to open.</summary>
/// <param name="Name">The name in URLs and figures.</param>
/// <param name="Description">What is wrong, as a sentence.</param>
/// <param name="Expected">The alert as "rule/subject"; null if the fault must be without effect.</param>
/// <param name="WithinDays">The last day of the fault on which the alert may be opened; day 0 is its first.</param>
/// <param name="Consequences">Other alerts that the same fault may open.</param>
public sealed record DrillFault(string Name, string Description, string? Expected, int WithinDays, IReadOnlyList<string> Consequences)
{
    /// <summary>Names of the faults.</summary>
    public const string None = "none", HighAges = "drifted-feature", SwappedClasses = "swapped-class-codes", MissingAges = "null-flood", InvertedOutcomes = "label-flip",
        LateOutcomes = "late-outcomes", MissingOutcomes = "missing-outcomes", RepeatedBatch = "duplicate-batch", NoRuns = "dead-stream", DamagedModel = "damaged-model",
        NoWorker = "stalled-worker";

    private const string Age = $"{AlertRules.Drift}/age", Class = $"{AlertRules.Drift}/pclass", Probability = $"{AlertRules.Drift}/probability",
        Accuracy = $"{AlertRules.Accuracy}/accuracy", Outcomes = $"{AlertRules.LateData}/outcomes";

    public static IReadOnlyList<DrillFault> All { get; } =
    [
        new(None, "Nothing is wrong.", null, 10, []),
        new(HighAges, "The source sends every age 25 years too high.", Age, 4, [Probability]),
        new(SwappedClasses, "The source swaps the classes 1 and 3.", Class, 4, [Probability, Accuracy]),
        new(MissingAges, "The source sends no ages.", Age, 3, [Probability]),
        new(InvertedOutcomes, "The source reports the opposite of every outcome.", Accuracy, 3, [$"{AlertRules.Drift}/survived"]) { OutcomeDelayDays = 1 },
        new(LateOutcomes, "The outcomes of 30 passengers arrive nine days late.", Outcomes, 8, []) { RepairedOnDay = 9, LastHour = 7 },
        new(MissingOutcomes, "The outcomes of 30 passengers never arrive.", Outcomes, 8, []) { LastHour = 7 },
        new(RepeatedBatch, "The source sends every passenger twice.", null, 4, []),
        new(NoRuns, "No pipeline runs.", $"{AlertRules.MissedRun}/feature", 0, [$"{AlertRules.MissedRun}/audit", $"{AlertRules.LateData}/passengers"])
        {
            IsStopped = true,
            LastHour = 7,
        },
        new(DamagedModel, "A bit of the champion's stored bytes changes.", $"{AlertRules.DamagedModel}/champion", 0, []) { IsAfterRuns = true },
        new(NoWorker, "A training run is queued, and no worker starts it.", $"{AlertRules.StalledQueue}/training", 0, []) { IsAfterRuns = true },
    ];

    /// <summary>Whether the fault occurs after the runs of the day; otherwise between the feature run and the inference run.</summary>
    public bool IsAfterRuns { get; init; }

    /// <summary>Whether no pipeline runs.</summary>
    public bool IsStopped { get; init; }

    /// <summary>Until when the rules are evaluated from the last day on; until 01:00 before. Late data need six hours.</summary>
    public int LastHour { get; init; } = 1;

    public int OutcomeDelayDays { get; init; }

    /// <summary>The day on which the fault ends, so that its alert is resolved; null if it does not end.</summary>
    public int? RepairedOnDay { get; init; }

    /// <summary>The last simulated day of the fault.</summary>
    public int LastDay => RepairedOnDay ?? WithinDays;

    public static DrillFault? Find(string? name) => All.FirstOrDefault(fault => fault.Name == name);

    /// <summary>Whether an alert other than the expected one and its consequences was opened.</summary>
    public bool IsUnexpected(string alert) => alert != Expected && !Consequences.Contains(alert);
}
