using Microsoft.AspNetCore.Html;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Shared;

/// <summary>The state of something in a word or two on a colored ground, alike on every page.</summary>
public static class Badges
{
    public static IHtmlContent Outcome(bool survived) => Text(survived ? "fate fate-survived" : "fate fate-died", survived ? "survived" : "died");

    public static IHtmlContent Of(Verdict verdict) => Badge(
        verdict switch { Verdict.Promote => "success", Verdict.Hold => "warning", _ => "danger" }, verdict.ToString().ToUpperInvariant());

    public static IHtmlContent Of(RunStatus status) => Badge(
        status switch
        {
            RunStatus.Succeeded => "success",
            RunStatus.Failed => "danger",
            RunStatus.Running => "primary",
            RunStatus.Queued => "info",
            _ => "secondary",
        },
        status.ToString().ToLowerInvariant());

    public static IHtmlContent Of(ReproductionVerdict verdict) => Text($"badge {ReproductionBadge.StyleOf(verdict)}", verdict.ToString().ToLowerInvariant());

    public static IHtmlContent Of(ValidationReport report) => report.Outcome switch
    {
        IngestionOutcome.Rejected => Badge("danger", "refused"),
        IngestionOutcome.Unchanged => Badge("secondary", "nothing new"),
        _ when report.Success => Badge("success", "ingested"),
        _ => Badge("warning", report.RowsRejected > 0 ? "ingested in part" : "ingested, looks odd"),
    };

    private static IHtmlContent Badge(string color, string text) => Text($"badge text-bg-{color}", text);

    private static IHtmlContent Text(string style, string text) => new HtmlContentBuilder().AppendFormat("""<span class="{0}">{1}</span>""", style, text);
}

/// <summary>The newest reproduction of a version in a few words, as a link to the details: the partial <c>_ReproductionBadge</c>.</summary>
/// <param name="Newest">Null while the version was never reproduced.</param>
/// <param name="IsBrief">For lists: the details are there for screen readers alone.</param>
public sealed record ReproductionBadge(int Version, Reproduction? Newest, DateTimeOffset Now, bool IsBrief = false)
{
    public string Text => Newest switch
    {
        null => "not audited yet",
        { Verdict: ReproductionVerdict.Reproduced } => $"reproduced {When}",
        { Verdict: ReproductionVerdict.Differs } => $"differs, found {When}",
        _ => $"not made again {When}",
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

    private string When => Format.Ago(Now - Newest!.ReproducedAt);
}
