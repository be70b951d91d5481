namespace Titanic.Web.Pipelines.Alerts;

/// <summary>A rule whose condition opens alerts.</summary>
/// <param name="Name">As in the API and the database.</param>
/// <param name="Title">As on pages.</param>
/// <param name="Description">The condition.</param>
/// <param name="Remedy">What an operator does about it.</param>
public sealed record AlertRule(string Name, string Title, string Description, string Remedy);

/// <summary>The rules. <see cref="RunConditions"/> and <see cref="DataConditions"/> evaluate them.</summary>
public static class AlertRules
{
    public const string Drift = "drift";
    public const string Accuracy = "accuracy";
    public const string LateData = "late-data";
    public const string MissedRun = "missed-run";
    public const string Overdue = "overdue";
    public const string FailedRun = "failed-run";
    public const string DamagedModel = "damaged-model";
    public const string StalledQueue = "stalled-queue";

    /// <summary>All rules, in the order of pages and documents.</summary>
    public static IReadOnlyList<AlertRule> All { get; } =
    [
        new(Drift, "Drift", "An input alarm of the current drift period is raised, one alert for each feature.",
            "Look at the feature on the monitoring page and at the commits since the estimated start. "
                + "Correct wrong data, or let training learn the change."),
        new(Accuracy, "Accuracy", "The accuracy alarm of the current drift period is raised.",
            "Look at the rows behind the alarm on the monitoring page. "
                + "Roll back, or promote a version that is better on the rows since then."),
        new(LateData, "Late data", "The passengers of the newest due day are not stored, or outcomes of passengers are overdue.",
            "Check the feature runs on the pipelines page. For overdue outcomes of the source api, send them to POST /api/outcomes."),
        new(MissedRun, "Missed run", "A scheduled run was not started although it was due and its upstream pipeline has succeeded.",
            "Check that a process with the role of the pipeline is running, then start the run on the pipelines page."),
        new(Overdue, "Overdue run", "A scheduled run has not succeeded by the deadline of its schedule, and no other alert explains it.",
            "Look at the run, which is running or waits for the run before it; the schedule of the pipeline has the deadline."),
        new(FailedRun, "Failed run", "A run of a logical date failed, and no later run has succeeded for that date.",
            "Read the error of the run, correct its cause, and start the run for that date again on the pipelines page."),
        new(DamagedModel, "Damaged model", "The stored bytes of the champion do not have the registered SHA-256, so they are not loaded.",
            "Roll back to the previous version or promote an intact version on the models page, or restore the bytes from a backup."),
        new(StalledQueue, "Stalled queue", "The oldest queued run of a pipeline waits too long, and no run of the pipeline has started since.",
            "Check that a process with the role of the pipeline is running, and its jobs on the jobs page."),
    ];

    /// <summary>The names, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(rule => rule.Name)];

    public static AlertRule Find(string name) => All.Single(rule => rule.Name == name);
}

/// <summary>An incident that a rule finds at an evaluation; the members are those of <see cref="Alert"/>.</summary>
public sealed record AlertCondition(string Rule, string Subject, string Message, string Link, IReadOnlyDictionary<string, string> Evidence);

internal sealed class AlertRuleNameAttribute() : OneOfAttribute([.. AlertRules.Names]);
