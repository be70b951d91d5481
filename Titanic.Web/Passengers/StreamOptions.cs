using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Configuration section "Stream": which passengers arrive day by day.</summary>
public sealed class StreamOptions : IValidatableObject
{
    public const string Section = "Stream";

    public const string Realistic = "realistic";
    public const string SeedRule = "seed";
    public const string Drift = "drift";

    /// <summary>realistic, seed or drift, in any case.</summary>
    public string Scenario { get; set; } = Realistic;

    /// <summary>The scenario "seed" gives one a day whatever stands here, as the original did.</summary>
    [SettingRange(Section, 1, 100_000)]
    public int PassengersPerDay { get; set; } = 10;

    /// <summary>So many days after the passenger the outcome becomes known; 0: together with the passenger.</summary>
    [SettingRange(Section, 0, 365)]
    public int OutcomeDelayDays { get; set; }

    public long Seed { get; set; } = 1912;

    /// <summary>First day of the shifted population; needed by the scenario "drift", unused by the others.</summary>
    public DateOnly? DriftFrom { get; set; }

    public bool Is(string scenario) => string.Equals(Scenario, scenario, StringComparison.OrdinalIgnoreCase);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (!Is(Realistic) && !Is(SeedRule) && !Is(Drift))
            yield return new($"{Section}:Scenario is \"{Scenario}\"; it must be realistic, seed or drift.");
        if (Is(Drift) && DriftFrom is null)
            yield return new($"{Section}:DriftFrom is not set; the scenario drift needs the first shifted day, such as 2026-11-23.");
    }
}

[OptionsValidator]
internal sealed partial class StreamOptionsValidator : IValidateOptions<StreamOptions>;
