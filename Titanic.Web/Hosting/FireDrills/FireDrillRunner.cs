using System.Collections.Immutable;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting.FireDrills;

/// <summary>Runs one fire drill at a time in this process, on a scratch database beside the app's database.</summary>
internal sealed partial class FireDrillRunner(
    DatabaseReadiness readiness, NpgsqlDataSource postgres, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<FireDrillRunner> log)
{
    private readonly Lock _lock = new();
    private volatile DrillReport? _newest;

    /// <summary>The newest drill of this process; null before the first one.</summary>
    public DrillReport? Newest => _newest;

    /// <summary>Starts a drill in the background.</summary>
    /// <returns>False if one is running.</returns>
    public bool TryStart(DrillFault fault)
    {
        lock (_lock)
        {
            if (_newest is { IsRunning: true })
                return false;
            _newest = new DrillReport(fault, clock.GetUtcNow(), []);
        }
        _ = Task.Run(() => Run(fault, lifetime.ApplicationStopping), CancellationToken.None);
        return true;
    }

    private async Task Run(DrillFault fault, CancellationToken cancellation)
    {
        try
        {
            await using var only = await PipelineLock.TryAcquire(postgres, "fire drill", cancellation)
                ?? throw new InvalidOperationException("Another process is running a fire drill on this server. Start this one when it has finished.");
            var address = new NpgsqlConnectionStringBuilder(readiness.ConnectionString);
            address.Database += "_fire_drill";
            await using var database = new ScratchDatabase(readiness.AdministratorConnectionString, address.ConnectionString);
            await database.Create(cancellation);
            await using var drill = new FireDrill(database, fault);
            await drill.RunHealthyWeek(cancellation);
            _newest = _newest! with { HasHealthyWeek = true };
            await foreach (var day in drill.RunFault(fault.LastDay, cancellation))
                _newest = _newest with { Days = _newest.Days.Add(day) };
            _newest = _newest with { FinishedAt = clock.GetUtcNow() };
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            var role = new NpgsqlConnectionStringBuilder(readiness.ConnectionString).Username;
            Fail(refused, $"The role {role} may not create a database for the drill. An administrator of the server can permit it: ALTER ROLE {role} CREATEDB.");
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            Fail(failure, failure.Message);
        }
    }

    private void Fail(Exception failure, string message)
    {
        LogFailed(failure, _newest!.Fault.Name);
        _newest = _newest with { FinishedAt = clock.GetUtcNow(), Error = message };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The fire drill {Fault} failed")]
    private partial void LogFailed(Exception failure, string fault);
}

/// <summary>The progress or the result of a fire drill.</summary>
/// <param name="Days">The finished days of the fault.</param>
internal sealed record DrillReport(DrillFault Fault, DateTimeOffset StartedAt, ImmutableList<DrillDay> Days)
{
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
