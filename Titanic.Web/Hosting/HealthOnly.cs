using Microsoft.Extensions.Options;

namespace Titanic.Web.Hosting;

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
