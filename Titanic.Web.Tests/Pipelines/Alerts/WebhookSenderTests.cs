using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Tests.Pipelines.Alerts;

/// <summary>Deliveries to a real HTTP receiver.</summary>
public sealed class WebhookSenderTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly byte[] _key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private readonly Receiver _receiver = new();

    private TestDatabase _database = null!;
    private TestWorkflow _workflow = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateTrainedDatabase();
        await _receiver.Start();
        _workflow = NewWorkflow();
    }

    public async ValueTask DisposeAsync()
    {
        await _workflow.DisposeAsync();
        await _receiver.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Sends_each_event_once_with_an_id_and_a_valid_signature()
    {
        await OpenAlert();
        Assert.Equal(1, await Send());
        Assert.Equal(0, await Send());

        var received = Assert.Single(_receiver.Received);
        Assert.Equal("application/json; charset=utf-8", received.Headers["content-type"]);
        var (id, timestamp) = (received.Headers["webhook-id"], received.Headers["webhook-timestamp"]);
        Assert.Matches("^msg_[0-9a-f]{32}$", id);
        Assert.Equal(_workflow.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), timestamp);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(Encoding.ASCII.GetBytes(id + "." + timestamp + "."));
        hmac.AppendData(received.Body);
        Assert.Equal("v1," + Convert.ToBase64String(hmac.GetHashAndReset()), received.Headers["webhook-signature"]);
        using var body = JsonDocument.Parse(received.Body);
        Assert.Equal("alert.opened", body.RootElement.GetProperty("type").GetString());
        Assert.Equal("damaged-model", body.RootElement.GetProperty("data").GetProperty("rule").GetString());
        Assert.Equal("open", body.RootElement.GetProperty("data").GetProperty("state").GetString());
        Assert.Equal((DeliveryStatus.Delivered, 200, 1), await Log(delivery => (delivery.Status, delivery.ResponseCode, delivery.Attempts)));
    }

    [Fact]
    public async Task Repeats_failed_attempts_with_the_same_id_after_growing_delays_and_gives_up()
    {
        _receiver.Status = _ => 500;
        await OpenAlert();
        Assert.Equal(1, await Send());

        foreach (var delay in WebhookSender.Delays)
        {
            _workflow.Clock.Advance(delay - TimeSpan.FromSeconds(1));
            Assert.Equal(0, await Send());
            _workflow.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(1, await Send());
        }

        Assert.Equal(
            (DeliveryStatus.Failed, 500, 8, "The receiver returned status 500; it must be 200 to 299."),
            await Log(delivery => (delivery.Status, delivery.ResponseCode, delivery.Attempts, delivery.Error)));
        _workflow.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await Send());
        Assert.Equal(8, _receiver.Received.Count);
        Assert.Single(_receiver.Received.Select(received => received.Headers["webhook-id"]).Distinct());
        Assert.Single(_receiver.Received.Select(received => Encoding.UTF8.GetString(received.Body)).Distinct());
    }

    [Fact]
    public async Task Delivers_after_two_failures()
    {
        _receiver.Status = attempt => attempt < 3 ? 503 : 204;
        await OpenAlert();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, await Send());
            _workflow.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((DeliveryStatus.Delivered, 204, 3, null), await Log(delivery => (delivery.Status, delivery.ResponseCode, delivery.Attempts, delivery.Error)));
    }

    [Fact]
    public async Task Does_not_follow_a_redirect()
    {
        _receiver.Status = _ => 307;
        await OpenAlert();
        await Send();

        Assert.Single(_receiver.Received);
        Assert.Equal("The receiver returned status 307; redirects are not followed.", await Log(delivery => delivery.Error));
    }

    [Fact]
    public async Task Does_not_connect_to_a_private_address()
    {
        await using var strict = NewWorkflow(("Alerts:AllowPrivateAddresses", "false"));
        await OpenAlert();
        await strict.InScope<WebhookSender, int>(sender => sender.SendDue(Cancellation));

        Assert.Empty(_receiver.Received);
        Assert.Equal(
            "The host localhost has only private, loopback or link-local addresses; they need Alerts:AllowPrivateAddresses.", await Log(delivery => delivery.Error));
        Assert.Equal(DeliveryStatus.Pending, await Log(delivery => delivery.Status));
    }

    [Fact]
    public async Task Several_processes_send_each_delivery_once()
    {
        await using var other = NewWorkflow();
        for (var i = 0; i < 30; i++)
            await _workflow.InScope<AlertEvents, int>(events => events.RecordTest(Cancellation));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
            (i % 2 == 0 ? _workflow : other).InScope<WebhookSender, int>(sender => sender.SendDue(Cancellation))));

        Assert.Equal(30, _receiver.Received.Count);
        Assert.Equal(30, _receiver.Received.Select(received => received.Headers["webhook-id"]).Distinct().Count());
        Assert.Equal(30, await _workflow.Count("webhook_deliveries", "status = 'Delivered'"));
    }

    /// <summary>A process is killed after the receiver has the message and before the result is stored: the message is sent again.</summary>
    [Fact]
    public async Task Sends_again_after_a_process_was_killed_during_an_attempt()
    {
        await OpenAlert();
        await _workflow.Execute("create function refuse() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$");
        await _workflow.Execute("create trigger refuse before update on webhook_deliveries for each row when (new.status = 'Delivered') execute function refuse()");
        await Assert.ThrowsAnyAsync<DbUpdateException>(Send);
        await _workflow.Execute("drop trigger refuse on webhook_deliveries");
        Assert.Equal(0, await Send());

        _workflow.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await Send());
        Assert.Equal(2, _receiver.Received.Count);
        Assert.Single(_receiver.Received.Select(received => received.Headers["webhook-id"]).Distinct());
        Assert.Equal((DeliveryStatus.Delivered, 2), await Log(delivery => (delivery.Status, delivery.Attempts)));
    }

    [Fact]
    public async Task A_removed_receiver_gets_nothing()
    {
        await using var without = new TestWorkflow(_database, _workflow.Clock);
        await OpenAlert();
        await without.InScope<WebhookSender, int>(sender => sender.SendDue(Cancellation));

        Assert.Empty(_receiver.Received);
        Assert.Equal((DeliveryStatus.Failed, "The receiver is no longer configured."), await Log(delivery => (delivery.Status, delivery.Error)));
    }

    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:2800:21f:cb07:6820:80da:af6b:8b2c", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:93.184.215.14", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("2001:0:1::1", false)]
    [InlineData("2001:db8::1", false)]
    public void Only_globally_reachable_addresses_are_public(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicConnections.IsPublic(IPAddress.Parse(address)));

    private TestWorkflow NewWorkflow(params (string Key, string Value)[] settings) => new(_database, TestClock.CreateAt(TestWorkflow.FirstDay),
    [
        ("Alerts:Webhooks:0:Url", _receiver.Url), ("Alerts:Webhooks:0:Secret", "whsec_" + Convert.ToBase64String(_key)), ("Alerts:AllowedHosts", "localhost"),
        ("Alerts:AllowPrivateAddresses", "true"), .. settings,
    ]);

    private async Task OpenAlert()
    {
        await _workflow.Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1)");
        Assert.True(await _workflow.Evaluate());
    }

    private Task<int> Send() => _workflow.InScope<WebhookSender, int>(sender => sender.SendDue(Cancellation));

    private Task<T> Log<T>(Func<WebhookDelivery, T> value) => _workflow.Query(async db => value(await db.WebhookDeliveries.SingleAsync(Cancellation)));

    /// <summary>An HTTP server that stores the requests it receives.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication _app;

        public Receiver()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.Run(Receive);
        }

        /// <summary>The status of the response, by the number of the request.</summary>
        public Func<int, int> Status { get; set; } = _ => 200;

        public ConcurrentQueue<(Dictionary<string, string> Headers, byte[] Body)> Received { get; } = new();

        public string Url { get; private set; } = "";

        public async Task Start()
        {
            await _app.StartAsync(Cancellation);
            var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            Url = $"http://localhost:{address.Port}/hook";
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task Receive(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            Received.Enqueue((context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()), body.ToArray()));
            context.Response.StatusCode = Status(Received.Count);
            context.Response.Headers.Location = Url;
        }
    }
}
