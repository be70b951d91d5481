using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

public sealed class RateLimitsTests(TestPostgres postgres)
{
    [Fact]
    public async Task What_writes_is_counted_without_saying_so_and_refused_with_the_limit_and_the_wait()
    {
        await using var app = await Site(("Access:RateLimits:WritingPerMinute", "3"));
        using var visitor = app.NewVisitor();
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything")).StatusCode);

        var refused = await visitor.Post("/api/anything");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(20), refused.Headers.RetryAfter?.Delta); // a third of a minute for one more
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.Equal("There were more requests from your address than are allowed: 3 requests that write a minute. Nothing was done; try again in 20 s.", await Detail(refused));
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/api/answer")).StatusCode); // reading, and asking for answers, has buckets of its own
    }

    [Fact]
    public async Task All_doors_that_answer_draw_on_one_bucket()
    {
        await using var app = await Site(("Access:RateLimits:PredictingPerSecond", "1"), ("Access:RateLimits:PredictingBurst", "2"), ("Access:RateLimits:WritingPerMinute", "1"));
        using var visitor = app.NewVisitor();
        HttpResponseMessage answer;
        var answered = 0;
        do
        {
            answer = answered % 2 == 0 ? await visitor.Post("/api/answers") : await visitor.Get("/api/answer");
        }
        while (answer.StatusCode == HttpStatusCode.OK && answered++ < 100);

        Assert.InRange(answered, 2, 100);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
        Assert.Contains("1 requests for answers a second, 2 at once", await Detail(answer));
        Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything")).StatusCode);
    }

    [Fact]
    public async Task A_key_is_a_client_of_its_own_and_a_wrong_one_is_its_address()
    {
        await using var app = await Site(("Access:RateLimits:WritingPerMinute", "1"));
        var key = await app.In<ApiKeys, string>(keys => keys.Create("loader", ApiKeyScope.Ingest, "test", Visitor.Cancelled));
        using var visitor = app.NewVisitor();
        Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything", (ApiKeyAuthentication.Header, key))).StatusCode);
        var refused = await visitor.Post("/api/anything", (ApiKeyAuthentication.Header, key));
        Assert.StartsWith("There were more requests from the API key loader than", await Detail(refused));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await visitor.Post("/api/anything", (ApiKeyAuthentication.Header, "titanic_guess"))).StatusCode);
    }

    [Fact]
    public async Task Nought_is_no_limit()
    {
        await using var app = await Site(
            ("Access:RateLimits:PredictingPerSecond", "0"), ("Access:RateLimits:PredictingBurst", "1"), ("Access:RateLimits:WritingPerMinute", "0"));
        using var visitor = app.NewVisitor();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/answers")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/anything")).StatusCode);
        }
    }

    [Fact]
    public void A_bucket_fills_in_bits_of_a_tenth_of_a_second_or_of_one_request()
    {
        var options = new RateLimitOptions();

        Assert.Equal((200, TimeSpan.FromMilliseconds(100), 4000), Of(options.PredictingBucket()));
        Assert.Equal((1, TimeSpan.FromMilliseconds(200), 300), Of(options.WritingBucket()));

        static (int, TimeSpan, int) Of(System.Threading.RateLimiting.TokenBucketRateLimiterOptions? bucket) => (bucket!.TokensPerPeriod, bucket.ReplenishmentPeriod, bucket.TokenLimit);
    }

    [Fact]
    public void A_setting_out_of_range_is_refused_with_what_is_allowed()
    {
        var result = new RateLimitOptionsValidator().Validate(null, new RateLimitOptions { PredictingPerSecond = -1, WritingPerMinute = 2_000_000 });

        Assert.Equal(
            [
                "Access:RateLimits:PredictingPerSecond is -1; it must be between 1 and 1000000, or 0 for no limit.",
                "Access:RateLimits:WritingPerMinute is 2000000; it must be between 1 and 1000000, or 0 for no limit.",
            ],
            result.Failures);
    }

    private Task<AccessApp> Site(params (string Key, string Value)[] settings) => AccessApp.Start(
        postgres,
        app =>
        {
            app.MapPost("/api/anything", () => "written");
            app.MapPost("/api/answers", () => "answered").RequireRateLimiting(RateLimits.Predicting);
            app.MapGet("/api/answer", () => "answered").RequireRateLimiting(RateLimits.Predicting);
        },
        settings: settings);

    private static async Task<string?> Detail(HttpResponseMessage response)
    {
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Visitor.Cancelled));
        return problem.RootElement.GetProperty("detail").GetString();
    }
}
