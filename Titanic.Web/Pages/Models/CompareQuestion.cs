namespace Titanic.Web.Pages.Models;

/// <summary>Which two versions to compare, as the form shows it.</summary>
/// <param name="ProblemA">What is wrong with it; null where nothing is.</param>
public sealed record CompareQuestion(string? A, string? B, string? ProblemA = null, string? ProblemB = null)
{
    public IEnumerable<(string Name, string Label, string? Value, string? Problem)> Fields =>
        [("a", "Version", A, ProblemA), ("b", "beside version", B, ProblemB)];
}
