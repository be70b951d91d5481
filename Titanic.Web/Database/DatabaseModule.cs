using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Titanic.Web.Database;

/// <summary>
/// Registers the data source and the context. Both are created on first use, when <see cref="DatabaseReadiness"/> has the connection string.
/// </summary>
public static class DatabaseModule
{
    /// <summary>
    /// The maximum number of connections of a process, unless its connection string sets another: more than two cores can use, and few
    /// enough for several processes on one server with the default limit of 100.
    /// </summary>
    public const int MaximumConnections = 25;

    public static IServiceCollection AddDatabase(this IServiceCollection services) => services
        .AddSingleton<DatabaseReadiness>()
        .AddSingleton(provider => NpgsqlDataSource.Create(WithPoolLimit(provider.GetRequiredService<DatabaseReadiness>().ConnectionString)))
        .AddDbContext<TitanicDb>((provider, options) => Configure(options, provider.GetRequiredService<NpgsqlDataSource>()));

    /// <summary>Configures a context; the tests use it too.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, NpgsqlDataSource postgres) =>
        options.UseNpgsql(postgres).UseSnakeCaseNamingConvention();

    private static string WithPoolLimit(string connectionString)
    {
        var configured = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return configured.ContainsKey("Maximum Pool Size") || configured.ContainsKey("MaxPoolSize")
            ? connectionString
            : new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = MaximumConnections }.ConnectionString;
    }
}

/// <summary>
/// The state of the database. The site accepts requests before the database is ready: background work waits here until the
/// connection string is known and the schema is up to date; web requests get the start page until then, and an error while the database does
/// not respond.
/// </summary>
public sealed class DatabaseReadiness
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string _step = "Starting";
    private volatile string? _outage;
    private volatile TaskCompletionSource _nextOutage = NewSource();
    private string? _connectionString, _administrator;

    /// <summary>True when the schema is up to date.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>
    /// The current step of the startup, for the start page and the health check while progress cannot be stored in the database.
    /// </summary>
    public string Step
    {
        get => _step;
        set => _step = value;
    }

    /// <exception cref="InvalidOperationException">The connection string is not known yet.</exception>
    public string ConnectionString
    {
        get => _connectionString
            ?? throw new InvalidOperationException(
                $"The connection string is not known yet; wait for {nameof(DatabaseReadiness)}.{nameof(WhenReady)} first.");
        set => _connectionString = value;
    }

    /// <summary>
    /// The connection string of a role that may create databases: the administrator of the embedded server, otherwise the role of the app, which may
    /// do it on some servers only.
    /// </summary>
    internal string AdministratorConnectionString
    {
        get => _administrator ?? ConnectionString;
        set => _administrator = value;
    }

    /// <summary>Why the database does not respond, as a sentence; null while it responds.</summary>
    public string? Outage => _outage;

    /// <summary>Completes at the begin of the current outage, or of the next one.</summary>
    public Task OutageBegin => _nextOutage.Task;

    public void MarkReady() => _ready.TrySetResult();

    /// <summary>Begins an outage, or changes the reason of the current one. One watcher calls this method and <see cref="MarkAvailable"/>.</summary>
    public void MarkUnavailable(string reason)
    {
        _outage = reason;
        _nextOutage.TrySetResult();
    }

    public void MarkAvailable()
    {
        if (_outage is null)
            return;
        _nextOutage = NewSource();
        _outage = null;
    }

    /// <summary>Completes when the database is ready.</summary>
    public Task WhenReady(CancellationToken cancellation) => _ready.Task.WaitAsync(cancellation);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
