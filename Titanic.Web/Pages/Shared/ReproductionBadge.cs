using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Shared;

/// <summary>What the newest reproduction of a version says, in a few words.</summary>
/// <param name="Newest">Null while nobody made the version again.</param>
public sealed record ReproductionBadge(int Version, Reproduction? Newest, DateTimeOffset Now)
{
    public string Text => Newest switch
    {
        null => "not audited yet",
        { Verdict: ReproductionVerdict.Reproduced } => $"reproduced {When} on {Newest.Platform}, same bytes",
        { Verdict: ReproductionVerdict.Differs } => $"differs, found {When} on {Newest.Platform}",
        _ => $"could not be made again {When} on {Newest.Platform}",
    };

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
