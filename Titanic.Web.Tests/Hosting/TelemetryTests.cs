using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Hosting;

[Collection<FullSiteCollection>]
public sealed partial class TelemetryTests(FullSite site)
{
    private static readonly string _grafana = Path.Combine(Repository.RepositoryFolder.Root, "docs", "grafana");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_dashboard_and_the_alert_rules_use_only_existing_metrics()
    {
        await Predict();
        await RunMonitoring();
        var scraped = (await ScrapeState()).Select(sample => sample.Name).ToHashSet();
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_grafana, "titanic.json"), Cancellation));
        var ofDashboard = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!).ToList();
        var ofRules = AlertExpression().Matches(await File.ReadAllTextAsync(Path.Combine(_grafana, "alerts.yml"), Cancellation))
            .Select(rule => rule.Groups["expression"].Value).ToList();

        Assert.True(ofDashboard.Count >= 8 && ofRules.Count >= 5);
        Assert.All(ofDashboard.Concat(ofRules), expression =>
        {
            var names = MetricsIn(expression).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.Contains(name, scraped));
        });
    }

    [Fact]
    public async Task The_operations_document_lists_the_metrics_of_the_product()
    {
        await Predict();
        await RunMonitoring();
        var scraped = (await ScrapeState()).Select(sample => Suffix().Replace(sample.Name, "")).Where(name => name.StartsWith("titanic_", StringComparison.Ordinal));
        var document = await File.ReadAllTextAsync(Path.Combine(Repository.RepositoryFolder.Root, "docs", "operations.md"), Cancellation);

        Assert.Equal(
            DocumentedMetric().Matches(document).Select(row => row.Groups["name"].Value).Order(StringComparer.Ordinal),
            scraped.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Measures by trace, because other sites of the test process count predictions too.</summary>
    [Fact]
    public async Task Counts_predictions_by_source_and_version_but_not_a_repeated_response()
    {
        var trace = ActivityTraceId.CreateRandom();
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Name == "titanic.predictions")
                    meters.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (Activity.Current?.TraceId == trace)
                counted.Enqueue($"{count} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
        });
        listener.Start();

        var version = (await Predict(Traceparent(trace)))[0].GetProperty("modelVersion").GetInt32();
        await Predict(Traceparent(trace), ("Idempotency-Key", "telemetry"));
        await Predict(Traceparent(trace), ("Idempotency-Key", "telemetry"));

        Assert.Equal(Enumerable.Repeat($"2 source=api model.version={version}", 2), counted);
    }

    [Fact]
    public async Task Gauges_describe_queue_champion_and_detectors()
    {
        var samples = await ScrapeState();

        Assert.Equal(0, Value("titanic_queue_depth"));
        Assert.Equal(0, Value("titanic_queue_oldest_age_seconds"));
        await using var db = site.Database.NewContext();
        Assert.Equal(await db.AliasAssignments.Where(a => a.Alias == ModelAliases.Champion && a.EndedAt == null).Select(a => a.Version).SingleAsync(Cancellation),
            Value("titanic_champion_version"));
        Assert.True(Value("titanic_champion_age_seconds") > 0);
        foreach (var name in (string[])["titanic_drift_evidence_log", "titanic_drift_threshold_log", "titanic_drift_alarm"])
        {
            Assert.Equal(
                ["accuracy", "age", "fare", "pclass", "probability", "sex", "survived"],
                samples.Where(sample => sample.Name == name).Select(sample => Detector().Match(sample.Labels).Groups["name"].Value).Order(StringComparer.Ordinal));
        }

        double Value(string name) => Assert.Single(samples, sample => sample.Name == name).Value;
    }

    [Fact]
    public async Task The_activity_of_a_request_names_the_prediction()
    {
        var trace = ActivityTraceId.CreateRandom();
        var ended = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == trace)
                    ended.TrySetResult(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);

        var first = (await Predict(Traceparent(trace)))[0];

        var activity = await ended.Task.WaitAsync(Cancellation);
        Assert.Equal(first.GetProperty("id").GetInt64(), activity.GetTagItem("titanic.prediction.id"));
        Assert.Equal(first.GetProperty("modelVersion").GetInt32(), activity.GetTagItem("titanic.model.version"));
        Assert.Equal(2, activity.GetTagItem("titanic.prediction.count"));
    }

    [Fact]
    public async Task Metrics_name_no_database_and_no_gauge_with_a_reserved_suffix()
    {
        using var response = await site.Client.GetAsync("/metrics", Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("Host=", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("# TYPE [a-z_]+_count gauge", text);
    }

    private static (string Name, string Value) Traceparent(ActivityTraceId trace) => ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");

    /// <summary>Predicts two passengers; returns the predictions.</summary>
    private async Task<JsonElement[]> Predict(params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/predictions")
        {
            Content = JsonContent.Create(new object[] { new { pclass = 1, sex = "female" }, new { pclass = 3, sex = "male" } }),
        };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await site.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement[]>(Cancellation))!;
    }

    /// <summary>Runs monitoring again for the newest day, which changes no result.</summary>
    private async Task RunMonitoring()
    {
        await using var db = site.Database.NewContext();
        var day = await db.DriftLooks.MaxAsync(look => look.LogicalDate, Cancellation);
        var run = await site.Services.GetRequiredService<PipelineRunner>()
            .Run(new RunRequest(PipelineNames.Monitoring, day, RunTrigger.Api), Cancellation);
        Assert.Equal(RunStatus.Succeeded, run.Status);
    }

    /// <summary>Scrapes when the gauges of the database are known.</summary>
    private async Task<IReadOnlyList<Sample>> ScrapeState()
    {
        IReadOnlyList<Sample> samples = [];
        await Eventually.True(async () => (samples = await Scrape()).Any(sample => sample.Name == "titanic_queue_depth"), "the state of the workflow is known");
        return samples;
    }

    private async Task<IReadOnlyList<Sample>> Scrape() =>
        [.. SampleLine().Matches(await site.Client.GetStringAsync("/metrics", Cancellation)).Select(line => new Sample(
            line.Groups["name"].Value, line.Groups["labels"].Value, double.Parse(line.Groups["value"].Value.Replace("Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)))];

    /// <summary>What remains of a PromQL expression without labels, ranges, groupings, functions and operators.</summary>
    private static IEnumerable<string> MetricsIn(string expression) => Identifier().Matches(NoMetric().Replace(expression, " ")).Select(name => name.Value);

    private sealed record Sample(string Name, string Labels, double Value);

    [GeneratedRegex(@"^(?<name>[a-z_]+)\{(?<labels>.*)\} (?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex SampleLine();

    [GeneratedRegex(@"^\s+expr: (?<expression>.+)$", RegexOptions.Multiline)]
    private static partial Regex AlertExpression();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\b[a-z]+ by \([^)]*\)|\b[a-z_]+(?=\()")]
    private static partial Regex NoMetric();

    [GeneratedRegex("[a-z_]{2,}")]
    private static partial Regex Identifier();

    [GeneratedRegex("detector=\"(?<name>[a-z]+)\"")]
    private static partial Regex Detector();

    [GeneratedRegex("(?<=duration_seconds)_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"^\| `(?<name>titanic_[a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex DocumentedMetric();
}
