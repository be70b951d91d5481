namespace Titanic.Web.Tests;

/// <summary>
/// Tests on a real database with the product's services, without web server and workers: the kind between unit tests (no base class) and tests
/// on a <see cref="TitanicSite"/>. Each test has <see cref="Database"/> to itself, with the schema and no rows; <see cref="TrainedDatabaseTests"/>
/// begin with a champion. Nothing of a test is left for the next: rows, counters, locks and connections are restored or ended.
/// </summary>
public abstract class DatabaseTests(TestPostgres postgres) : IAsyncLifetime
{
    private TestWorkflow? _workflow;

    private protected TestPostgres Postgres { get; } = postgres;

    private protected TestDatabase Database { get; private set; } = null!;

    /// <summary>One process of the product. A test that needs a second one makes another <see cref="TestWorkflow"/> on the same database.</summary>
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

    /// <summary>To be overridden for other settings or another time.</summary>
    private protected virtual TestWorkflow NewWorkflow(TestDatabase database) => new(database);
}

/// <summary>As <see cref="DatabaseTests"/>, on a database with the shipped list (commit 1) and champion version 1, which learned nothing else.</summary>
public abstract class TrainedDatabaseTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private protected override Task<TestDatabase> NewDatabase(TestPostgres postgres) => postgres.CreateTrainedDatabase();
}
