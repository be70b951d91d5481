using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>The rules about drift, accuracy, overdue outcomes and the bytes of the champion.</summary>
public sealed class DataConditions(TitanicDb db, DriftReader drift, ModelRegistry registry, OverdueOutcomes outcomes)
{
    public async Task<IReadOnlyList<AlertCondition>> Find(DateTimeOffset now, DateTimeOffset resumedAt, CancellationToken cancellation)
    {
        var found = new List<AlertCondition>();
        foreach (var (feature, raisedOn) in await drift.FindInputAlarms(cancellation))
        {
            found.Add(new(
                AlertRules.Drift, feature.Name,
                $"The input alarm of {feature.Title} is raised since {Format.Date(raisedOn)}: new passengers differ from the training rows.",
                "/monitoring#drift", new Dictionary<string, string> { ["feature"] = feature.Name, ["raisedOn"] = Format.Date(raisedOn) }));
        }
        if (await drift.FindAccuracyAlarm(cancellation) is { } alarm)
        {
            found.Add(new(
                AlertRules.Accuracy, DetectorEvidence.Accuracy,
                $"The accuracy alarm is raised since {Format.Date(alarm)}: the accuracy has fallen below the held-out accuracy.",
                "/monitoring#drift", new Dictionary<string, string> { ["raisedOn"] = Format.Date(alarm) }));
        }
        if (await registry.ReadChampionArtifact(cancellation) is { IsValid: false } damaged)
        {
            found.Add(new(
                AlertRules.DamagedModel, $"version {damaged.Version}",
                $"The stored bytes of the champion, version {damaged.Version}, have the SHA-256 {damaged.StoredSha256[..12]}…; "
                    + $"the registered one is {damaged.RegisteredSha256[..12]}….",
                $"/models/{damaged.Version}",
                new Dictionary<string, string>
                {
                    ["version"] = damaged.Version.ToString(CultureInfo.InvariantCulture),
                    ["registeredSha256"] = damaged.RegisteredSha256,
                    ["storedSha256"] = damaged.StoredSha256,
                }));
        }
        if (await outcomes.Find(db, now, resumedAt, cancellation) is { } overdue)
            found.Add(overdue);
        return found;
    }
}

/// <summary>
/// The passengers of streams whose outcome is overdue. Only a commit or a new day can change the result, so it is computed once for each.
/// </summary>
public sealed class OverdueOutcomes(IOptions<StreamOptions> stream, IOptions<AlertOptions> options)
{
    /// <summary>Passengers of earlier days open no alert, so that the cost does not grow with the history.</summary>
    private const int DaysRead = 30;

    private Result? _newest;

    /// <returns>
    /// Null if no outcome is overdue, or if processes have not been running again for <see cref="AlertOptions.LateDataAfter"/>.
    /// </returns>
    public async Task<AlertCondition?> Find(TitanicDb db, DateTimeOffset now, DateTimeOffset resumedAt, CancellationToken cancellation)
    {
        if (now - resumedAt < options.Value.LateDataAfter)
            return null;
        var lastDay = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-stream.Value.OutcomeDelayDays - options.Value.OverdueOutcomeDays);
        var commit = await db.Commits.MaxAsync(c => (long?)c.CommitId, cancellation) ?? 0;
        if (_newest is not { } result || result.LastDay != lastDay || result.CommitId != commit)
            _newest = result = new(lastDay, commit, await Read(db, lastDay, cancellation));
        return result.Overdue is not { Passengers: > 0 } overdue ? null : new(
            AlertRules.LateData, "outcomes",
            $"{Quantity.Of(overdue.Passengers, "outcome")} of passengers from {Format.Date(DayOf(overdue.First))} "
                + $"to {Format.Date(DayOf(overdue.Last))} {(overdue.Passengers == 1 ? "is" : "are")} not known "
                + $"{Quantity.Of(options.Value.OverdueOutcomeDays, "day")} after the expected delay of "
                + $"{Quantity.Of(stream.Value.OutcomeDelayDays, "day")}.",
            "/features/passengers", new Dictionary<string, string>
            {
                ["passengers"] = overdue.Passengers.ToString(CultureInfo.InvariantCulture),
                ["from"] = Format.Date(DayOf(overdue.First)),
                ["to"] = Format.Date(DayOf(overdue.Last)),
            });
    }

    private static Task<OverduePassengers> Read(TitanicDb db, DateOnly lastDay, CancellationToken cancellation)
    {
        var (from, to) = (FeatureReader.StartOf(lastDay.AddDays(1 - DaysRead)), FeatureReader.StartOf(lastDay.AddDays(1)));
        string[] sources = [.. PassengerSources.Streams];
        return db.Database.SqlQuery<OverduePassengers>(
            $"""
            select count(*) as passengers, coalesce(min(p.event_time), now()) as first, coalesce(max(p.event_time), now()) as last
            from passengers p
            where p.superseded_by is null and p.source = any ({sources}) and p.event_time >= {from} and p.event_time < {to}
                and not exists (select from outcomes o where o.passenger_id = p.passenger_id and o.superseded_by is null)
            """).SingleAsync(cancellation);
    }

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private sealed record Result(DateOnly LastDay, long CommitId, OverduePassengers Overdue);

    private sealed record OverduePassengers(long Passengers, DateTimeOffset First, DateTimeOffset Last);
}
