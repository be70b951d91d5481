using Npgsql;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Tests.Serving.Storing;

public sealed class PredictionLogTests(TestPostgres postgres) : IAsyncLifetime
{
    /// <summary>For tests with failing requests; long enough for the others to succeed on a busy machine.</summary>
    private static readonly (string, string) _shortTimeout = ("Serving:LogTimeout", "00:00:05");

    private TestDatabase _database = null!;
    private DatabaseProxy _proxy = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateTrainedDatabase();
        _proxy = new DatabaseProxy(_database);
    }

    public async ValueTask DisposeAsync()
    {
        _proxy.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Concurrent_requests_share_commits()
    {
        await using var workflow = await Workflow();

        var predictions = await Task.WhenAll(Enumerable.Range(0, 200).Select(fare => Predict(workflow, fare)));

        Assert.Equal(200, predictions.Select(prediction => prediction.PredictionId).Distinct().Count());
        Assert.Equal(200, await workflow.Count("predictions"));
        Assert.InRange(await workflow.Scalar<long>("select count(distinct xmin::text) from predictions"), 1, 100);
    }

    [Fact]
    public async Task Two_processes_never_allocate_the_same_id()
    {
        await using var one = await Workflow();
        await using var other = await Workflow();

        var predictions = await Task.WhenAll(Enumerable.Range(0, 300).Select(fare => Predict(fare % 2 == 0 ? one : other, fare)));

        Assert.Equal(300, predictions.Select(prediction => prediction.PredictionId).Distinct().Count());
        Assert.Equal(300, await one.Count("predictions"));
    }

    [Fact]
    public async Task Sequential_requests_get_consecutive_ids()
    {
        await using var workflow = await Workflow();

        var first = await Predict(workflow, 1);
        var second = await Predict(workflow, 2);

        Assert.Equal(first.PredictionId + 1, second.PredictionId);
    }

    [Fact]
    public async Task Fails_while_the_database_is_unavailable_and_recovers_afterwards()
    {
        await using var workflow = await Workflow(_shortTimeout);
        await Predict(workflow, 1);

        _proxy.Disconnect();
        for (var fare = 2; fare < 5; fare++)
            await ExpectRejection(workflow, fare);
        Assert.Equal(1, await workflow.Count("predictions"));
        _proxy.Resume();

        await Eventually.True(async () => await TryPredict(workflow, 9), "requests succeed again");
        Assert.Equal(1, await workflow.Count("predictions", "fare = 9"));
    }

    [Fact]
    public async Task Fails_while_the_database_hangs_and_recovers_afterwards()
    {
        await using var workflow = await Workflow(_shortTimeout);
        await Predict(workflow, 1);

        _proxy.Hang();
        await Task.WhenAll(Enumerable.Range(2, 20).Select(fare => ExpectRejection(workflow, fare)));
        _proxy.Resume();

        await Eventually.True(async () => await TryPredict(workflow, 99), "requests succeed again");
        Assert.Equal(
            0, await workflow.Scalar<long>("select count(*) - count(distinct (fare, created_at)) from predictions where fare < 99"));
    }

    [Fact]
    public async Task Retries_on_a_new_connection_after_a_lost_one()
    {
        await using var workflow = await Workflow();
        await Predict(workflow, 1);

        _proxy.Disconnect();
        _proxy.Resume();

        Assert.NotEqual(0, (await Predict(workflow, 2)).PredictionId);
    }

    [Fact]
    public async Task Does_not_store_rows_twice_after_a_commit_with_a_lost_response()
    {
        await using var workflow = await Workflow();

        _proxy.DropResponsesFrom("insert into predictions");
        var pending = Predict(workflow, 1912);
        await Eventually.True(async () => await workflow.Count("predictions", "fare = 1912") == 1, "the row is committed");
        Assert.False(pending.IsCompleted);
        _proxy.Disconnect();
        _proxy.Resume();

        Assert.Equal(await workflow.Scalar<long>("select prediction_id from predictions where fare = 1912"), (await pending).PredictionId);
        Assert.Equal(1, await workflow.Count("predictions", "fare = 1912"));
    }

    [Fact]
    public async Task Fails_at_the_deadline_if_the_table_is_locked()
    {
        await using var workflow = await Workflow(_shortTimeout);
        await using var tableLock = await Lock();

        await ExpectRejection(workflow, 1);
        await tableLock.DisposeAsync();

        await Eventually.True(async () => await TryPredict(workflow, 2), "requests succeed again");
    }

    [Fact]
    public async Task Stores_accepted_requests_before_the_process_ends()
    {
        var workflow = await Workflow();
        List<Task<Prediction>> requests;
        ValueTask stopping;
        await using (await Lock())
        {
            requests = [.. Enumerable.Range(0, 500).Select(fare => Predict(workflow, fare))];
            await Eventually.True(async () => await workflow.Count("predictions_prediction_id_seq", "last_value >= 500") == 1, "all have their ids");
            stopping = workflow.DisposeAsync();
        }
        await stopping;
        await Task.WhenAll(requests.Select(request => request.ContinueWith(_ => { }, TaskScheduler.Default)));

        var succeeded = requests.Count(request => request.IsCompletedSuccessfully);
        Assert.InRange(succeeded, 1, 500);
        await using var after = await Workflow();
        Assert.Equal(succeeded, await after.Count("predictions"));
    }

    [Fact]
    public async Task Without_a_log_predictions_have_no_row_and_no_id()
    {
        await using var workflow = await Workflow(("Serving:Log", "off"));
        _proxy.Disconnect();

        Assert.Equal(
            (0, 8.0), (await Predict(workflow, 8) is var prediction ? (prediction.PredictionId, prediction.FareInPounds) : default));
        Assert.Equal(0, await workflow.Count("predictions"));
    }

    [Theory]
    [InlineData("Serving:Log", "async", "Serving:Log is \"async\"; it must be durable or off.")]
    [InlineData("Serving:Log", "0", "Serving:Log is \"0\"; it must be durable or off.")]
    [InlineData("Serving:LogBatchRows", "0", "Serving:LogBatchRows is 0; it must be between 1 and 100,000.")]
    [InlineData("Serving:LogQueueRows", "10", "Serving:LogQueueRows is 10; it must be between 10,000 and 10,000,000.")]
    [InlineData("Serving:LogDelay", "00:00:02", "Serving:LogDelay is 00:00:02; it must be between 00:00:00 and 00:00:01.")]
    [InlineData("Serving:LogTimeout", "01:00:00", "Serving:LogTimeout is 01:00:00; it must be between 00:00:00.1000000 and 00:00:30.")]
    public async Task Rejects_invalid_settings_and_states_the_values_allowed(string setting, string value, string message)
    {
        await using var workflow = new TestWorkflow(_database, (setting, value));

        var rejected = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(
            () => workflow.GetRequired<Microsoft.Extensions.Options.IOptions<ServingOptions>>().Value);

        Assert.Contains(message, rejected.Message, StringComparison.Ordinal);
    }

    /// <summary>A process on the proxied database with its champion already loaded.</summary>
    private async Task<TestWorkflow> Workflow(params (string Key, string Value)[] settings)
    {
        var workflow = new TestWorkflow(_database, [("ConnectionStrings:Titanic", _proxy.ConnectionString), .. settings]);
        await workflow.GetRequired<ChampionCache>().Reload(Cancellation);
        return workflow;
    }

    private static async Task<Prediction> Predict(TestWorkflow workflow, double fare) =>
        (await workflow.GetRequired<Predictor>().PredictAsync(
            new[] { new PredictionInput(1, Sex.Male, fare: fare) }, PredictionSources.Api, PredictionOptions.None, Cancellation)).Predictions[0];

    private static async Task<bool> TryPredict(TestWorkflow workflow, double fare)
    {
        try
        {
            return (await Predict(workflow, fare)).PredictionId > 0;
        }
        catch (PredictionsNotStoredException)
        {
            return false;
        }
    }

    /// <summary>Has a time limit, so that the test cannot hang. The benchmark <c>serving</c> measures the real waiting time.</summary>
    private static Task ExpectRejection(TestWorkflow workflow, double fare) =>
        Assert.ThrowsAsync<PredictionsNotStoredException>(() => Predict(workflow, fare).WaitAsync(Eventually.Timeout, Cancellation));

    /// <summary>Blocks writes to the table until disposal.</summary>
    private async Task<NpgsqlConnection> Lock()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("begin; lock table predictions in exclusive mode", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }
}
