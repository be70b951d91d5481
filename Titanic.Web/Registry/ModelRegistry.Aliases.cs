using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Registry;

/// <summary>How aliases move: by the gate within a registration, and by people.</summary>
public sealed partial class ModelRegistry
{
    private static readonly TimeSpan _instant = TimeSpan.FromMicroseconds(1);

    public async Task<AliasHolders> Holders(CancellationToken cancellation)
    {
        var open = await db.AliasAssignments.Where(a => a.ModelName == ModelName && a.EndedAt == null)
            .Select(a => new { a.Alias, a.Version }).ToDictionaryAsync(a => a.Alias, a => (int?)a.Version, cancellation);
        return new AliasHolders(open.GetValueOrDefault(ModelAliases.Champion), open.GetValueOrDefault(ModelAliases.Challenger), open.GetValueOrDefault(ModelAliases.Previous));
    }

    /// <summary>Puts a version in service by a person's decision; the one before becomes <see cref="ModelAliases.Previous"/>.</summary>
    /// <returns>What has changed: nothing where the version is the champion already.</returns>
    /// <exception cref="RegistryRefusedException">
    /// There is no such version; its bytes are damaged or cannot serve; the gate did not promote it and nobody forces it; or another version
    /// is champion than the decision was made for.
    /// </exception>
    public Task<IReadOnlyList<AliasChange>> Promote(int version, AliasDecision decision, CancellationToken cancellation) => Decide(decision, async (holders, sound) =>
    {
        if (holders.Champion == version)
            return [];
        RequireUnchanged(ModelAliases.Champion, holders, sound);
        var found = await RequireSound(version, mustServe: true, cancellation);
        var isForced = found.Gate.Verdict != Verdict.Promote;
        if (isForced && !sound.Force)
            throw new RegistryRefusedException(
                RefusalKind.Conflict, $"The gate's verdict on version {version} is {found.Gate.Verdict.ToString().ToUpperInvariant()}: {found.Gate.Reason} Force it to put it in service all the same.");
        return await Move(holders.Promoting(version), sound with { Force = isForced }, found.Gate, cancellation);
    }, cancellation);

    /// <summary>Puts the version in service again that was before. It served already, so the gate is not asked.</summary>
    /// <exception cref="RegistryRefusedException">Nothing was in service before, or it cannot serve any more.</exception>
    public Task<IReadOnlyList<AliasChange>> RollBack(AliasDecision decision, CancellationToken cancellation) => Decide(decision, async (holders, sound) =>
    {
        if (holders is not { Previous: { } previous, Champion: { } champion })
            throw new RegistryRefusedException(RefusalKind.Conflict, "There is no previous version to roll back to: nothing was in service before the champion of now.");
        RequireUnchanged(ModelAliases.Champion, holders, sound);
        var found = await RequireSound(previous, mustServe: true, cancellation);
        return await Move(holders.Promoting(previous), sound with { Reason = $"Rolled back from version {champion}: {sound.Reason}", Force = false }, found.Gate, cancellation);
    }, cancellation);

    /// <summary>Names a version to be seen beside the champion.</summary>
    /// <exception cref="RegistryRefusedException">There is no such version, it is damaged, or it is the champion itself.</exception>
    public Task<IReadOnlyList<AliasChange>> Challenge(int version, AliasDecision decision, CancellationToken cancellation) => Decide(decision, async (holders, sound) =>
    {
        RequireUnchanged(ModelAliases.Challenger, holders, sound);
        await RequireSound(version, mustServe: false, cancellation);
        if (holders.Champion == version)
            throw new RegistryRefusedException(RefusalKind.Conflict, $"Version {version} is the champion; a challenger is another version.");
        return holders.Challenger == version ? [] : await Move(holders.Challenging(version), sound with { Force = false }, null, cancellation);
    }, cancellation);

    /// <summary>Takes the alias <see cref="ModelAliases.Challenger"/> away.</summary>
    /// <exception cref="RegistryRefusedException">No version has it.</exception>
    public Task<IReadOnlyList<AliasChange>> Withdraw(AliasDecision decision, CancellationToken cancellation) => Decide(decision, async (holders, sound) =>
    {
        RequireUnchanged(ModelAliases.Challenger, holders, sound);
        if (holders.Challenger is null)
            throw new RegistryRefusedException(RefusalKind.Conflict, "No version is challenger, so there is nothing to take away.");
        return await Move(holders.Withdrawing(), sound with { Force = false }, null, cancellation);
    }, cancellation);

    private async Task<IReadOnlyList<AliasChange>> Decide(
        AliasDecision decision, Func<AliasHolders, AliasDecision, Task<IReadOnlyList<AliasChange>>> move, CancellationToken cancellation)
    {
        var sound = decision.WithSoundReason();
        await using var transaction = await LockedTransaction(cancellation);
        var changes = await move(await Holders(cancellation), sound);
        await transaction.CommitAsync(cancellation);
        return changes;
    }

    private static void RequireUnchanged(string alias, AliasHolders holders, AliasDecision decision)
    {
        if (decision.Seen is { } seen && holders[alias] != seen)
            throw new RegistryRefusedException(
                RefusalKind.Conflict, $"Meanwhile {(holders[alias] is { } now ? $"version {now} is" : "no version is")} {alias}, not version {seen}. Look again before you decide.");
    }

    private async Task<ModelVersion> RequireSound(int version, bool mustServe, CancellationToken cancellation)
    {
        var found = await Find(version, cancellation)
            ?? throw new RegistryRefusedException(RefusalKind.Missing, $"There is no version {version} of {ModelName}.");
        try
        {
            var model = Prove(found);
            return mustServe && WhyNotServe(found, model) is { } reason ? throw new RegistryRefusedException(RefusalKind.Unfit, reason) : found;
        }
        catch (InvalidDataException damaged)
        {
            throw new RegistryRefusedException(RefusalKind.Unfit, damaged.Message);
        }
    }

    /// <summary>The changes of one move, with their audit entry. Call within the lock.</summary>
    private async Task<IReadOnlyList<AliasChange>> Move(IReadOnlyList<AliasChange> changes, AliasDecision decision, GateDecision? evidence, CancellationToken cancellation)
    {
        var moment = await NextMoment(cancellation);
        foreach (var change in changes)
        {
            await End(change, moment, decision, cancellation);
            if (change.To is { } version)
                db.AliasAssignments.Add(Assignment(change, version, moment, decision, evidence));
            await db.SaveChangesAsync(cancellation);
        }
        await audit.Record(
            decision.By, "alias moved", changes[0].Alias, $"{string.Join("; ", changes.Select(Sentence))}{(decision.Force ? ", forced" : "")}. {decision.Reason}", cancellation);
        if (changes.SingleOrDefault(change => change.Alias == ModelAliases.Champion) is { To: { } champion })
            await db.Database.ExecuteSqlAsync($"select pg_notify({ChampionChannel}, {champion.ToString(CultureInfo.InvariantCulture)})", cancellation);
        return changes;
    }

    /// <summary>
    /// Now, but always later than every move before: two moves within a microsecond, which is as fine as PostgreSQL tells time, or a clock
    /// that is set back, must neither fail nor leave a stretch without length.
    /// </summary>
    private async Task<DateTimeOffset> NextMoment(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        foreach (var alias in ModelAliases.All)
        {
            var newest = await db.AliasAssignments.AsNoTracking().Where(a => a.ModelName == ModelName && a.Alias == alias)
                .OrderByDescending(a => a.AliasAssignmentId).Select(a => new { a.AssignedAt, a.EndedAt }).FirstOrDefaultAsync(cancellation);
            if (newest is not null && (newest.EndedAt ?? newest.AssignedAt) + _instant is var earliest && now < earliest)
                now = earliest;
        }
        return now;
    }

    private async Task End(AliasChange change, DateTimeOffset moment, AliasDecision decision, CancellationToken cancellation)
    {
        var (by, reason) = change.To is null ? (decision.By, decision.Reason) : ((string?)null, (string?)null);
        await db.AliasAssignments.Where(a => a.ModelName == ModelName && a.Alias == change.Alias && a.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.EndedAt, moment).SetProperty(a => a.EndedBy, by).SetProperty(a => a.EndReason, reason), cancellation);
    }

    private static AliasAssignment Assignment(AliasChange change, int version, DateTimeOffset moment, AliasDecision decision, GateDecision? evidence) => new()
    {
        ModelName = ModelName,
        Alias = change.Alias,
        Version = version,
        AssignedAt = moment,
        AssignedBy = decision.By,
        Reason = change.Alias == ModelAliases.Previous ? "Another version took over as champion." : decision.Reason,
        IsForced = change.Alias == ModelAliases.Champion && decision.Force,
        Evidence = change.Alias == ModelAliases.Champion ? evidence : null,
    };

    private static string Sentence(AliasChange change) => $"{change.Alias}: {Name(change.From)} to {Name(change.To)}";

    private static string Name(int? version) => version is null ? "no version" : $"version {version}";
}
