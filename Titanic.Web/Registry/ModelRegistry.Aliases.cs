using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Registry;

/// <summary>Alias moves: by the promotion gate as part of a registration, and manual ones.</summary>
public sealed partial class ModelRegistry
{
    // The resolution of PostgreSQL timestamps.
    private static readonly TimeSpan _timestampResolution = TimeSpan.FromMicroseconds(1);

    /// <summary>The version that each alias names now.</summary>
    public async Task<CurrentAliases> ReadAliases(CancellationToken cancellation)
    {
        var open = await db.AliasAssignments.Where(a => a.ModelName == ModelName && a.EndedAt == null)
            .Select(a => new { a.Alias, a.Version }).ToDictionaryAsync(a => a.Alias, a => (int?)a.Version, cancellation);
        return new CurrentAliases(open.GetValueOrDefault(ModelAliases.Champion), open.GetValueOrDefault(ModelAliases.Challenger), open.GetValueOrDefault(ModelAliases.Previous));
    }

    /// <summary>Promotes a version manually; the former champion becomes <see cref="ModelAliases.Previous"/>.</summary>
    /// <returns>The alias changes; empty when the version is champion already.</returns>
    /// <exception cref="RegistryException">
    /// The version does not exist; its artifact is corrupt or cannot be served; its gate verdict is not PROMOTE and the decision is not
    /// forced; or the champion has changed since the decision was made.
    /// </exception>
    public Task<IReadOnlyList<AliasChange>> Promote(int version, AliasDecision decision, CancellationToken cancellation) => ApplyDecision(decision, async (aliases, valid) =>
    {
        if (aliases.Champion == version)
            return [];
        RequireUnchanged(ModelAliases.Champion, aliases, valid);
        var found = await RequireValidVersion(version, mustBeServable: true, cancellation);
        var isForced = found.Gate.Verdict != Verdict.Promote;
        if (isForced && !valid.Force)
        {
            throw new RegistryException(
                RegistryErrorKind.Conflict,
                $"The gate's verdict on version {version} is {found.Gate.Verdict.ToString().ToUpperInvariant()}: {found.Gate.Reason} Use force to promote it anyway.");
        }
        return await Move(aliases.ChangesToPromote(version), valid with { Force = isForced }, found.Gate, cancellation);
    }, cancellation);

    /// <summary>Makes the previous version champion again, whatever its gate verdict.</summary>
    /// <exception cref="RegistryException">There is no previous version, or it can no longer be served.</exception>
    public Task<IReadOnlyList<AliasChange>> RollBack(AliasDecision decision, CancellationToken cancellation) => ApplyDecision(decision, async (aliases, valid) =>
    {
        if (aliases is not { Previous: { } previous, Champion: { } champion })
            throw new RegistryException(
                RegistryErrorKind.Conflict, "There is no previous version to roll back to: the current champion is the first one.");
        RequireUnchanged(ModelAliases.Champion, aliases, valid);
        var found = await RequireValidVersion(previous, mustBeServable: true, cancellation);
        return await Move(aliases.ChangesToPromote(previous), valid with { Reason = $"Rolled back from version {champion}: {valid.Reason}", Force = false }, found.Gate, cancellation);
    }, cancellation);

    /// <summary>Sets the alias <see cref="ModelAliases.Challenger"/> to a version.</summary>
    /// <exception cref="RegistryException">The version does not exist, its artifact is corrupt, or it is the champion.</exception>
    public Task<IReadOnlyList<AliasChange>> Challenge(int version, AliasDecision decision, CancellationToken cancellation) => ApplyDecision(decision, async (aliases, valid) =>
    {
        RequireUnchanged(ModelAliases.Challenger, aliases, valid);
        await RequireValidVersion(version, mustBeServable: false, cancellation);
        if (aliases.Champion == version)
            throw new RegistryException(
                RegistryErrorKind.Conflict, $"Version {version} is the champion; the challenger must be another version.");
        return aliases.Challenger == version ? [] : await Move(aliases.ChangesToChallenge(version), valid with { Force = false }, null, cancellation);
    }, cancellation);

    /// <summary>Removes the alias <see cref="ModelAliases.Challenger"/>.</summary>
    /// <exception cref="RegistryException">No version has the alias.</exception>
    public Task<IReadOnlyList<AliasChange>> Withdraw(AliasDecision decision, CancellationToken cancellation) => ApplyDecision(decision, async (aliases, valid) =>
    {
        RequireUnchanged(ModelAliases.Challenger, aliases, valid);
        if (aliases.Challenger is null)
            throw new RegistryException(RegistryErrorKind.Conflict, "No version has the alias challenger; there is nothing to remove.");
        return await Move(aliases.ChangesToWithdraw(), valid with { Force = false }, null, cancellation);
    }, cancellation);

    private async Task<IReadOnlyList<AliasChange>> ApplyDecision(
        AliasDecision decision, Func<CurrentAliases, AliasDecision, Task<IReadOnlyList<AliasChange>>> move, CancellationToken cancellation)
    {
        var valid = decision.WithValidReason();
        await using var transaction = await BeginLockedTransaction(cancellation);
        var changes = await move(await ReadAliases(cancellation), valid);
        await transaction.CommitAsync(cancellation);
        return changes;
    }

    private static void RequireUnchanged(string alias, CurrentAliases aliases, AliasDecision decision)
    {
        if (decision.ExpectedVersion is { } expected && aliases[alias] != expected)
        {
            throw new RegistryException(
                RegistryErrorKind.Conflict,
                $"The {alias} has changed: {(aliases[alias] is { } now ? $"it is version {now}" : "no version has the alias")} now, not version {expected}. Reload and decide again.");
        }
    }

    private async Task<ModelVersion> RequireValidVersion(int version, bool mustBeServable, CancellationToken cancellation)
    {
        var found = await Find(version, cancellation)
            ?? throw new RegistryException(RegistryErrorKind.NotFound, NotFoundMessage(version));
        try
        {
            var model = LoadVerified(found);
            return mustBeServable && NotServableReason(found, model) is { } reason ? throw new RegistryException(RegistryErrorKind.NotServable, reason) : found;
        }
        catch (InvalidDataException corrupt)
        {
            throw new RegistryException(RegistryErrorKind.NotServable, corrupt.Message);
        }
    }

    /// <summary>Stores the changes of one move with their audit entry. Requires <see cref="BeginLockedTransaction"/>.</summary>
    private async Task<IReadOnlyList<AliasChange>> Move(IReadOnlyList<AliasChange> changes, AliasDecision decision, GateDecision? gate, CancellationToken cancellation)
    {
        var moment = await NextAssignmentTime(cancellation);
        foreach (var change in changes)
        {
            await EndAssignment(change, moment, decision, cancellation);
            if (change.To is { } version)
                db.AliasAssignments.Add(NewAssignment(change, version, moment, decision, gate));
            await db.SaveChangesAsync(cancellation);
        }
        await audit.Record(
            decision.By, "alias moved", changes[0].Alias, $"{string.Join("; ", changes.Select(FormatChange))}{(decision.Force ? ", forced" : "")}. {decision.Reason}", cancellation);
        if (changes.SingleOrDefault(change => change.Alias == ModelAliases.Champion) is { To: { } champion })
            await db.Database.ExecuteSqlAsync($"select pg_notify({ChampionChannel}, {champion.ToString(CultureInfo.InvariantCulture)})", cancellation);
        return changes;
    }

    /// <summary>
    /// The current time, but later than every earlier assignment: two moves within one microsecond (the resolution of PostgreSQL) and a
    /// clock that is set back must neither fail nor produce an empty period, which the temporal constraint rejects.
    /// </summary>
    private async Task<DateTimeOffset> NextAssignmentTime(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        foreach (var alias in ModelAliases.All)
        {
            var newest = await db.AliasAssignments.AsNoTracking().Where(a => a.ModelName == ModelName && a.Alias == alias)
                .OrderByDescending(a => a.AliasAssignmentId).Select(a => new { a.AssignedAt, a.EndedAt }).FirstOrDefaultAsync(cancellation);
            if (newest is not null && (newest.EndedAt ?? newest.AssignedAt) + _timestampResolution is var earliest && now < earliest)
                now = earliest;
        }
        return now;
    }

    private async Task EndAssignment(AliasChange change, DateTimeOffset endedAt, AliasDecision decision, CancellationToken cancellation)
    {
        var (by, reason) = change.To is null ? (decision.By, decision.Reason) : ((string?)null, (string?)null);
        await db.AliasAssignments.Where(a => a.ModelName == ModelName && a.Alias == change.Alias && a.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.EndedAt, endedAt).SetProperty(a => a.EndedBy, by).SetProperty(a => a.EndReason, reason), cancellation);
    }

    private static AliasAssignment NewAssignment(AliasChange change, int version, DateTimeOffset assignedAt, AliasDecision decision, GateDecision? gate) => new()
    {
        ModelName = ModelName,
        Alias = change.Alias,
        Version = version,
        AssignedAt = assignedAt,
        AssignedBy = decision.By,
        Reason = change.Alias == ModelAliases.Previous ? "Another version was promoted to champion." : decision.Reason,
        IsForced = change.Alias == ModelAliases.Champion && decision.Force,
        Evidence = change.Alias == ModelAliases.Champion ? gate : null,
    };

    private static string FormatChange(AliasChange change) => $"{change.Alias}: {FormatVersion(change.From)} to {FormatVersion(change.To)}";

    private static string FormatVersion(int? version) => version is null ? "no version" : $"version {version}";
}
