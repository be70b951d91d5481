using System.Data;
using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Serving;

namespace Titanic.Web.Hosting;

/// <summary>
/// Asks the database "select 1" on a connection of its own and marks the database as unavailable while there is no response: one slow
/// statement of a request does not affect it.
/// </summary>
/// <remarks>
/// Npgsql ends a statement that was canceled, or whose time is over, only after the server has accepted the request to cancel it. A server that hangs does not, so a
/// probe is never canceled: it is left alone, and the watcher goes on without its result.
/// </remarks>
internal sealed partial class DatabaseWatcher(
    DatabaseReadiness readiness, DatabasePreparation preparation, IOptions<ServingOptions> options, IServiceProvider services, ILogger<DatabaseWatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);

    /// <summary>A timer that is later than this shows that the process was not executed; the database may have responded meanwhile.</summary>
    private static readonly TimeSpan _lateTimer = TimeSpan.FromMilliseconds(250);

    /// <summary>After this time a probe is replaced by one on a new connection, for the case that its connection is dead; doubled each time.</summary>
    private static readonly TimeSpan _firstProbeLifetime = TimeSpan.FromSeconds(10), _maximumProbeLifetime = TimeSpan.FromMinutes(5);

    /// <summary>The deadline of the first connection: a process that starts on a busy machine compiles its code meanwhile.</summary>
    private static readonly TimeSpan _firstDeadline = TimeSpan.FromSeconds(10);

    private NpgsqlConnection? _connection;
    private bool _hasProbed, _hasMoreThreads;

    /// <summary>
    /// The time that a prediction waits for the database, but at least one second. Together with the interval it is less than two seconds
    /// by default. A response without locks and disk access that takes longer does not come from a machine that is only busy.
    /// </summary>
    private TimeSpan Deadline =>
        !_hasProbed ? _firstDeadline : options.Value.LogTimeout < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : options.Value.LogTimeout;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WhenReady(stoppingToken);
        using var timer = new PeriodicTimer(_interval);
        do
        {
            if (await FindFailure(stoppingToken) is { } failure)
                BeginOutage(failure);
            else
                EndOutage();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_connection is { } connection && readiness.Outage is null)
            await connection.DisposeAsync();
    }

    /// <summary>Returns after a response or an error. Begins an outage while it waits longer than the deadline.</summary>
    /// <returns>Why the database is unavailable; null if it responds.</returns>
    private async Task<string?> FindFailure(CancellationToken stopping)
    {
        for (var lifetime = _firstProbeLifetime; ; lifetime = Min(2 * lifetime, _maximumProbeLifetime))
        {
            var connection = _connection;
            var probe = Task.Run(() => Probe(connection), CancellationToken.None);
            _connection = null;
            if (await CompletesWithin(lifetime, probe, stopping))
            {
                (_connection, var failure) = await probe;
                _hasProbed = true;
                return failure;
            }
            _ = Abandon(probe);
        }
    }

    private async Task<bool> CompletesWithin(TimeSpan lifetime, Task probe, CancellationToken stopping)
    {
        for (var waited = TimeSpan.Zero; waited < lifetime; waited += Deadline)
        {
            var start = Stopwatch.GetTimestamp();
            if (await Task.WhenAny(probe, Task.Delay(Deadline, stopping)) == probe)
                return true;
            stopping.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(start) - Deadline < _lateTimer)
                BeginOutage(FormattableString.Invariant($"The database server has not responded for {Deadline.TotalSeconds:0.#} seconds."));
        }
        return false;
    }

    /// <summary>The connection may have been closed since the last probe, so only a failure of a new one counts.</summary>
    private async Task<(NpgsqlConnection? Connection, string? Failure)> Probe(NpgsqlConnection? existing)
    {
        if (existing is not null && await Query(existing) is null)
            return (existing, null);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(readiness.ConnectionString)
        {
            Pooling = false,
            ApplicationName = "titanic watcher",
            CommandTimeout = 0,
        }.ConnectionString);
        return await Query(connection) is { } failure ? (null, failure.Length > 0 ? failure : null) : (connection, null);
    }

    /// <returns>Why there was no response; an empty text if the server responded with an error. Then the connection is closed.</returns>
    private static async Task<string?> Query(NpgsqlConnection connection)
    {
        try
        {
            if (connection.State == ConnectionState.Closed)
                await connection.OpenAsync();
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteScalarAsync();
            return null;
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            await connection.DisposeAsync();
            return failure is PostgresException && !LostConnection.IsCauseOf(failure) ? "" : FailureText.Describe(failure);
        }
    }

    private static async Task Abandon(Task<(NpgsqlConnection? Connection, string? Failure)> probe)
    {
        if ((await probe).Connection is { } connection)
            await connection.DisposeAsync();
    }

    private static TimeSpan Min(TimeSpan first, TimeSpan second) => first < second ? first : second;

    /// <param name="observed">The reason, unless the embedded server knows a better one.</param>
    private void BeginOutage(string observed)
    {
        var (isNew, reason) = (readiness.Outage is null, preparation.EmbeddedOutage?.Reason ?? observed);
        readiness.MarkUnavailable(reason);
        if (!isNew)
            return;
        LogUnavailable(reason);
        // Each statement that is canceled or reaches its time limit blocks a thread until the server responds, at most one per connection.
        AddThreads(DatabaseModule.MaximumConnections);
        _hasMoreThreads = true;
    }

    private void EndOutage()
    {
        if (readiness.Outage is null)
            return;
        services.GetRequiredService<NpgsqlDataSource>().Clear(); // connections of a server that has ended would fail one request each
        readiness.MarkAvailable();
        LogAvailable();
        if (_hasMoreThreads)
            AddThreads(-DatabaseModule.MaximumConnections);
        _hasMoreThreads = false;
    }

    private static void AddThreads(int count)
    {
        ThreadPool.GetMinThreads(out var workers, out var completionPorts);
        ThreadPool.SetMinThreads(workers + count, completionPorts);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database is not available: {Reason} Requests that need it return 503 until it does")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database responds again")]
    private partial void LogAvailable();
}

/// <summary>
/// Unhealthy if only a restart of this process, or a person, can make the database available again. All other failures end by themselves,
/// so a restart would not help.
/// </summary>
internal sealed class LivenessCheck(DatabasePreparation database) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.EmbeddedOutage is { } outage && outage.IsLasting(Stopwatch.GetTimestamp())
            ? HealthCheckResult.Unhealthy(outage.Reason)
            : HealthCheckResult.Healthy("Healthy"));
}
