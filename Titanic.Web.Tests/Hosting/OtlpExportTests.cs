using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Titanic.Web.Tests.Hosting;

/// <summary>What a receiver gets if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names it. The field numbers are those of the OTLP schema.</summary>
public sealed class OtlpExportTests(OtlpExportTests.ExportingProduct product) : IClassFixture<OtlpExportTests.ExportingProduct>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_span_of_a_prediction_request_arrives_with_semantic_conventions_and_the_prediction()
    {
        var (trace, id) = await Predict();

        ProtobufMessage[] spans = [];
        await Eventually.True(() => Task.FromResult((spans = [.. SpansOf(trace)]).Length > 0), "the span has arrived");

        var span = Assert.Single(spans);
        var attributes = span.All(9).ToDictionary(attribute => attribute.Text(1), attribute => attribute.All(2).Single());
        Assert.Equal("POST /api/predictions", span.Text(5));
        Assert.Equal(2, span.Integer(6)); // server
        Assert.Equal("POST", attributes["http.request.method"].Text(1));
        Assert.Equal("/api/predictions", attributes["http.route"].Text(1));
        Assert.Equal(200, attributes["http.response.status_code"].Integer(3));
        Assert.Equal(id, attributes["titanic.prediction.id"].Integer(3));
        Assert.Equal(1, attributes["titanic.prediction.count"].Integer(3));
        Assert.Contains("titanic", ResourceAttributes("traces", "service.name"));
    }

    [Fact]
    public async Task The_metrics_of_the_product_and_of_requests_arrive()
    {
        await Predict();

        var expected = new[] { "Titanic.Web titanic.predictions", "Microsoft.AspNetCore.Hosting http.server.request.duration" };
        await Eventually.True(() => Task.FromResult(!expected.Except(Metrics()).Any()), "the metrics have arrived");
    }

    [Fact]
    public async Task Log_lines_arrive_as_messages() => await Eventually.True(
        () => Task.FromResult(product.Receiver.Received("logs").SelectMany(message => message.All(1, 2, 2)).Any(
            record => record.Text(5, 1).StartsWith("Champion version 1 is loaded", StringComparison.Ordinal) && record.Text(3) == "Information")),
        "the log line has arrived");

    private async Task<(ActivityTraceId Trace, long Id)> Predict()
    {
        var trace = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/predictions") { Content = JsonContent.Create(new { pclass = 1, sex = "female" }) };
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        using var response = await product.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (trace, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetInt64());
    }

    private IEnumerable<ProtobufMessage> SpansOf(ActivityTraceId trace) => product.Receiver.Received("traces").SelectMany(message => message.All(1, 2, 2))
        .Where(span => Convert.ToHexStringLower(span.All(1).Single().Bytes.Span) == trace.ToHexString());

    private IEnumerable<string> Metrics() => product.Receiver.Received("metrics").SelectMany(message => message.All(1, 2))
        .SelectMany(scope => scope.All(2).Select(metric => $"{scope.Text(1, 1)} {metric.Text(1)}"));

    private IEnumerable<string> ResourceAttributes(string signal, string key) => product.Receiver.Received(signal).SelectMany(message => message.All(1, 1, 1))
        .Where(attribute => attribute.Text(1) == key).Select(attribute => attribute.Text(2, 1));

    /// <summary>The product as a process that exports to a receiver, at short intervals.</summary>
    public sealed class ExportingProduct(TestPostgres postgres) : IAsyncLifetime
    {
        private TestDatabase? _database;
        private ProductProcess? _product;

        internal OtlpReceiver Receiver { get; } = OtlpReceiver.Start();

        public HttpClient Client { get; } = TelemetryProcess.NewClient();

        public async ValueTask InitializeAsync()
        {
            _database = await postgres.CreateTrainedDatabase();
            _product = TelemetryProcess.Start(
                _database, Client, ("OTEL_EXPORTER_OTLP_ENDPOINT", Receiver.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_BLRP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
            await _product.WaitUntilReady(Client);
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            _product?.Dispose();
            await Receiver.DisposeAsync();
            if (_database is not null)
                await _database.DisposeAsync();
        }
    }
}

/// <summary>Telemetry that is turned off by <c>OTEL_SDK_DISABLED</c>.</summary>
public sealed class DisabledTelemetryTests(TestPostgres postgres)
{
    [Fact]
    public async Task Serves_predictions_and_no_metrics()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        using var client = TelemetryProcess.NewClient();
        using var product = TelemetryProcess.Start(database, client, ("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1"));
        await product.WaitUntilReady(client);

        using var metrics = await client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        using var prediction = await client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (metrics.StatusCode, prediction.StatusCode));
    }
}

/// <summary>The product as a process of its own, because the variables of the specification apply to processes.</summary>
internal static class TelemetryProcess
{
    public static HttpClient NewClient() => new() { BaseAddress = new Uri($"http://127.0.0.1:{ProductProcess.FreePort()}") };

    public static ProductProcess Start(TestDatabase database, HttpClient client, params (string Name, string Value)[] variables) =>
        ProductProcess.StartOn(
            // so that a busy machine is not treated as an unavailable database
            database, [("Serving__LogTimeout", "00:00:30"), .. variables], "--urls", $"{client.BaseAddress}", "--Bootstrap:SimulateDays=0");
}
