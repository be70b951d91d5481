using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>Configuration section "Monitoring:Drift": the alarms for accuracy and inputs.</summary>
public sealed class DriftOptions : IValidatableObject
{
    public const string Section = "Monitoring:Drift";

    private const double MinimumRate = 0.011, MaximumRate = 0.5;
    private const int MaximumFalls = 10;

    /// <summary>
    /// α: largest share of horizons without drift in which the accuracy alarm is raised, and largest share in which any input alarm is raised;
    /// 0.011 to 0.5. Default: 0.05. It exceeds <see cref="AccuracyDetector.BaselineErrorRate"/>, which is part of it.
    /// </summary>
    public double FalseAlarmRate { get; set; } = 0.05;

    /// <summary>T: number of looks (runs of the monitoring pipeline for a new day) that the rate refers to, 7 to 366. Default: 90.</summary>
    [SettingRange(Section, 7, 366)]
    public int HorizonDays { get; set; } = 90;

    /// <summary>
    /// Falls of the accuracy that the alarm looks for, as shares below the lower bound of the champion's accuracy: a comma-separated
    /// list of 1 to 10 increasing values between 0 and 1. Default: 0.05,0.1,0.2,0.45.
    /// </summary>
    public string AccuracyFalls { get; set; } = "0.05,0.1,0.2,0.45";

    /// <summary>The values of <see cref="AccuracyFalls"/>; an item that is not a number is NaN, which is not valid.</summary>
    internal double[] Falls
    {
        get => [.. AccuracyFalls.Split(',', StringSplitOptions.TrimEntries).Select(item =>
            double.TryParse(item, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fall) ? fall : double.NaN)];
        init => AccuracyFalls = string.Join(',', value.Select(fall => fall.ToString("R", CultureInfo.InvariantCulture)));
    }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (FalseAlarmRate is not (>= MinimumRate and <= MaximumRate))
            yield return new(FormattableString.Invariant(
                $"{Section}:{nameof(FalseAlarmRate)} is {FalseAlarmRate}; it must be between {MinimumRate} and {MaximumRate}."));
        if (Falls.Length > MaximumFalls || Falls.Any(fall => fall is not (> 0 and < 1)) || Falls.Zip(Falls.Skip(1)).Any(pair => pair.First >= pair.Second))
            yield return new(ErrorText.Invalid(
                $"{Section}:{nameof(AccuracyFalls)}", AccuracyFalls, FormattableString.Invariant($"a comma-separated list of 1 to {MaximumFalls} increasing values between 0 and 1")));
    }
}

[OptionsValidator]
internal sealed partial class DriftOptionsValidator : IValidateOptions<DriftOptions>;
