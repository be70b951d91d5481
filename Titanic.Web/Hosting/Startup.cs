using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting;

/// <summary>
/// Starts, in this order, the database, the first start and the job server, while the start page is served. Stops the job server and the
/// database in the opposite order, after the web server has completed its last request.
/// </summary>
public sealed partial class Startup(
    DatabasePreparation database, IServiceProvider services, IOptions<ProcessRoles> roles, IHostApplicationLifetime lifetime, ILogger<Startup> log)
    : BackgroundService
{
    private HangfireServer? _jobs;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await database.Prepare(stoppingToken);
            var wait = services.GetRequiredService<DatabaseWait>();
            if (roles.Value.ServesPages)
                await wait.Retry(() => CreateFirstAdmin(stoppingToken), stoppingToken);
            if (roles.Value.Queues.Count > 0)
                await wait.Retry(() => services.GetRequiredService<Bootstrap>().Complete(stoppingToken), stoppingToken);
            _jobs = services.GetRequiredService<HangfireServer>();
            await wait.Retry(() => Task.Run(() => _jobs.Start(stoppingToken), stoppingToken), stoppingToken);
        }
        catch (Exception failure) when (failure is EmbeddedServerException or NpgsqlException or InvalidOperationException)
        {
            LogCannotStart(failure.Message);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_jobs is not null)
            await _jobs.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>Only in a process that serves pages: its output is where users look for the password.</summary>
    private async Task CreateFirstAdmin(CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<AdminAccount>().EnsureCreated(cancellation) is { } password)
            AccountCommands.PrintPassword("Administrator", scope.ServiceProvider.GetRequiredService<IOptions<AdminOptions>>().Value.Email, password);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Titanic cannot start: {Reason}")]
    private partial void LogCannotStart(string reason);
}
