using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Titanic.Web.Database;

/// <summary>Registers one data source and one context, both created on first use, after <see cref="DatabaseGate"/> has the address.</summary>
public static class DatabaseModule
{
    /// <summary>
    /// Connections that a process opens at most, unless its connection string sets another number: more than two cores keep busy, and few
    /// enough for several processes on one server with its default limit of 100.
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

/// <summary>
/// The site answers before its database does. Background work waits here until the database has an address and an up-to-date schema; web
/// requests get the start page until then.
/// </summary>
public sealed class DatabaseGate
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string _step = "Starting";
    private string? _connectionString;

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>What is done at the moment, for as long as there is no database to write progress into.</summary>
    public string Step
    {
        get => _step;
        set => _step = value;
    }

    /// <exception cref="InvalidOperationException">The server is not up yet.</exception>
    public string ConnectionString
    {
        get => _connectionString ?? throw new InvalidOperationException("The database has no address yet; wait for DatabaseGate.WhenReady first.");
        set => _connectionString = value;
    }

    public void Open() => _ready.TrySetResult();

    public Task WhenReady(CancellationToken cancellation) => _ready.Task.WaitAsync(cancellation);
}
