using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

public sealed class CostlyReadsTests(TestPostgres postgres)
{
    private const int Waiting = 32;

    [Fact]
    public async Task Executes_few_costly_requests_lets_some_wait_and_rejects_the_others()
    {
        var (end, running, largest) = (new TaskCompletionSource(), 0, 0);
        await using var app = await AccessApp.Start(postgres, app =>
        {
            app.MapGet("/api/costly", async () =>
            {
                var now = Interlocked.Increment(ref running);
                largest = Math.Max(largest, now);
                await end.Task;
                Interlocked.Decrement(ref running);
                return "computed";
            }).LimitCostlyReads();
            app.MapMethods("/page", ["GET", "POST"], () => "the page").RequireRateLimiting(CostlyReads.Policy).WithMetadata(new CostlyPostsAttribute());
            app.MapPost("/api/prediction", () => "predicted").RequireRateLimiting(RateLimits.Predicting);
        });
        using var visitor = app.NewVisitor();
        var requests = Enumerable.Range(0, CostlyReads.Concurrency + Waiting + 1).Select(_ => visitor.Get("/api/costly")).ToList();
        var first = await Task.WhenAny(requests);
        requests.Remove(first);
        var rejected = await first;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2)), (rejected.StatusCode, rejected.Headers.RetryAfter?.Delta));
        using var problem = JsonDocument.Parse(await rejected.Content.ReadAsStringAsync(Visitor.Cancelled));
        Assert.Equal("32 costly requests already wait in this process. Nothing was done; try again in 2 s.", problem.RootElement.GetProperty("detail").GetString());
        Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/prediction")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/page")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await visitor.Post("/page")).StatusCode);

        end.SetResult();
        Assert.All(await Task.WhenAll(requests), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(CostlyReads.Concurrency, largest);
    }
}
