using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Titanic.Web.Tests.Browser;

public sealed class TestBrowserTests(TestBrowser browser) : IAsyncLifetime
{
    private const string Html = """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Without script</title></head>
        <body>
          <script>document.title = 'With script';</script>
          <img alt="" src="http://titanic.example/picture.png">
        </body>
        </html>
        """;

    private readonly WebApplication _site = BuildSite();

    public async ValueTask InitializeAsync() => await _site.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData(true, "With script")]
    [InlineData(false, "Without script")]
    public async Task Reads_a_page_over_HTTP_with_and_without_JavaScript(bool javaScript, string title)
    {
        var page = await browser.NewPage(new Uri(_site.Urls.Single()), javaScript: javaScript);

        var response = await page.GotoAsync("/");

        Assert.Equal(StatusCodes.Status200OK, response?.Status);
        Assert.Equal(title, await page.TitleAsync());
        await page.CloseAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, false, 360)]
    [InlineData(ColorScheme.Dark, true, 1440)]
    public async Task Renders_a_page_in_the_requested_color_scheme_and_width(ColorScheme colorScheme, bool isDark, int widthInPixels)
    {
        var page = await browser.NewPage(new Uri(_site.Urls.Single()), width: widthInPixels, colorScheme: colorScheme);

        await page.GotoAsync("/");

        Assert.Equal(isDark, await page.EvaluateAsync<bool>("matchMedia('(prefers-color-scheme: dark)').matches"));
        Assert.Equal(widthInPixels, await page.EvaluateAsync<int>("innerWidth"));
        await page.CloseAsync();
    }

    [Fact]
    public async Task Blocks_requests_to_other_hosts()
    {
        var page = await browser.NewPage(new Uri(_site.Urls.Single()));
        var failures = new List<string?>();
        page.RequestFailed += (_, request) => failures.Add(request.Failure);

        await page.GotoAsync("/");

        Assert.Equal("net::ERR_NAME_NOT_RESOLVED", Assert.Single(failures));
        await page.CloseAsync();
    }

    private static WebApplication BuildSite()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var site = builder.Build();
        site.Run(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync(Html, context.RequestAborted);
        });
        return site;
    }
}
