using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Tests.Hosting;

public sealed class DatabasePreparationTests(TestPostgres postgres)
{
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
