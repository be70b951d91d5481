using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Configuration section "Stream": the simulated daily passengers.</summary>
public sealed class StreamOptions : IValidatableObject
{
    public const string Section = "Stream";

    public const string Realistic = "realistic";
    public const string SeedRule = "seed";
    public const string Drift = "drift";

    /// <summary>"realistic" (default), "seed" or "drift"; case-insensitive.</summary>
    public string Scenario { get; set; } = Realistic;

    /// <summary>
    /// Number of passengers per day, 1 to 100000. Default: 10. The scenario "seed" ignores it and generates one per day, as the
    /// original did.
    /// </summary>
    [SettingRange(Section, 1, 100_000)]
    public int PassengersPerDay { get; set; } = 10;

    /// <summary>Number of days between a passenger and the outcome, 0 to 365. Default: 0 (both arrive on the same day).</summary>
    [SettingRange(Section, 0, 365)]
    public int OutcomeDelayDays { get; set; }

    /// <summary>Seed of the random number generator. Default: 1912.</summary>
    public long Seed { get; set; } = 1912;

    /// <summary>First day of the shifted population. Required by the scenario "drift"; other scenarios ignore it.</summary>
    public DateOnly? DriftFrom { get; set; }

    public bool Is(string scenario) => string.Equals(Scenario, scenario, StringComparison.OrdinalIgnoreCase);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (!Is(Realistic) && !Is(SeedRule) && !Is(Drift))
            yield return new(ErrorText.Invalid($"{Section}:{nameof(Scenario)}", Scenario, ErrorText.OneOf([Realistic, SeedRule, Drift])));
        if (Is(Drift) && DriftFrom is null)
            yield return new(ErrorText.Invalid($"{Section}:{nameof(DriftFrom)}", null, $"{IsoTimestamp.ExpectedDate}, the first shifted day of the scenario drift"));
    }
}

[OptionsValidator]
internal sealed partial class StreamOptionsValidator : IValidateOptions<StreamOptions>;
