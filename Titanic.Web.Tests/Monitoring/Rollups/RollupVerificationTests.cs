using Titanic.Web.Tests.Hosting;

namespace Titanic.Web.Tests.Monitoring.Rollups;

/// <summary>The command <c>verify-rollups</c> on a site with three days of the stream.</summary>
public sealed class RollupVerificationTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private protected override Task<TestDatabase> NewDatabase(TestPostgres postgres) => new FullSite(postgres).CreateDatabase();

    [Fact]
    public async Task Finds_and_rebuilds_damaged_rows()
    {
        var (exitCode, output, errors) = await ProductProcess.RunOn(Database, "verify-rollups");
        Assert.True(exitCode == 0, output + errors);
        Assert.EndsWith("30 predictions: 0 differences", output, StringComparison.Ordinal);

        await Workflow.Execute("update prediction_cells set outcome_died[1] = outcome_died[1] + 1 where ctid = (select min(ctid) from prediction_cells)");
        await Workflow.Execute("delete from daily_answers where ctid = (select min(ctid) from daily_answers)");
        await Workflow.Execute("update daily_performance set squared_error = squared_error + 1 where logical_date = (select max(logical_date) from daily_performance)");
        (exitCode, output, _) = await ProductProcess.RunOn(Database, "verify-rollups");

        Assert.Equal(1, exitCode);
        Assert.Contains("daily_answers: 3 rows compared, 1 difference", output, StringComparison.Ordinal);
        Assert.Contains("batch: stored nothing; counted 10 predictions, ", output, StringComparison.Ordinal);
        Assert.Contains("daily_performance: 3 rows compared, 1 difference", output, StringComparison.Ordinal);
        Assert.EndsWith("30 predictions: 3 differences", output, StringComparison.Ordinal);

        (exitCode, output, _) = await ProductProcess.RunOn(Database, "verify-rollups", "--rebuild");

        Assert.Equal(0, exitCode);
        Assert.Contains("rebuilt: 2 days changed", output, StringComparison.Ordinal);
        Assert.EndsWith("30 predictions: 0 differences", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("update rollup_state set last_prediction_id = last_prediction_id - 5")]
    [InlineData("delete from rollup_state")]
    [InlineData("update predictions set probability = probability / 2 where prediction_id = 3")]
    public async Task Finds_roll_ups_of_another_state(string damage)
    {
        await Workflow.Execute(damage);

        var (exitCode, output, _) = await ProductProcess.RunOn(Database, "verify-rollups");

        Assert.True(exitCode == 1, output);
    }
}
