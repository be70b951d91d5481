using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Configuration section "Stream": which passengers arrive day by day.</summary>
public sealed class StreamOptions
{
    public const string Section = "Stream";

    public const string Realistic = "realistic";
    public const string SeedRule = "seed";
    public const string Drift = "drift";

    /// <summary>realistic, seed or drift, in any case.</summary>
    public string Scenario { get; set; } = Realistic;

    /// <summary>The scenario "seed" gives one a day whatever stands here, as the original did.</summary>
    public int PassengersPerDay { get; set; } = 10;

    /// <summary>So many days after the passenger the outcome becomes known; 0: together with the passenger.</summary>
    public int OutcomeDelayDays { get; set; }

    public long Seed { get; set; } = 1912;

    /// <summary>First day of the shifted population; needed by the scenario "drift", unused by the others.</summary>
    public DateOnly? DriftFrom { get; set; }

    public bool Is(string scenario) => string.Equals(Scenario, scenario, StringComparison.OrdinalIgnoreCase);
}

internal sealed class StreamOptionsValidator : IValidateOptions<StreamOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamOptions options)
    {
        List<string> failures = [];
        if (!options.Is(StreamOptions.Realistic) && !options.Is(StreamOptions.SeedRule) && !options.Is(StreamOptions.Drift))
            failures.Add($"Stream:Scenario is \"{options.Scenario}\"; it must be realistic, seed or drift.");
        if (options.PassengersPerDay is < 1 or > 100_000)
            failures.Add(Sentence($"Stream:PassengersPerDay is {options.PassengersPerDay}; it must be from 1 to 100000."));
        if (options.OutcomeDelayDays is < 0 or > 365)
            failures.Add(Sentence($"Stream:OutcomeDelayDays is {options.OutcomeDelayDays}; it must be from 0 to 365."));
        if (options.Is(StreamOptions.Drift) && options.DriftFrom is null)
            failures.Add("Stream:DriftFrom is not set; the scenario drift needs the first shifted day, such as 2026-11-23.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
