using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Shared;

/// <summary>What the newest reproduction of a version says, in a few words.</summary>
/// <param name="Newest">Null while nobody made the version again.</param>
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

    public string Colour => ColourOf(Newest?.Verdict);

    public static string ColourOf(ReproductionVerdict? verdict) => verdict switch
    {
        null => "text-bg-secondary",
        ReproductionVerdict.Reproduced => "text-bg-success",
        ReproductionVerdict.Differs => "text-bg-danger",
        _ => "text-bg-warning",
    };

    private string When => Format.Ago(Now - Newest!.ReproducedAt);
}
