using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Registry;

namespace Titanic.Web.Hosting;

/// <summary>
/// Ready means: the database answers and there is a model to predict with. The days of the first start may still be simulated then; the description
/// says so, and is "Ready" when they are done.
/// </summary>
internal sealed class ReadinessCheck(DatabaseGate gate, IServiceProvider services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!gate.IsReady)
            return HealthCheckResult.Unhealthy(gate.Step);
        // In plain SQL, so that a health check costs one short query and nothing else.
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            select finished_at is not null, error, step, steps_done, steps_total, exists (select from alias_assignments where alias = $1 and ended_at is null)
            from setup_progress
            """);
        command.Parameters.Add(new() { Value = ModelAliases.Champion });
        await using var setup = await command.ExecuteReaderAsync(cancellationToken);
        if (!await setup.ReadAsync(cancellationToken))
            return HealthCheckResult.Unhealthy("The first start has not begun");
        if (setup.GetBoolean(0))
            return HealthCheckResult.Healthy("Ready");
        if (!await setup.IsDBNullAsync(1, cancellationToken))
            return HealthCheckResult.Unhealthy($"The first start stopped: {setup.GetString(1)}");
        var progress = $"First start: {setup.GetString(2)} ({setup.GetInt32(3)} of {setup.GetInt32(4)} steps done)";
        return setup.GetBoolean(5) ? HealthCheckResult.Healthy($"Ready. {progress}") : HealthCheckResult.Unhealthy(progress);
    }
}

/// <summary>A process without the role <c>web</c> tells its health and nothing else: what it does not serve cannot be attacked.</summary>
internal static class HealthOnly
{
    public static void UseHealthOnlyWithoutPages(this WebApplication app)
    {
        // The roles are judged at the start of the host, not here; after that they stay what they are.
        var servesPages = new Lazy<bool>(() => app.Services.GetRequiredService<IOptions<ProcessRoles>>().Value.ServesPages);
        app.Use((context, next) => servesPages.Value || context.Request.Path.StartsWithSegments("/health")
            ? next(context)
            : Results.Problem("This process works off queues; it answers /health/live and /health/ready only.", statusCode: StatusCodes.Status404NotFound)
                .ExecuteAsync(context));
    }
}
