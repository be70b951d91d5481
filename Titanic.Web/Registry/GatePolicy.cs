using Microsoft.Extensions.Options;

namespace Titanic.Web.Registry;

/// <summary>Configuration section <c>Registry:Gate</c>: how much the gate wants to know, and how much a version may lose. Stored with each decision.</summary>
public sealed record GatePolicy
{
    public const string Section = "Registry:Gate";

    /// <summary>A version takes over when a loss of accuracy of this size (0..1) or more is ruled out.</summary>
    public double Margin { get; init; } = 0.02;

    /// <summary>Two-sided, of McNemar's test and of the intervals: half of it lies in the direction of harm.</summary>
    public double SignificanceLevel { get; init; } = 0.05;

    /// <summary>Below so many rows no comparison is worth its name, and the champion stays.</summary>
    public int MinimumRows { get; init; } = 100;

    /// <summary>
    /// Below so many rows that only one of two models answers right, neither is called better or worse. Six is where the exact test can
    /// first fall below 5 %.
    /// </summary>
    public int MinimumDiscordantRows { get; init; } = 6;

    /// <summary>A version whose Brier score is worse by more than this, with all of its interval, is refused however its answers come out.</summary>
    public double BrierMargin { get; init; } = 0.01;

    public IEnumerable<string> Problems()
    {
        if (Margin is not (> 0 and < 1))
            yield return FormattableString.Invariant($"Margin is {Margin}; it must be more than 0 and less than 1.");
        if (SignificanceLevel is not (>= 0.0001 and <= 0.5))
            yield return FormattableString.Invariant($"SignificanceLevel is {SignificanceLevel}; it must be 0.0001 to 0.5.");
        if (MinimumRows < 1)
            yield return FormattableString.Invariant($"MinimumRows is {MinimumRows}; it must be at least 1.");
        if (MinimumDiscordantRows < 1)
            yield return FormattableString.Invariant($"MinimumDiscordantRows is {MinimumDiscordantRows}; it must be at least 1.");
        if (BrierMargin is not (>= 0 and < 1))
            yield return FormattableString.Invariant($"BrierMargin is {BrierMargin}; it must be at least 0 and less than 1.");
    }

    internal sealed class Validator : IValidateOptions<GatePolicy>
    {
        public ValidateOptionsResult Validate(string? name, GatePolicy policy)
        {
            string[] problems = [.. policy.Problems().Select(problem => $"Configuration section '{Section}': {problem}")];
            return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
