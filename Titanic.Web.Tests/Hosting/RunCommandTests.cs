using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The command <c>run</c>.</summary>
public sealed class RunCommandTests(TestPostgres postgres)
{
    [Fact]
    public async Task Stores_no_run_for_an_argument_that_names_nothing_or_the_future()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        var runs = await Count();

        var (asOfCode, _, asOf) = await ProductInProcess.RunOn(database, "run", "training", "--as-of", "foo");
        var (futureCode, _, future) = await ProductInProcess.RunOn(database, "run", "training", "--as-of", "2999-12-31");
        var (simulateCode, _, simulate) = await ProductInProcess.RunOn(database, "simulate", "--days", "1", "--from", "2999-12-31");
        var (backfillCode, _, backfill) = await ProductInProcess.RunOn(database, "run", "feature", "--backfill", "/nope.csv");

        Assert.Equal((1, 1, 1, 1), (asOfCode, futureCode, simulateCode, backfillCode));
        Assert.StartsWith("The point in time is 2999-12-31; it must not be after now, ", future, StringComparison.Ordinal);
        Assert.StartsWith("The date is 2999-12-31; it must not be after ", simulate, StringComparison.Ordinal);
        Assert.Contains("The point in time is \"foo\"; it must be a commit such as 17", asOf, StringComparison.Ordinal);
        Assert.Contains("The file /nope.csv cannot be read: it does not exist.", backfill, StringComparison.Ordinal);
        Assert.Equal(runs, await Count());

        async Task<int> Count()
        {
            await using var db = database.NewContext();
            return await db.Runs.CountAsync(TestContext.Current.CancellationToken);
        }
    }
}
