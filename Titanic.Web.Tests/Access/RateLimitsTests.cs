using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

public sealed class RateLimitsTests(TestPostgres postgres)
{
    [Fact]
    public async Task Limits_writes_of_every_endpoint_and_returns_the_limit_and_the_time_to_wait()
    {
        await using var app = await StartSite(("Access:RateLimits:WritingPerMinute", "3"));
        using var visitor = app.NewVisitor();
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything")).StatusCode);

        var response = await visitor.Post("/api/anything");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(20), response.Headers.RetryAfter?.Delta); // one token takes a third of a minute
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "Too many requests from your address; the limit is 3 write requests per minute. Nothing was done; try again in 20 s.",
            await Detail(response));
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/api/prediction")).StatusCode); // predictions have their own bucket
    }

    [Fact]
    public async Task All_endpoints_that_predict_share_one_bucket()
    {
        await using var app = await StartSite(("Access:RateLimits:PredictingPerSecond", "1"), ("Access:RateLimits:PredictingBurst", "2"), ("Access:RateLimits:WritingPerMinute", "1"));
        using var visitor = app.NewVisitor();
        HttpResponseMessage response;
        var accepted = 0;
        do
        {
            response = accepted % 2 == 0 ? await visitor.Post("/api/predictions") : await visitor.Get("/api/prediction");
        }
        while (response.StatusCode == HttpStatusCode.OK && accepted++ < 100);

        Assert.InRange(accepted, 2, 100);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        Assert.Contains("the limit is 1 prediction request per second, 2 at once", await Detail(response));
        Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything")).StatusCode);
    }

    [Fact]
    public async Task Limits_a_valid_key_by_itself_and_an_invalid_key_by_its_address()
    {
        await using var app = await StartSite(("Access:RateLimits:WritingPerMinute", "1"));
        var key = await app.InScope<ApiKeys, string>(keys => keys.Create("loader", ApiKeyScope.Ingest, "test", Visitor.Cancelled));
        using var visitor = app.NewVisitor();
        Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything", (ApiKeyAuthentication.Header, key))).StatusCode);
        var response = await visitor.Post("/api/anything", (ApiKeyAuthentication.Header, key));
        Assert.StartsWith("Too many requests from the API key loader; the limit is 1 write request per minute.", await Detail(response));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await visitor.Post("/api/anything", (ApiKeyAuthentication.Header, "titanic_guess"))).StatusCode);
    }

    [Fact]
    public async Task Zero_means_no_limit()
    {
        await using var app = await StartSite(
            ("Access:RateLimits:PredictingPerSecond", "0"), ("Access:RateLimits:PredictingBurst", "1"), ("Access:RateLimits:WritingPerMinute", "0"));
        using var visitor = app.NewVisitor();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/predictions")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything")).StatusCode);
        }
    }

    [Fact]
    public void A_bucket_is_replenished_every_100_ms_or_by_one_token()
    {
        var options = new RateLimitOptions();

        Assert.Equal((200, TimeSpan.FromMilliseconds(100), 4000), Of(options.PredictingBucket()));
        Assert.Equal((1, TimeSpan.FromMilliseconds(200), 300), Of(options.WritingBucket()));

        static (int, TimeSpan, int) Of(System.Threading.RateLimiting.TokenBucketRateLimiterOptions? bucket) => (bucket!.TokensPerPeriod, bucket.ReplenishmentPeriod, bucket.TokenLimit);
    }

    [Fact]
    public void Rejects_a_setting_out_of_range_with_the_allowed_range()
    {
        var result = new RateLimitOptionsValidator().Validate(null, new RateLimitOptions { PredictingPerSecond = -1, WritingPerMinute = 2_000_000 });

        Assert.Equal(
            [
                "Access:RateLimits:PredictingPerSecond is -1; it must be between 1 and 1,000,000, or 0 for no limit.",
                "Access:RateLimits:WritingPerMinute is 2,000,000; it must be between 1 and 1,000,000, or 0 for no limit.",
            ],
            result.Failures);
    }

    private Task<AccessApp> StartSite(params (string Key, string Value)[] settings) => AccessApp.Start(
        postgres,
        app =>
        {
            app.MapPost("/api/anything", () => "written");
            app.MapPost("/api/predictions", () => "predicted").RequireRateLimiting(RateLimits.Predicting);
            app.MapGet("/api/prediction", () => "predicted").RequireRateLimiting(RateLimits.Predicting);
        },
        settings: settings);

    private static async Task<string?> Detail(HttpResponseMessage response)
    {
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Visitor.Cancelled));
        return problem.RootElement.GetProperty("detail").GetString();
    }
}
