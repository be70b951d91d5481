using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.FireDrills;

namespace Titanic.Web.Hosting.FireDrills;

/// <summary>Runs one fire drill at a time in this process, on a scratch database beside the app's database.</summary>
internal sealed partial class FireDrillRunner(
    DatabaseReadiness readiness, NpgsqlDataSource postgres, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<FireDrillRunner> log) : IFireDrills
{
    private readonly Lock _lock = new();
    private volatile DrillReport? _newest;

    public DrillReport? Newest => _newest;

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
