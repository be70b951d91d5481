using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Registry;

namespace Titanic.Web.Hosting;

/// <summary>
/// Healthy means that the database is available and there is a champion to predict with. The first start may still be simulating days; the
/// description then contains its progress, and is exactly "Ready" when the first start is complete.
/// </summary>
internal sealed class ReadinessCheck(DatabaseReadiness readiness, IServiceProvider services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!readiness.IsReady)
            return HealthCheckResult.Unhealthy(readiness.Step);
        var check = CheckSetup();
        await Task.WhenAny(check, readiness.OutageBegin); // a check that waits for a database that hangs is left alone
        if (readiness.Outage is { } outage)
            return HealthCheckResult.Unhealthy(outage);
        return await check;
    }

    private async Task<HealthCheckResult> CheckSetup()
    {
        // Plain SQL: a health check costs one short query.
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            select finished_at is not null, error, step, steps_done, steps_total,
                   exists (select from alias_assignments where alias = $1 and ended_at is null)
            from setup_progress
            """);
        command.Parameters.Add(new() { Value = ModelAliases.Champion });
        await using var setup = await command.ExecuteReaderAsync();
        if (!await setup.ReadAsync())
            return HealthCheckResult.Unhealthy("The first start has not begun");
        if (setup.GetBoolean(0))
            return HealthCheckResult.Healthy("Ready");
        if (!await setup.IsDBNullAsync(1))
            return HealthCheckResult.Unhealthy("The first start stopped. Every page shows operators the error; correct the cause and restart a process with a role other than web");
        var progress = $"First start: {setup.GetString(2)} ({setup.GetInt32(3)} of {setup.GetInt32(4)} steps done)";
        return setup.GetBoolean(5) ? HealthCheckResult.Healthy($"Ready. {progress}") : HealthCheckResult.Unhealthy(progress);
    }
}

/// <summary>A process without the role <c>web</c> serves only its health endpoints and its metrics, which keeps its attack surface small.</summary>
internal static class HealthOnly
{
    public static void UseHealthOnlyWithoutWebRole(this WebApplication app)
    {
        // Lazy: the roles are validated when the host starts, after this call, and do not change after that.
        var servesPages = new Lazy<bool>(() => app.Services.GetRequiredService<IOptions<ProcessRoles>>().Value.ServesPages);
        app.Use((context, next) => servesPages.Value || context.Request.Path.StartsWithSegments("/health") || context.Request.Path == Telemetry.MetricsPath
            ? next(context)
            : Results.Problem(
                "This process only processes job queues; it serves only /health/live, /health/ready and /metrics.", statusCode: StatusCodes.Status404NotFound)
                .ExecuteAsync(context));
    }
}
