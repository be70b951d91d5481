namespace Titanic.Web.Tests;

/// <summary>
/// Base class of tests on a real database with the product's services, without web server and workers; unit tests have no base class, and
/// tests of pages and endpoints use a <see cref="TitanicSite"/>. Each test has its own <see cref="Database"/> with the schema and no rows;
/// <see cref="TrainedDatabaseTests"/> start with a champion. Tests do not affect each other: rows, sequences, locks and connections are
/// reset.
/// </summary>
public abstract class DatabaseTests(TestPostgres postgres) : IAsyncLifetime
{
    private TestWorkflow? _workflow;

    private protected TestPostgres Postgres { get; } = postgres;

    private protected TestDatabase Database { get; private set; } = null!;

    /// <summary>
    /// One process of the product. A test that needs a second process creates another <see cref="TestWorkflow"/> on the same database.
    /// </summary>
    private protected TestWorkflow Workflow => _workflow ??= NewWorkflow(Database);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync() => Database = await NewDatabase(Postgres);

    public virtual async ValueTask DisposeAsync()
    {
        if (_workflow is not null)
            await _workflow.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected virtual Task<TestDatabase> NewDatabase(TestPostgres postgres) => postgres.CreateDatabase();

    /// <summary>Override to change the settings or the clock.</summary>
    private protected virtual TestWorkflow NewWorkflow(TestDatabase database) => new(database);
}

/// <summary>
/// As <see cref="DatabaseTests"/>, on a database with the bundled list (commit 1) and champion version 1, which was trained on it.
/// </summary>
public abstract class TrainedDatabaseTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private protected override Task<TestDatabase> NewDatabase(TestPostgres postgres) => postgres.CreateTrainedDatabase();
}
