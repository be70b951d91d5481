using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using static Titanic.Web.Tests.Pipelines.IngestionClient;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Bodies at and above the size limit, with and without a Content-Length header.</summary>
public sealed class BodyLimitTests(BodyLimitTests.LimitedBodySite site) : IClassFixture<BodyLimitTests.LimitedBodySite>
{
    private const int Limit = 100_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/passengers", "text/csv", true)]
    [InlineData("/api/passengers", "text/csv", false)]
    [InlineData("/api/passengers", "application/json", true)]
    [InlineData("/api/passengers", "application/json", false)]
    [InlineData("/api/outcomes", "text/csv", false)]
    [InlineData("/api/outcomes", "application/json", false)]
    public async Task Returns_413_above_the_limit_and_stores_nothing(string path, string type, bool isDeclared)
    {
        using var sender = await Create(site);

        var problem = await ReadProblem(Send(sender, path, type, Limit + 1, isDeclared), HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal(
            $"The body {(isDeclared ? "has 100,001 bytes" : "is too long")}; it must have at most 100,000 bytes. Nothing was done. "
            + "Split it, or raise Passengers:MaximumFileSizeInBytes.", Text(problem, "detail"));
        await using var command = site.Database.DataSource.CreateCommand("select count(*) from rejected_rows");
        Assert.Equal(0L, await command.ExecuteScalarAsync(Cancellation));
    }

    [Theory]
    [InlineData("text/csv", Limit, true)]
    [InlineData("application/json", Limit - 100, false)] // the web server also counts the chunk delimiters
    public async Task Accepts_a_body_at_the_limit(string type, int length, bool isDeclared)
    {
        using var sender = await Create(site);

        var response = await ReadAccepted(Send(sender, $"/api/passengers?source={(isDeclared ? "api" : "upload")}", type, length, isDeclared));

        Assert.True(Number(response, "inserted") > 1_000);
    }

    private static async Task<HttpResponseMessage> Send(IngestionClient sender, string path, string type, int length, bool isDeclared)
    {
        var isCsv = type == "text/csv";
        var body = new StringBuilder(isCsv ? Header : "[");
        for (var id = 1; body.Length < length - 200; id++)
        {
            if (isCsv)
                body.Append(CultureInfo.InvariantCulture, $"{id},1,1,Anna,female,30,80\n");
            else
                body.Append(CultureInfo.InvariantCulture, $$"""{{(id == 1 ? "" : ",")}}{"passengerId":{{id}},"name":"Anna","pclass":1,"sex":"female"}""");
        }
        body.Append(isCsv ? "" : "]");
        body.Append(isCsv ? '\n' : ' ', length - body.Length);
        var bytes = Encoding.UTF8.GetBytes(body.ToString());
        Assert.Equal(length, bytes.Length);

        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TransferEncodingChunked = !isDeclared;
        return await sender.Http.SendAsync(request, Cancellation);
    }

    public sealed class LimitedBodySite(TestPostgres postgres) : TitanicSite(
        postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), ("Passengers:MaximumFileSizeInBytes", Limit.ToString(CultureInfo.InvariantCulture)));
}
