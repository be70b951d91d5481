using Microsoft.AspNetCore.Html;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Shared;

/// <summary>States as colored labels, with the same text and color on every page.</summary>
public static class Badges
{
    public static IHtmlContent Outcome(bool survived) => Text(survived ? "outcome outcome-survived" : "outcome outcome-died", survived ? "survived" : "died");

    public static IHtmlContent Of(Verdict verdict) => Badge(
        verdict switch { Verdict.Promote => "success", Verdict.Hold => "warning", _ => "danger" }, verdict.ToString().ToUpperInvariant());

    public static IHtmlContent Of(RunStatus status) => Badge(
        status switch
        {
            RunStatus.Succeeded => "success",
            RunStatus.Failed => "danger",
            RunStatus.Running => "primary",
            RunStatus.Queued => "info",
            RunStatus.Interrupted => "warning",
            _ => "secondary",
        },
        status.ToString().ToLowerInvariant());

    public static IHtmlContent Of(AlertState state) => Badge(
        state switch { AlertState.Open => "danger", AlertState.Acknowledged => "warning", _ => "success" }, state.ToString().ToLowerInvariant());

    public static IHtmlContent Of(DeliveryStatus status) => Badge(
        status switch { DeliveryStatus.Delivered => "success", DeliveryStatus.Failed => "danger", _ => "info" }, status.ToString().ToLowerInvariant());

    public static IHtmlContent Of(ReproductionVerdict verdict) => Text($"badge {ReproductionBadge.StyleOf(verdict)}", verdict.ToString().ToLowerInvariant());

    public static IHtmlContent Of(ValidationReport report) => report.Outcome switch
    {
        IngestionOutcome.Rejected => Badge("danger", "rejected"),
        IngestionOutcome.Unchanged => Badge("secondary", "unchanged"),
        _ when report.Success => Badge("success", "ingested"),
        _ => Badge("warning", report.RowsRejected > 0 ? "partially ingested" : "ingested with warnings"),
    };

    /// <summary>A drift alarm.</summary>
    /// <param name="raisedOn">The day of the alarm; null without one.</param>
    /// <param name="hasRows">Whether rows have been compared.</param>
    public static IHtmlContent Alarm(DateOnly? raisedOn, bool hasRows) => raisedOn is { } day
        ? Badge("danger", $"alarm since {Format.Date(day)}")
        : hasRows ? Badge("success", "no alarm") : Badge("secondary", "no data yet");

    public static IHtmlContent OfAccount(bool isDisabled) => Badge(isDisabled ? "secondary" : "success", isDisabled ? "disabled" : "enabled");

    public static IHtmlContent OfKey(ApiKeySummary summary) => Badge(summary.State == ApiKeySummary.Valid ? "success" : "secondary", summary.State);

    private static IHtmlContent Badge(string color, string text) => Text($"badge text-bg-{color}", text);

    private static IHtmlContent Text(string style, string text) => new HtmlContentBuilder().AppendFormat("""<span class="{0}">{1}</span>""", style, text);
}

/// <summary>The latest reproduction of a model version as a link to its details, for the partial <c>_ReproductionBadge</c>.</summary>
/// <param name="Newest">Null if the version has never been reproduced.</param>
/// <param name="IsBrief">Whether the details are visually hidden, for lists; screen readers still read them.</param>
public sealed record ReproductionBadge(int Version, Reproduction? Newest, bool IsBrief = false)
{
    /// <summary>Followed by the time of the reproduction, if there is one.</summary>
    public string Text => Newest switch
    {
        null => IsBrief ? "not checked yet" : "Reproducibility: not checked yet",
        { Verdict: ReproductionVerdict.Reproduced } => "reproduced",
        { Verdict: ReproductionVerdict.Differs } => "differs, checked",
        _ => "not reproducible here, checked",
    };

    public string Details => Newest is null ? "" : $" on {Newest.Platform}{(Newest.Verdict == ReproductionVerdict.Reproduced ? ", same bytes" : "")}";

    public string Style => StyleOf(Newest?.Verdict);

    public static string StyleOf(ReproductionVerdict? verdict) => verdict switch
    {
        null => "text-bg-secondary",
        ReproductionVerdict.Reproduced => "text-bg-success",
        ReproductionVerdict.Differs => "text-bg-danger",
        _ => "text-bg-warning",
    };
}
