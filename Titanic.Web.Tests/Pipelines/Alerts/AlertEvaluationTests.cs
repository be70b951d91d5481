using Npgsql;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Tests.Pipelines.Alerts;

/// <summary>One incident is one alert, whatever is repeated, concurrent or killed.</summary>
public sealed class AlertEvaluationTests(TestPostgres postgres)
{
    private const string Damage = "update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1)";

    private static readonly int _evaluations = Repetitions.Of(developer: 100, continuousIntegration: 1_000);

    private static readonly (string Key, string Value)[] _webhook =
    [
        ("Alerts:Webhooks:0:Url", "https://hooks.example.com/titanic"), ("Alerts:AllowedHosts", "hooks.example.com"),
        ("Alerts:Webhooks:0:Secret", "whsec_" + Convert.ToBase64String(new byte[32])),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flapping_condition_is_one_alert_with_one_delivery_per_event()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, _webhook);
        for (var i = 0; i < _evaluations; i++)
        {
            await workflow.Execute(Damage);
            await workflow.Evaluate();
            workflow.Clock.Advance(AlertLoop.EvaluationInterval);
        }

        Assert.Equal("Opened", await workflow.Events());
        Assert.Equal(1, await workflow.Count("webhook_deliveries"));
        await workflow.EvaluateUntilEnded();
        Assert.Equal("Opened Resolved", await workflow.Events());
        Assert.Equal(2, await workflow.Count("webhook_deliveries"));
        Assert.Equal(2, await workflow.Scalar<long>("select count(distinct alert_event_id) from webhook_deliveries"));
        Assert.Equal(1, await workflow.Count("alerts"));
    }

    [Fact]
    public async Task Concurrent_evaluations_of_two_processes_open_one_alert()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var one = new TestWorkflow(database, _webhook);
        await using var other = new TestWorkflow(database, _webhook);
        await one.Execute(Damage);

        await Parallel.ForAsync(0, _evaluations, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
            async (i, _) => await (i % 2 == 0 ? one : other).Evaluate());

        Assert.Equal((1, 1, 1), (await one.Count("alerts"), await one.Count("alert_events"), await one.Count("webhook_deliveries")));
    }

    [Fact]
    public async Task A_condition_that_comes_back_within_an_hour_opens_the_same_alert_again()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Execute(Damage);
        await workflow.Evaluate();
        await workflow.Execute(Damage);
        await workflow.EvaluateUntilEnded();
        Assert.Equal("Opened Resolved", await workflow.Events());

        workflow.Clock.Advance(TimeSpan.FromMinutes(55));
        await workflow.Execute(Damage);
        await workflow.Evaluate();
        Assert.Equal("Opened Resolved Reopened", await workflow.Events());
        Assert.Equal(1, await workflow.Count("alerts"));

        await workflow.Execute(Damage);
        await workflow.EvaluateUntilEnded();
        workflow.Clock.Advance(AlertEvaluation.ReopenWithin);
        await workflow.Execute(Damage);
        await workflow.Evaluate();
        Assert.Equal("Opened Resolved Reopened Resolved Opened", await workflow.Events());
        Assert.Equal(2, await workflow.Count("alerts"));
    }

    /// <summary>The connection of an evaluation ends before its last statements; a trigger holds them back until then.</summary>
    [Theory]
    [InlineData("alerts")]
    [InlineData("alert_events")]
    [InlineData("webhook_deliveries")]
    public async Task A_killed_evaluation_leaves_nothing_and_the_next_one_opens_the_alert(string table)
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, _webhook);
        await workflow.Execute(Damage);
        await workflow.Execute("create function stop_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1912); return null; end $$");
        await workflow.Execute($"create trigger stop_here after insert on {table} for each statement execute function stop_here()");
        Task<bool> killed;
        await using (var holder = await database.DataSource.OpenConnectionAsync(Cancellation))
        {
            await using var hold = new NpgsqlCommand("select pg_advisory_lock(1912)", holder);
            await hold.ExecuteNonQueryAsync(Cancellation);
            killed = workflow.Evaluate();
            await Eventually.True(
                async () => await workflow.Count("pg_stat_activity", "wait_event_type = 'Lock' and datname = current_database()") == 1, "the evaluation is blocked");
            await workflow.Execute("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()");
            await Assert.ThrowsAnyAsync<Exception>(() => killed);
            await using var release = new NpgsqlCommand("select pg_advisory_unlock(1912)", holder);
            await release.ExecuteNonQueryAsync(Cancellation);
        }
        Assert.Equal((0, 0, 0), (await workflow.Count("alerts"), await workflow.Count("alert_events"), await workflow.Count("webhook_deliveries")));

        Assert.True(await workflow.Evaluate());
        Assert.Equal((1, 1, 1), (await workflow.Count("alerts"), await workflow.Count("alert_events"), await workflow.Count("webhook_deliveries")));
    }

    /// <summary>Evaluations that are canceled at any statement, in two processes: what they store is complete.</summary>
    [Fact]
    public async Task Canceled_evaluations_store_an_alert_with_its_event_and_delivery_or_nothing()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var one = new TestWorkflow(database, _webhook);
        await using var other = new TestWorkflow(database, _webhook);
        await one.Execute(Damage);
        var random = new Random(1912);
        for (var i = 0; i < _evaluations; i++)
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromMicroseconds(random.Next(10_000)));
            try
            {
                await (i % 2 == 0 ? one : other).InScope<AlertEvaluation, bool>(evaluation => evaluation.Evaluate(cancel.Token));
            }
            catch (OperationCanceledException)
            {
                // It ended between two statements or within one.
            }
            var alerts = await one.Count("alerts");
            Assert.InRange(alerts, 0, 1);
            Assert.Equal((alerts, alerts), (await one.Count("alert_events"), await one.Count("webhook_deliveries")));
        }

        await one.Evaluate();
        Assert.Equal("Opened", await one.Events());
    }

    [Fact]
    public async Task The_database_rejects_a_second_alert_of_an_incident()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Execute(Damage);
        await workflow.Evaluate();

        var duplicate = await Assert.ThrowsAsync<PostgresException>(() => workflow.Execute(
            """
            insert into alerts (rule, subject, state, message, link, evidence, opened_at, last_seen_at)
            select rule, subject, state, message, link, evidence, opened_at, last_seen_at from alerts
            """));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, duplicate.SqlState);
    }

    [Fact]
    public async Task A_resolved_alert_stays_resolved_while_its_condition_lasts()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, _webhook);
        await workflow.Execute(Damage);
        await workflow.Evaluate();
        var id = (await workflow.SingleAlert()).AlertId;

        var acknowledged = await Act(workflow, actions => actions.Acknowledge(id, "ann", " looking at it ", Cancellation));
        Assert.Equal((AlertState.Acknowledged, "ann", "looking at it"), (acknowledged.State, acknowledged.AcknowledgedBy, acknowledged.Note));
        await Act(workflow, actions => actions.Acknowledge(id, "bob", null, Cancellation));
        await Act(workflow, actions => actions.Resolve(id, "ann", null, Cancellation));
        await workflow.EvaluateFor(TimeSpan.FromHours(3));
        Assert.Equal("Opened Acknowledged Resolved", await workflow.Events());
        Assert.Equal(3, await workflow.Count("webhook_deliveries"));
        Assert.Equal(2, await workflow.Count("access.audit_log", $"subject = 'alert {id}' and who = 'ann'"));
        Assert.Equal(0, await workflow.Count("access.audit_log", "who = 'bob'"));
        await Assert.ThrowsAsync<AlertActionException>(() => Act(workflow, actions => actions.Acknowledge(id, "ann", null, Cancellation)));

        await workflow.Execute(Damage);
        await workflow.EvaluateUntilEnded();
        await workflow.Execute(Damage);
        await workflow.Evaluate();
        Assert.Equal("Opened Acknowledged Resolved Reopened", await workflow.Events());
    }

    private static async Task<Alert> Act(TestWorkflow workflow, Func<AlertActions, Task<Alert?>> action) => (await workflow.InScope(action))!;
}
