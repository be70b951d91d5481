using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Titanic.Web.Database;

/// <summary>The door of the schema: one data source, one context, both made on first use behind <see cref="DatabaseGate"/>.</summary>
public static class DatabaseModule
{
    /// <summary>
    /// So many connections has a process at most, unless its connection string says otherwise: more than two cores keep busy, and few enough
    /// for a good number of processes on one server with its usual 100.
    /// </summary>
    public const int MostConnections = 25;

    public static IServiceCollection AddDatabase(this IServiceCollection services) => services
        .AddSingleton<DatabaseGate>()
        .AddSingleton(provider => NpgsqlDataSource.Create(Pooled(provider.GetRequiredService<DatabaseGate>().ConnectionString)))
        .AddDbContext<TitanicDb>((provider, options) => Configure(options, provider.GetRequiredService<NpgsqlDataSource>()));

    /// <summary>How every context of the product, and of its tests, is set up.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, NpgsqlDataSource postgres) =>
        options.UseNpgsql(postgres).UseSnakeCaseNamingConvention();

    private static string Pooled(string connectionString)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return given.ContainsKey("Maximum Pool Size") || given.ContainsKey("MaxPoolSize")
            ? connectionString
            : new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = MostConnections }.ConnectionString;
    }
}
