using System.Collections.Immutable;

namespace Titanic.Web.Pipelines.FireDrills;

/// <summary>The fire drills of this process; they need the composition of all modules, so <c>Hosting</c> implements them.</summary>
public interface IFireDrills
{
    /// <summary>The newest drill of this process; null before the first one.</summary>
    DrillReport? Newest { get; }

    /// <summary>Starts a drill in the background.</summary>
    /// <returns>False if one is running.</returns>
    bool TryStart(DrillFault fault);
}

/// <summary>The progress or the result of a fire drill.</summary>
/// <param name="Days">The finished days of the fault.</param>
public sealed record DrillReport(DrillFault Fault, DateTimeOffset StartedAt, ImmutableList<DrillDay> Days)
{
    /// <summary>Days before the fault.</summary>
    public const int HealthyDays = 7;
    public const int PassengersPerDay = 30;

    /// <summary>Whether the week without faults has been simulated.</summary>
    public bool HasHealthyWeek { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Why the drill failed; null otherwise.</summary>
    public string? Error { get; init; }

    public bool IsRunning => FinishedAt is null;

    /// <summary>The day on which the expected alert was opened; null if it was not.</summary>
    public int? OpenedOn => Days.Find(day => day.Opened.Any(alert => alert.Name == Fault.Expected))?.Number;

    /// <summary>The alerts that are neither expected nor a consequence of the fault.</summary>
    public IReadOnlyList<string> Unexpected => [.. Days.SelectMany(day => day.Opened).Select(alert => alert.Name).Where(Fault.IsUnexpected).Distinct()];

    /// <summary>Whether the expected alert was opened in time, no unexpected one was opened, and a repaired fault left no unresolved alert.</summary>
    public bool IsPassed => FinishedAt is not null && Error is null && (Fault.Expected is null || OpenedOn <= Fault.WithinDays) && Unexpected.Count == 0
        && (Fault.RepairedOnDay is null || Days[^1].Unresolved == 0);
}

/// <summary>One day of a fault.</summary>
/// <param name="Number">0 is the first day of the fault.</param>
/// <param name="Opened">The alerts that were opened on this day.</param>
/// <param name="Unresolved">The number of alerts that are not resolved at the end of the day.</param>
public sealed record DrillDay(int Number, IReadOnlyList<DrillAlert> Opened, int Unresolved);

/// <param name="Name">The alert as "rule/subject".</param>
/// <param name="Message">The message of the alert.</param>
public sealed record DrillAlert(string Name, string Message);
