using Microsoft.EntityFrameworkCore;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Pipelines;

public sealed class AuditPipelineTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly _day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Audits_champion_and_previous_daily_and_the_other_versions_in_rotation()
    {
        for (var version = 2; version <= 8; version++)
            await Workflow.Register(Verdict.Hold);
        await Workflow.Promote(8, force: true); // version 1 becomes the previous champion

        var audited = new List<string>();
        for (var day = 0; day < 3; day++)
        {
            Assert.Equal(RunStatus.Succeeded, (await RunAudit(_day.AddDays(day))).Status);
            audited.Add(string.Join(' ', await VersionsAuditedOn(_day.AddDays(day))));
        }

        Assert.Equal(["8 1 2 3 4", "8 1 5 6 7", "8 1 2 3 4"], audited);
    }

    [Fact]
    public async Task Does_not_audit_a_version_twice_for_the_same_day()
    {
        var first = await RunAudit(_day);
        var second = await RunAudit(_day);

        Assert.Equal("Reproduced bit for bit: version 1.", first.Summary);
        Assert.Equal((1, 0, 0), (first.Counts["reproduced"], first.Counts["differs"], first.Counts["impossible"]));
        Assert.Equal(
            (RunStatus.Succeeded, "Nothing to audit: version 1 was already reproduced for this day."), (second.Status, second.Summary));
        var stored = await Workflow.Query(db => db.Reproductions.SingleAsync(Cancellation));
        Assert.Equal(("audit", first.RunId, _day), (stored.RequestedBy, stored.RunId!.Value, stored.AuditDate!.Value));
        Assert.Equal(0, await Workflow.Count("access.audit_log", "what = 'model reproduced'"));
    }

    [Fact]
    public async Task Fails_the_run_on_a_difference_after_auditing_all_versions()
    {
        await Workflow.Register(Verdict.Promote);
        await Workflow.Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = 2");

        var run = await RunAudit(_day);

        Assert.Equal((RunStatus.Failed, "1 of 2 audited versions could not be reproduced. Version 2 differs: the stored model."), (run.Status, run.Error));
        Assert.Equal((1, 1), (run.Counts["reproduced"], run.Counts["differs"]));
        var lines = await Workflow.Query(db => db.RunLog.Where(line => line.RunId == run.RunId).OrderBy(line => line.RunLogLineId).ToListAsync(Cancellation));
        Assert.StartsWith("Version 2 differs: the stored model. The retrained bytes have the registered SHA-256, the stored bytes do not:", lines[0].Message, StringComparison.Ordinal);
        Assert.StartsWith("Version 1 is reproduced", lines[1].Message, StringComparison.Ordinal);
        Assert.Equal((run.Error, true), (lines[2].Message, lines[2].IsError));

        // After the correction, the same day is audited again, but only the version that was not reproduced.
        await Workflow.Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = 2");
        Assert.Equal("Reproduced bit for bit: version 2.", (await RunAudit(_day)).Summary);
    }

    [Fact]
    public async Task Succeeds_without_a_model_version()
    {
        await using var empty = await Postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(empty);

        var run = await workflow.Run(PipelineNames.Audit, _day);

        Assert.Equal((RunStatus.Succeeded, "There is no version to audit yet."), (run.Status, run.Summary));
    }

    [Fact]
    public async Task Simulated_days_do_not_run_the_audit()
    {
        var runs = await Workflow.SimulateDay(_day);

        Assert.Equal(["feature", "inference", "training", "monitoring"], runs.Select(run => run.Pipeline));
        Assert.Equal(0, await Workflow.Count("reproductions"));
    }

    private Task<Run> RunAudit(DateOnly day) => Workflow.Run(PipelineNames.Audit, day);

    private Task<List<int>> VersionsAuditedOn(DateOnly day) => Workflow.Query(db => db.Reproductions
        .Where(result => result.AuditDate == day).OrderBy(result => result.ReproductionId).Select(result => result.Version).ToListAsync(Cancellation));
}
