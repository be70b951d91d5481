using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Titanic.Web.Database;

namespace Titanic.Web.Hosting;

/// <summary>Ready means: the database answers and the first start is complete, so every page has something to show.</summary>
internal sealed class ReadinessCheck(DatabaseGate gate, StartupProgress progress, IServiceScopeFactory scopes) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!gate.IsReady)
            return HealthCheckResult.Unhealthy(progress.Step);
        await using var scope = scopes.CreateAsyncScope();
        var setup = await scope.ServiceProvider.GetRequiredService<TitanicDb>().SetupProgress.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        return setup switch
        {
            { FinishedAt: not null } => HealthCheckResult.Healthy("Ready"),
            { Error: { } error } => HealthCheckResult.Unhealthy($"The first start stopped: {error}"),
            { } busy => HealthCheckResult.Unhealthy($"First start: {busy.Step} ({busy.StepsDone} of {busy.StepsTotal} steps done)"),
            null => HealthCheckResult.Unhealthy("The first start has not begun"),
        };
    }
}
