namespace Titanic.Web.Pipelines;

/// <summary>Why a current row of the store is not part of a training dataset. A row has one reason: the first that applies.</summary>
public enum UnusedReason
{
    /// <summary>The source is not selected: the first model is trained on the historical and uploaded lists only.</summary>
    OtherSources,

    /// <summary>The event time is before the first event time of the dataset.</summary>
    BeforeStart,

    /// <summary>The row, or its outcome, was committed after the point in time that the run reads.</summary>
    CommittedLater,

    /// <summary>A stream passenger without a prediction.</summary>
    AwaitingPrediction,

    /// <summary>No outcome is stored.</summary>
    OutcomeUnknown,

    /// <summary>The outcome became known at or after the label cutoff.</summary>
    KnownAfterCutoff,

    /// <summary>The row, or its outcome, was committed together with or after a stream passenger that has no prediction.</summary>
    HeldBack,

    /// <summary>A copy of a person who is already in the dataset.</summary>
    Copies,
}

/// <summary>The numbers of current rows that are not part of a training dataset, by reason.</summary>
/// <param name="Counts">The number of rows of each reason; a missing reason counts 0.</param>
/// <param name="WaitedFor">The number of passengers without a prediction for which the rows of <see cref="UnusedReason.HeldBack"/> wait.</param>
public sealed record UnusedRows(IReadOnlyDictionary<UnusedReason, long> Counts, long WaitedFor)
{
    /// <summary>The names of the total and of <see cref="WaitedFor"/> among the counts of a run.</summary>
    private const string TotalName = "unused", WaitedForName = "waitedFor";

    /// <summary>The reasons in the order of the sentence; copies and rows before the first event time have their own sentences.</summary>
    private static readonly UnusedReason[] _order =
    [
        UnusedReason.AwaitingPrediction, UnusedReason.HeldBack, UnusedReason.OutcomeUnknown, UnusedReason.KnownAfterCutoff, UnusedReason.CommittedLater,
        UnusedReason.OtherSources,
    ];

    public long Total => Counts.Values.Sum();

    /// <summary>The rows that could be used if their passengers, or those before them, were predicted.</summary>
    public bool WaitsForPredictions => CountOf(UnusedReason.AwaitingPrediction) + CountOf(UnusedReason.HeldBack) > 0;

    /// <summary>Reads the counts of a training run.</summary>
    /// <returns>Null where the run did not count the rows that it did not use.</returns>
    public static UnusedRows? Of(Run run) => run.Pipeline != PipelineNames.Training || !run.Counts.ContainsKey(TotalName) ? null : new UnusedRows(
        Enum.GetValues<UnusedReason>().Where(reason => run.Counts.ContainsKey(NameOf(reason))).ToDictionary(reason => reason, reason => run.Counts[NameOf(reason)]),
        run.Counts.GetValueOrDefault(WaitedForName));

    public long CountOf(UnusedReason reason) => Counts.GetValueOrDefault(reason);

    /// <summary>Sets the total, and the count of each reason that applies, in the run.</summary>
    public void WriteTo(RunContext run)
    {
        run.SetCount(TotalName, Total);
        foreach (var (reason, rows) in Counts)
            run.SetCount(NameOf(reason), rows);
        if (CountOf(UnusedReason.HeldBack) > 0)
            run.SetCount(WaitedForName, WaitedFor);
    }

    /// <summary>The summary of a training run, followed by the sentence about the rows that it did not use, if there are any.</summary>
    public string AppendTo(string summary) => Total == 0 ? summary : $"{summary} {this}";

    /// <summary>
    /// "131 newer rows not used: 121 passengers await a prediction, 10 outcomes are not known yet. 891 copies." Copies and rows before the first
    /// event time are no newer rows: every later run meets them again.
    /// </summary>
    public override string ToString()
    {
        var (copies, before) = (CountOf(UnusedReason.Copies), CountOf(UnusedReason.BeforeStart));
        var newer = Total - copies - before;
        string[] sentences =
        [
            .. newer > 0 ? [$"{Quantity.Of(newer, "newer row")} not used: {string.Join(", ", _order.Where(reason => CountOf(reason) > 0).Select(Describe))}."] : (string[])[],
            .. before > 0 ? [$"{Quantity.Of(before, "row")} before the first event time not used."] : (string[])[],
            .. copies > 0 ? [$"{Format.Count(copies)} {Inflect(copies, "copy", "copies")} not used."] : (string[])[],
        ];
        return sentences.Length == 0 ? "All rows are used." : string.Join(' ', sentences);
    }

    private string Describe(UnusedReason reason)
    {
        var rows = CountOf(reason);
        return reason switch
        {
            UnusedReason.AwaitingPrediction => Await(rows, "passenger"),
            UnusedReason.HeldBack => $"{Quantity.Of(rows, "row")} {Inflect(rows, "is", "are")} held back because {Await(WaitedFor, "earlier passenger")}",
            UnusedReason.OutcomeUnknown => $"{Quantity.Of(rows, "outcome")} {Inflect(rows, "is", "are")} not known yet",
            UnusedReason.KnownAfterCutoff => $"{Quantity.Of(rows, "outcome")} became known at or after the label cutoff",
            UnusedReason.CommittedLater => $"{Quantity.Of(rows, "row")} {Inflect(rows, "was", "were")} committed after the as-of commit",
            _ => $"{Quantity.Of(rows, "row")} {Inflect(rows, "is", "are")} from sources that the first model does not use",
        };
    }

    private static string Await(long passengers, string unit) => $"{Quantity.Of(passengers, unit)} {Inflect(passengers, "awaits", "await")} a prediction";

    private static string Inflect(long count, string singular, string plural) => count == 1 ? singular : plural;

    private static string NameOf(UnusedReason reason) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(reason.ToString());
}
