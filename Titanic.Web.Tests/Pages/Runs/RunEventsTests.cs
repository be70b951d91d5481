using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Titanic.Web.Access;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Browser;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Pages.Runs;

/// <summary>A running run as it is streamed, shown and canceled.</summary>
public sealed class RunEventsTests(RunEventsTests.EventsSite site, TestBrowser browser) : IClassFixture<RunEventsTests.EventsSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Streams_the_log_and_the_run_until_it_ends_and_resumes_after_a_line()
    {
        await using var run = await site.Start();
        await run.Context.Log("First line.");
        await using var stream = await OpenStream(site.Client, run.Id);
        Assert.Equal("First line.", Message(await stream.Next("log")));
        Assert.Equal("running", (await stream.Next("run")).Data.GetProperty("status").GetString());

        run.Context.Step("Fold the sails", 4).Add(2);
        var step = (await stream.Next("run")).Data.GetProperty("steps")[0];
        Assert.Equal(("Fold the sails", 2, 4), (step.GetProperty("name").GetString(), step.GetProperty("done").GetInt32(), step.GetProperty("total").GetInt32()));

        await run.Context.Log("Second line.");
        var second = await stream.Next("log");
        Assert.Equal("Second line.", Message(second));
        await run.Context.Log("Third line.");

        await using var resumed = await OpenStream(site.Client, run.Id, second.Id);
        Assert.Equal("Third line.", Message(await resumed.Next("log")));

        run.Finish();
        await stream.Next("end");
        Assert.False(await stream.MoveNext());
        Assert.Equal("succeeded", (await resumed.Next("end")).Data.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Only_operators_see_errors_users_and_file_names()
    {
        await using var run = await site.Start();
        run.Fail(new InvalidOperationException("The mast broke."));
        await run.Ended;
        using var admin = await site.NewAdminClient();
        using var key = await IngestionClient.Create(site, ApiKeyScope.Operate);
        using var sender = await IngestionClient.Create(site);

        foreach (var client in new[] { admin, key.Http, sender.Http, site.Client })
        {
            var isOperator = client == admin || client == key.Http;
            await using var stream = await OpenStream(client, run.Id);
            var message = Message(await stream.Next("log"));
            if (isOperator)
                Assert.Matches("(?s)^System.InvalidOperationException: The mast broke\\..*   at ", message);
            else
                Assert.Equal("An error. Operators can read it.", message);
            var shown = await client.GetFromJsonAsync<JsonElement>($"/api/runs/{run.Id}", Cancellation);
            Assert.Equal(isOperator ? "The mast broke." : "The run failed. Operators can read the error.", shown.GetProperty("error").GetString());
            Assert.Equal(isOperator ? ("a sender", "list.csv") : (null, null), (shown.GetProperty("requestedBy").GetString(), shown.GetProperty("fileName").GetString()));
        }
        var page = await admin.GetPage($"/runs/{run.Id}");
        Assert.Equal(("a sender", "File: list.csv"), (page.Text("#requested-by"), page.Text("#run-file")));
        Assert.Contains("   at ", page.QuerySelector("#run-log pre")!.TextContent, StringComparison.Ordinal);
        var ofViewer = await site.Get($"/runs/{run.Id}");
        Assert.DoesNotContain("a sender", ofViewer.Body!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("list.csv", ofViewer.Body!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("mast", ofViewer.Body!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("mast", (await site.Get("/pipelines")).Body!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("mast", (await site.Get("/runs")).Body!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("mast", await site.Client.GetStringAsync($"/api/runs/{run.Id}/lineage", Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain("a sender", (await site.Get("/runs")).Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("a sender", (await admin.GetPage("/runs")).Text("#run-list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_unknown_runs_and_too_many_streams()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await site.Client.GetAsync("/api/runs/999999/events", Cancellation)).StatusCode);
        await using var run = await site.Start();
        var streams = site.Services.GetRequiredService<RunEventStreams>();
        List<IDisposable> open = [];
        while (streams.TryOpen() is { } stream)
            open.Add(stream);
        var rejected = await site.Client.GetAsync($"/api/runs/{run.Id}/events", Cancellation);
        open.ForEach(stream => stream.Dispose());
        Assert.Equal((HttpStatusCode.TooManyRequests, "5"), (rejected.StatusCode, rejected.Headers.RetryAfter!.ToString()));

        await using var accepted = await OpenStream(site.Client, run.Id);
        await accepted.Next("run");
    }

    [Fact]
    public async Task Operators_cancel_a_run_and_others_cannot()
    {
        await using var run = await site.Start();
        using var key = await IngestionClient.Create(site, ApiKeyScope.Operate);
        using var sender = await IngestionClient.Create(site);
        var path = $"/api/runs/{run.Id}/cancel";
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.Client.PostAsync(path, null, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await sender.Http.PostAsync(path, null, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await key.Http.PostAsync("/api/runs/999999/cancel", null, Cancellation)).StatusCode);
        Assert.Empty((await site.Get($"/runs/{run.Id}")).QuerySelectorAll("#cancel"));

        Assert.Equal(HttpStatusCode.Accepted, (await key.Http.PostAsync(path, null, Cancellation)).StatusCode);
        await run.Ended;

        Assert.Equal(
            $"Run {run.Id} has ended with the status cancelled; only a queued, running or interrupted run can be canceled.",
            (await IngestionClient.ReadProblem(key.Http.PostAsync(path, null, Cancellation), HttpStatusCode.Conflict)).GetProperty("detail").GetString());
        Assert.Equal("Canceled by an operator. Nothing was stored. The outputs below are what was kept.", (await site.Get($"/runs/{run.Id}")).Text("#run-error"));
        using var admin = await site.NewAdminClient();
        Assert.StartsWith("Canceled by API key a sender", (await admin.GetPage($"/runs/{run.Id}")).Text("#run-error"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Shows_the_newest_lines_of_a_long_log_and_a_link_to_all()
    {
        await using var run = await site.Start();
        for (var line = 1; line <= 502; line++)
            await run.Context.Log($"Line {line}.");

        var page = await site.Get($"/runs/{run.Id}");
        Assert.Equal(("Line 3.", "Line 502.", 500), (page.Rows("#run-log").First()[1], page.Rows("#run-log").Last()[1], page.Rows("#run-log").Count()));
        Assert.Equal(502, (await site.Get(page.QuerySelector("#older-lines a")!.GetAttribute("href")!.Split('#')[0])).Rows("#run-log").Count());
    }

    [Fact]
    public async Task The_page_is_updated_without_reloading_and_cancels_the_run()
    {
        await using var run = await site.Start();
        var page = await browser.NewPage(site.BaseAddress);
        await page.GotoAsync("/login");
        await page.Locator("input[name=Email]").FillAsync(TitanicSite.AdminEmail);
        await page.Locator("input[name=Password]").FillAsync(TitanicSite.AdminPassword);
        await page.Locator("main button[type=submit]").ClickAsync();
        await page.GotoAsync($"/runs/{run.Id}");
        await page.EvaluateAsync("() => { window.isKept = true; }");
        await Assertions.Expect(page.Locator("#run-updates")).ToContainTextAsync("This page is updated");

        await run.Context.Log("The anchor is up.");
        run.Context.Step("Sail", 10).Add(4);
        await Assertions.Expect(page.Locator("#run-log")).ToContainTextAsync("The anchor is up.");
        await Assertions.Expect(page.Locator("#run-steps tbody tr")).ToContainTextAsync("4 of 10");
        Assert.True(await page.EvaluateAsync<bool>("() => window.isKept === true"));

        await page.Locator("#cancel button").ClickAsync();
        await Assertions.Expect(page.Locator("#run-status")).ToContainTextAsync("cancelled");
        await Assertions.Expect(page.Locator("#run-error")).ToContainTextAsync($"Canceled by {TitanicSite.AdminEmail}. Nothing was stored.");
        await Assertions.Expect(page.Locator("#cancel")).ToHaveCountAsync(0);
        await page.CloseAsync();
    }

    private static string Message((string Id, JsonElement Data) item) => item.Data.GetProperty("message").GetString()!;

    private static async Task<EventStream> OpenStream(HttpClient client, long run, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/runs/{run}/events");
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return new EventStream(response, SseParser.Create(await response.Content.ReadAsStreamAsync(Cancellation)).EnumerateAsync(Cancellation).GetAsyncEnumerator(Cancellation));
    }

    private sealed class EventStream(HttpResponseMessage response, IAsyncEnumerator<SseItem<string>> items) : IAsyncDisposable
    {
        public ValueTask<bool> MoveNext() => items.MoveNextAsync();

        /// <summary>The next event of a type; others are skipped.</summary>
        public async Task<(string Id, JsonElement Data)> Next(string type)
        {
            do
            {
                Assert.True(await items.MoveNextAsync(), $"the stream has ended before an event {type}");
            }
            while (items.Current.EventType != type);
            return (items.Current.EventId ?? "", JsonSerializer.Deserialize<JsonElement>(items.Current.Data));
        }

        public async ValueTask DisposeAsync()
        {
            response.Dispose();
            await items.DisposeAsync();
        }
    }

    /// <summary>A concurrent run whose work the test does.</summary>
    public sealed class TestRun : IAsyncDisposable
    {
        private readonly TaskCompletionSource<string> _work = new();
        private readonly TaskCompletionSource<RunContext> _started = new();

        public RunContext Context { get; private set; } = null!;

        public long Id => Context.RunId;

        public Task<Run> Ended { get; private set; } = null!;

        public static async Task<TestRun> Start(PipelineRunner runner)
        {
            var run = new TestRun();
            var request = new RunRequest(PipelineNames.Feature, default, RunTrigger.Api, "a list") { RequestedBy = "a sender", FileName = "list.csv" };
            run.Ended = runner.RunConcurrent(request, run.Work, Cancellation);
            run.Context = await run._started.Task;
            return run;
        }

        public void Finish() => _work.TrySetResult("done");

        public void Fail(Exception failure) => _work.TrySetException(failure);

        public async ValueTask DisposeAsync()
        {
            Finish();
            await Ended;
        }

        private async Task<string> Work(RunContext context, CancellationToken stop)
        {
            _started.SetResult(context);
            return await _work.Task.WaitAsync(stop);
        }
    }

    public sealed class EventsSite(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"))
    {
        public Task<TestRun> Start() => TestRun.Start(Services.GetRequiredService<PipelineRunner>());
    }
}
