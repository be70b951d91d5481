using Microsoft.Extensions.Options;

namespace Titanic.Web.Hosting;

/// <summary>A process without the role <c>web</c> tells its health and nothing else: what it does not serve cannot be attacked.</summary>
internal static class HealthOnly
{
    public static void UseHealthOnlyWithoutPages(this WebApplication app)
    {
        var roles = app.Services.GetRequiredService<IOptions<ProcessRoles>>(); // judged at the start of the host, not here
        app.Use((context, next) => roles.Value.ServesPages || context.Request.Path.StartsWithSegments("/health")
            ? next(context)
            : Results.Problem("This process works off queues; it answers /health/live and /health/ready only.", statusCode: StatusCodes.Status404NotFound)
                .ExecuteAsync(context));
    }
}
