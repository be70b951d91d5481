namespace Titanic.Web.Tests;

/// <summary>Tests with a database of their own each, in which version 1 has learned the shipped list and is champion, and the product's services on it.</summary>
public abstract class OnTrainedDatabase(TestPostgres postgres) : IAsyncLifetime
{
    private protected TestPostgres Postgres { get; } = postgres;

    private protected TestDatabase Database { get; private set; } = null!;

    private protected TestWorkflow Workflow { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        Database = await Postgres.CreateTrainedDatabase();
        Workflow = NewWorkflow(Database);
    }

    public async ValueTask DisposeAsync()
    {
        await Workflow.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Those who want other settings or another clock say so here.</summary>
    private protected virtual TestWorkflow NewWorkflow(TestDatabase database) => new(database);
}
