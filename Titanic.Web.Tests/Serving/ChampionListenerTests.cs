using Microsoft.Extensions.Hosting;
using Npgsql;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Serving;

/// <summary>Defect S12 of the original: its pages had a hard-coded model version, so a retrained model never served.</summary>
public sealed class ChampionListenerTests(TestPostgres postgres) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private TestWorkflow _workflow = null!;
    private TestWorkflow _otherProcess = null!;
    private ChampionListener _listener = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private int? ChampionVersion => _workflow.GetRequired<ChampionCache>().Current?.Version;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateTrainedDatabase();
        (_workflow, _otherProcess) = (new TestWorkflow(_database, ("Serving:ChampionPollInterval", "01:00:00")), new TestWorkflow(_database));
        _listener = _workflow.GetRequired<IEnumerable<IHostedService>>().OfType<ChampionListener>().Single();
        await _listener.StartAsync(Cancellation);
        await Eventually.True(() => ChampionVersion == 1, "version 1 serves");
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.StopAsync(CancellationToken.None);
        await _workflow.DisposeAsync();
        await _otherProcess.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Reloads_the_champion_on_notify()
    {
        await _otherProcess.Register(Verdict.Promote);
        await Eventually.True(() => ChampionVersion == 2, "version 2 serves");

        await _otherProcess.Promote(1);
        await Eventually.True(() => ChampionVersion == 1, "version 1 serves again");
    }

    [Fact]
    public async Task Finds_a_promotion_without_notification_by_polling()
    {
        await using var polling = new TestWorkflow(_database, ("Serving:ChampionPollInterval", "00:00:00.200"));
        var listener = polling.GetRequired<IEnumerable<IHostedService>>().OfType<ChampionListener>().Single();
        await listener.StartAsync(Cancellation);
        await Eventually.True(() => polling.GetRequired<ChampionCache>().Current?.Version == 1, "version 1 serves");
        await _otherProcess.Register(Verdict.Hold);

        await _otherProcess.Execute("update alias_assignments set version = 2 where alias = 'champion' and ended_at is null");

        await Eventually.True(() => polling.GetRequired<ChampionCache>().Current?.Version == 2, "version 2 serves");
        await listener.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Loads_a_promotion_that_happens_while_all_connections_are_lost()
    {
        await _otherProcess.Register(Verdict.Hold);
        await using var separate = new NpgsqlConnection(_database.ConnectionString + ";Pooling=false");
        await separate.OpenAsync(Cancellation);
        // Like a restart of the server: the pools still contain the closed connections.
        await Execute(
            separate,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid()");
        await Execute(separate, "update alias_assignments set version = 2 where alias = 'champion'; select pg_notify('titanic_champion', '2')");

        await Eventually.True(() => ChampionVersion == 2 || _listener.ExecuteTask!.IsCompleted, "version 2 serves");

        Assert.False(_listener.ExecuteTask!.IsFaulted, $"The listener ended: {_listener.ExecuteTask.Exception}");
        Assert.Equal(2, ChampionVersion);
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
