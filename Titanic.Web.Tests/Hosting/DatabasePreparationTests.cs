using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Hosting;
using Titanic.Web.Tests.Serving.Storing;

namespace Titanic.Web.Tests.Hosting;

public sealed class DatabasePreparationTests(TestPostgres postgres)
{
    [Fact]
    public void Rejects_a_server_older_than_PostgreSQL_18()
    {
        var address = new NpgsqlConnectionStringBuilder("Host=db.example;Port=5433");

        var exception = Assert.Throws<InvalidOperationException>(() => DatabaseWait.RequireSupported(new Version(15, 8), address));

        Assert.StartsWith(
            "The server at db.example:5433 is PostgreSQL 15.8; Titanic requires PostgreSQL 18 or newer.", exception.Message, StringComparison.Ordinal);
        DatabaseWait.RequireSupported(new Version(18, 0), address);
    }

    [Fact]
    public async Task Processes_that_start_at_the_same_time_prepare_an_empty_database_once()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        // Start returns when Kestrel listens, before the database is prepared, so all four prepare it concurrently.
        List<RoleProcess> processes = [.. Enumerable.Range(0, 4).Select(_ => RoleProcess.Start("web", database.ConnectionString))];
        try
        {
            foreach (var process in processes)
                await process.WaitForHealth(text => text == "The first start has not begun");

            await using var db = database.NewContext();
            Assert.Empty(await db.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
            Assert.Single(await db.Users.ToListAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            foreach (var process in processes)
                await process.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_process_that_starts_before_its_database_server_waits_for_it()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        using var proxy = new DatabaseProxy(database);
        proxy.Disconnect();
        await using var process = RoleProcess.Start("web", proxy.ConnectionString);
        await process.WaitForHealth(text => text.StartsWith("Connecting to PostgreSQL at 127.0.0.1", StringComparison.Ordinal));
        proxy.Resume();

        await process.WaitForHealth(text => text == "The first start has not begun");
    }
}
