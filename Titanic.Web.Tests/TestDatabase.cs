using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Tests;

/// <summary>
/// A database for one test or for the tests of one class, accessed as the app's role that owns it. On dispose it is restored and returned
/// to its pool; a database whose schema was changed is dropped.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly Func<ValueTask> _release;
    private bool _isDisposed;

    internal TestDatabase(string name, string connectionString, NpgsqlDataSource dataSource, Func<ValueTask> end)
    {
        _release = end;
        Name = name;
        ConnectionString = connectionString;
        DataSource = dataSource;
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    // By connection string: with a data source, Entity Framework would build one service provider for each database.
    public TitanicDb NewContext() => new(new DbContextOptionsBuilder<TitanicDb>()
        .UseNpgsql(ConnectionString)
        .UseSnakeCaseNamingConvention()
        .Options);

    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
            await _release();
        _isDisposed = true;
    }

    /// <summary>
    /// Closes the idle pooled connections: those of the data source, and those that contexts share by their connection string.
    /// </summary>
    internal void ClearConnectionPools()
    {
        DataSource.Clear();
        using var byConnectionString = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(byConnectionString);
    }
}
