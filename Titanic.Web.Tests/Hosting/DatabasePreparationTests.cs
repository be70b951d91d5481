using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Hosting;

namespace Titanic.Web.Tests.Hosting;

public sealed class DatabasePreparationTests(TestPostgres postgres)
{
    [Fact]
    public void A_server_older_than_PostgreSQL_18_is_refused_by_name()
    {
        var address = new NpgsqlConnectionStringBuilder("Host=db.example;Port=5433");

        var refusal = Assert.Throws<InvalidOperationException>(() => DatabaseWait.RequireSupported(new Version(15, 8), address));

        Assert.StartsWith("PostgreSQL 15.8 at db.example:5433; 18 or newer is needed.", refusal.Message, StringComparison.Ordinal);
        DatabaseWait.RequireSupported(new Version(18, 0), address);
    }

    [Fact]
    public async Task Processes_that_start_at_the_same_moment_take_turns_at_an_empty_database()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        // Kestrel answers at once and the database comes behind it, so these four really meet there.
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
}
