using Npgsql;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Lifecycle;

namespace Titanic.Web.Tests.Registry;

public sealed class ReproductionsTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finds_the_newest_result_of_each_version_and_rejects_changes()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Register(Verdict.Hold);
        await workflow.Register(Verdict.Hold);
        var (first, second, third) = (await workflow.Reproduce(1), await workflow.Reproduce(1), await workflow.Reproduce(2));

        var newest = await workflow.InScope<Reproductions, Dictionary<int, Reproduction>>(reproductions => reproductions.FindNewest([1, 2, 3], Cancellation));
        var ofTheFirst = await workflow.InScope<Reproductions, List<Reproduction>>(reproductions => reproductions.ForVersion(1, second.ReproductionId, 10, Cancellation));

        Assert.Equal([(1, second.ReproductionId), (2, third.ReproductionId)], newest.OrderBy(result => result.Key).Select(result => (result.Key, result.Value.ReproductionId)));
        Assert.Equal([first.ReproductionId], ofTheFirst.Select(result => result.ReproductionId));
        Assert.Null(await workflow.InScope<Reproductions, Reproduction?>(reproductions => reproductions.Find(1, third.ReproductionId, Cancellation)));
        foreach (var change in (string[])["update reproductions set verdict = 'Reproduced'", "delete from reproductions"])
            await Assert.ThrowsAsync<PostgresException>(() => workflow.Execute(change));
    }
}
