using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Titanic.Web.Hosting;

/// <summary>
/// OpenTelemetry: metrics at <see cref="MetricsPath"/> in the Prometheus format and, if <see cref="OtlpEndpoint"/> is set, metrics, traces
/// and logs by OTLP. The other variables <c>OTEL_*</c> of the OpenTelemetry specification apply.
/// </summary>
internal static class Telemetry
{
    public const string MetricsPath = "/metrics";

    /// <summary>The variable with the address of an OTLP receiver.</summary>
    public const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The variable of the specification that turns telemetry off.</summary>
    public const string Disabled = "OTEL_SDK_DISABLED";

    private const string RuntimeMeter = "System.Runtime", RequestMeter = "Microsoft.AspNetCore.Hosting", RequestDuration = "http.server.request.duration";

    /// <summary>
    /// Not the meter of Npgsql: its metrics name each pool by its connection string, and the metrics are public. Not the meters of Kestrel and
    /// of the rate limiter: their metrics of each request cost more throughput than the duration, which has the status code 429.
    /// </summary>
    private static readonly string[] _meters = [ProductTelemetry.Name, RequestMeter, RuntimeMeter];

    public static bool ExportsByOtlp(IConfiguration configuration) => IsEnabled(configuration) && !string.IsNullOrWhiteSpace(configuration[OtlpEndpoint]);

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (!IsEnabled(builder.Configuration))
            return;
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("titanic", serviceVersion: typeof(Telemetry).Assembly.GetName().Version!.ToString(3))
                .AddEnvironmentVariableDetector()) // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES replace these values
            .WithMetrics(metrics => metrics.AddMeter(_meters).AddPrometheusExporter());
        builder.Services.ConfigureOpenTelemetryMeterProvider((services, metrics) =>
        {
            var meters = services.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => IsExported(instrument, meters) ? null : MetricStreamConfiguration.Drop);
        });
        if (!ExportsByOtlp(builder.Configuration))
            return;
        telemetry
            .WithTracing(traces => traces.AddSource(ProductTelemetry.Name).AddAspNetCoreInstrumentation(requests => requests.Filter = IsTraced))
            .WithLogging(_ => { }, logs => logs.IncludeFormattedMessage = true)
            .UseOtlpExporter();
    }

    /// <summary>Public like the health endpoints, without rate limit, and not an operation of the API.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        if (!IsEnabled(app.Configuration))
            return;
        app.MapPrometheusScrapingEndpoint(MetricsPath)
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]))
            .DisableHttpMetrics()
            .AllowAnonymous();
    }

    /// <summary>By the specification, only the value true (in any case) turns telemetry off.</summary>
    private static bool IsEnabled(IConfiguration configuration) => !(bool.TryParse(configuration[Disabled], out var isDisabled) && isDisabled);

    /// <summary>
    /// A process can have several hosts; each exports the meters of its own services and those of the process. The counts of the runtime
    /// (assemblies, processors, timers) are gauges with a name that Prometheus reserves for histograms. An instrument that is not exported
    /// does not measure.
    /// </summary>
    private static bool IsExported(Instrument instrument, IMeterFactory meters) =>
        (instrument.Meter.Scope is null || instrument.Meter.Scope == meters) && instrument.Meter.Name switch
        {
            RuntimeMeter => !instrument.Name.EndsWith(".count", StringComparison.Ordinal),
            RequestMeter => instrument.Name == RequestDuration,
            _ => true,
        };

    private static bool IsTraced(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health") && context.Request.Path != MetricsPath;
}
