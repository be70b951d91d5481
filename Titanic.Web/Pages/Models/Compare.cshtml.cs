using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Lifecycle;

namespace Titanic.Web.Pages.Models;

/// <summary>Any two versions side by side; the address is the state.</summary>
public sealed class CompareModel(VersionComparer comparer) : PageModel
{
    /// <summary>A version's number, or an alias.</summary>
    [BindProperty(SupportsGet = true)]
    public string? A { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? B { get; set; }

    public VersionComparison? Compared { get; private set; }

    /// <summary>What is wrong with a field, or null.</summary>
    public string? Problem(string field) => ModelState[field]?.Errors.FirstOrDefault()?.ErrorMessage;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (A is null && B is null)
            return; // nothing was asked yet
        try
        {
            Compared = await comparer.Compare(A, B, cancellationToken);
        }
        catch (UnknownVersionException unknown)
        {
            ModelState.AddModelError(unknown.Side, unknown.Message);
            Response.StatusCode = string.IsNullOrWhiteSpace(unknown.Side == "a" ? A : B) ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound;
        }
    }
}

/// <summary>The form that compares two versions, as it is shown.</summary>
/// <param name="ProblemA">What is wrong with it; null where nothing is.</param>
public sealed record CompareInput(string? A, string? B, string? ProblemA = null, string? ProblemB = null)
{
    public IReadOnlyList<CompareSide> Sides => [new("a", "Version", A, ProblemA), new("b", "beside version", B, ProblemB)];
}

public sealed record CompareSide(string Name, string Label, string? Value, string? Problem);

/// <summary>How a cell of the heat map shows two answers: in words, and in a colour that adds nothing to the words.</summary>
/// <param name="Text">"▲+12", "−3", "·" or "".</param>
/// <param name="Words">The same for those who hear it, and for those who point at it.</param>
/// <param name="Style">A class of the style sheet.</param>
public sealed record HeatCell(string Text, string Words, string? Style)
{
    public static HeatCell Of(ComparedAnswer answer)
    {
        var points = Math.Round(100 * (answer.Second.Probability - answer.First.Probability));
        var difference = points switch { > 0 => $"+{points}", < 0 => $"\u2212{-points}", _ => "·" };
        var chances = $"chance {Format.Percent(answer.First.Probability)}, then {Format.Percent(answer.Second.Probability)}";
        return answer switch
        {
            { ChangesFate: true, Second.Survived: true } => new($"▲{difference}", $"dies, then survives; {chances}", "heat-to-survived"),
            { ChangesFate: true } => new($"▼{difference}", $"survives, then dies; {chances}", "heat-to-died"),
            { Changes: false } => new("", answer.First.Survived ? $"survives in both; chance {Format.Percent(answer.First.Probability)}" : $"dies in both; chance {Format.Percent(answer.First.Probability)}", null),
            _ => new(difference, $"{(answer.First.Survived ? "survives" : "dies")} in both; {chances}", StyleOf(points)),
        };
    }

    /// <summary>A column's heading as narrow as its numbers: "≤£25" for "over £10 to £25".</summary>
    public static string Narrow(string fare) => fare.LastIndexOf("to ", StringComparison.Ordinal) is >= 0 and var end
        ? $"≤{fare[(end + "to ".Length)..]}"
        : fare.Replace("over ", ">", StringComparison.Ordinal);

    private static string? StyleOf(double points) => points switch
    {
        >= 10 => "heat-up-2",
        > 0 => "heat-up-1",
        <= -10 => "heat-down-2",
        < 0 => "heat-down-1",
        _ => null,
    };
}
