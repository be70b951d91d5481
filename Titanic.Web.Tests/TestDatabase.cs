using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Tests;

/// <summary>
/// A database that one test, or the tests of one class, use alone, as the app's role that owns it. On dispose it is brought back to what it
/// held at first and given to the next test; where that is impossible (a test changed the schema) it is dropped.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly Func<ValueTask> _end;
    private bool _isDisposed;

    internal TestDatabase(string name, string connectionString, NpgsqlDataSource dataSource, Func<ValueTask> end)
    {
        _end = end;
        Name = name;
        ConnectionString = connectionString;
        DataSource = dataSource;
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    // Not by DataSource: Entity Framework would build a service provider per data source, so one per database.
    public TitanicDb NewContext() => new(new DbContextOptionsBuilder<TitanicDb>()
        .UseNpgsql(ConnectionString)
        .UseSnakeCaseNamingConvention()
        .Options);

    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
            await _end();
        _isDisposed = true;
    }

    /// <summary>Ends the pooled connections: those of the data source, and those that contexts share by their connection string.</summary>
    internal void Disconnect()
    {
        DataSource.Clear();
        using var byConnectionString = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(byConnectionString);
    }
}
