using Hangfire;
using Hangfire.PostgreSql;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Hosting;

/// <summary>Hangfire's tables live beside ours, in the schema <c>hangfire</c>.</summary>
internal static class HangfireStorage
{
    public const string Schema = "hangfire";

    public static IServiceCollection AddHangfireStorage(this IServiceCollection services) => services
        // Before AddHangfire, which would otherwise hand out one static storage to every application of a process.
        .AddSingleton<JobStorage>(provider => new PostgreSqlStorage(new GatedConnections(provider), new PostgreSqlStorageOptions
        {
            SchemaName = Schema,
            PrepareSchemaIfNecessary = false, // DatabasePreparation does, once the server is up
            UseSlidingInvisibilityTimeout = true, // without it a long job is started again and again
            QueuePollInterval = TimeSpan.FromSeconds(1),
            EnableTransactionScopeEnlistment = false,
        }))
        .AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            // Hangfire logs through one static provider: by Serilog's it outlives an application, by ours it would end with the newest.
            .UseSerilogLogProvider());

    /// <summary>Asks for the data source only when a connection is needed: the dashboard is mapped before the database is there.</summary>
    private sealed class GatedConnections(IServiceProvider services) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection()
        {
            if (services.GetRequiredService<DatabaseGate>() is { IsReady: false })
                throw new InvalidOperationException("The database is still starting.");
            return services.GetRequiredService<NpgsqlDataSource>().CreateConnection();
        }
    }
}
