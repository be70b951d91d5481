using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Titanic.Web.Access;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>The comparison of any two versions. All state is in the URL.</summary>
[EnableRateLimiting(CostlyReads.Policy)]
public sealed class CompareModel(VersionComparer comparer, IOptions<GatePolicy> policy) : PageModel
{
    /// <summary>A version number or an alias.</summary>
    [BindProperty(SupportsGet = true)]
    public string? A { get; set; }

    /// <summary>A version number or an alias; differences are its values minus those of <see cref="A"/>.</summary>
    [BindProperty(SupportsGet = true)]
    public string? B { get; set; }

    public VersionComparison? Comparison { get; private set; }

    /// <summary>The validation message of a field; null if it is valid.</summary>
    public string? Problem(string field) => ModelState[field]?.Errors.FirstOrDefault()?.ErrorMessage;

    public GatePolicy Policy => policy.Value;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (A is null && B is null)
            return; // the form is shown without a comparison
        try
        {
            Comparison = await comparer.Compare(A, B, cancellationToken);
        }
        catch (UnknownVersionException unknown)
        {
            ModelState.AddModelError(unknown.Side, unknown.Message);
            Response.StatusCode = string.IsNullOrWhiteSpace(unknown.Side == "a" ? A : B) ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound;
        }
    }
}

/// <summary>The model of the partial <c>_CompareForm</c>: the values of its two fields and their validation messages.</summary>
/// <param name="ProblemA">Null if <paramref name="A"/> is valid.</param>
/// <param name="ProblemB">Null if <paramref name="B"/> is valid.</param>
public sealed record CompareForm(string? A, string? B, string? ProblemA = null, string? ProblemB = null)
{
    public IReadOnlyList<CompareField> Fields => [new("a", "First version", A, ProblemA), new("b", "Second version", B, ProblemB)];
}

public sealed record CompareField(string Name, string Label, string? Value, string? Problem);

/// <summary>A cell of the heat map: the change between two predictions. The color repeats what the text states.</summary>
/// <param name="Text">"▲+12", "−3", "·" or "".</param>
/// <param name="Description">The tooltip: both predicted classes and probabilities.</param>
/// <param name="Style">The CSS class; null for no color.</param>
public sealed record HeatMapCell(string Text, string Description, string? Style)
{
    public static HeatMapCell Of(ComparedPrediction prediction)
    {
        var points = Math.Round(100 * (prediction.Second.Probability - prediction.First.Probability));
        var difference = points switch { > 0 => $"+{points}", < 0 => $"\u2212{-points}", _ => "·" };
        var (first, second) = (Format.Percent(prediction.First.Probability), Format.Percent(prediction.Second.Probability));
        var outcome = prediction.First.Survived ? "survived" : "died";
        return prediction switch
        {
            { Flips: true, Second.Survived: true } => new($"▲{difference}", $"died, then survived; probability {first}, then {second}", "heat-to-survived"),
            { Flips: true } => new($"▼{difference}", $"survived, then died; probability {first}, then {second}", "heat-to-died"),
            { IsDifferent: false } => new("", $"{outcome} in both; probability {first}", null),
            _ => new(difference, $"{outcome} in both; probability {first}, then {second}", StyleOf(points)),
        };
    }

    /// <summary>The short heading of a fare column: "≤£25" for "over £10 to £25".</summary>
    public static string ShortFareLabel(string fare) => fare.LastIndexOf("to ", StringComparison.Ordinal) is >= 0 and var end
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
