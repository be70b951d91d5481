using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Titanic.Web.Database;

/// <summary>The door of the schema: one data source, one context, both made on first use behind <see cref="DatabaseGate"/>.</summary>
public static class DatabaseModule
{
    public static IServiceCollection AddDatabase(this IServiceCollection services) => services
        .AddSingleton<DatabaseGate>()
        .AddSingleton(provider => NpgsqlDataSource.Create(provider.GetRequiredService<DatabaseGate>().ConnectionString))
        .AddDbContext<TitanicDb>((provider, options) => Configure(options, provider.GetRequiredService<NpgsqlDataSource>()));

    /// <summary>How every context of the product, and of its tests, is set up.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, NpgsqlDataSource postgres) =>
        options.UseNpgsql(postgres).UseSnakeCaseNamingConvention();
}
