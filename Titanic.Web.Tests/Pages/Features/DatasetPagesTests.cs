using System.Net;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>The definition of a training dataset and its integrity check, on the pages.</summary>
public sealed class DatasetPagesTests(EmptySite site) : IClassFixture<EmptySite>
{
    private static readonly (string, string)[] Fields =
    [
        ("Fields.View", "titanic_binned v1"), ("Fields.Sources", "titanic3"), ("Fields.AsOf", ""), ("Fields.KnownBefore", "2026-03-02"), ("Fields.TestShare", "0.25"), ("Fields.Salt", "mine"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Defines_a_dataset_and_detects_a_row_changed_outside_the_feature_store()
    {
        await IngestBundledDataset();
        using var admin = await site.NewAdminClient();

        var created = await Post(admin, "/features/datasets", Fields);

        Assert.Equal(HttpStatusCode.Redirect, created.StatusCode);
        var path = created.Headers.Location!.OriginalString;
        var page = await Page(admin, path);
        Assert.Contains("Sources titanic3 Hold-out share 25.0% of persons Salt mine", page.Text("main"), StringComparison.Ordinal);
        Assert.StartsWith("Rows 1,309", page.Text("#dataset-rows"), StringComparison.Ordinal);
        Assert.Equal("survived 500 (38.2%), died 809 (61.8%)", page.Text("#class-balance"));
        Assert.Equal("None.", page.Text("#dataset-models"));

        var equal = await TitanicSite.ParsePage(await Post(admin, path));
        Assert.StartsWith("Digests are equal.", equal.Text("#comparison"), StringComparison.Ordinal);
        Assert.Contains(
            "1,309 rows (stored: 1,309), 500 survivors (stored: 500), read in ", equal.Text("#comparison"), StringComparison.Ordinal);
        Assert.Equal(equal.Text("#digest"), equal.Text("#read-digest"));

        await Execute("update outcomes set survived = true where passenger_id = (select min(passenger_id) from outcomes where not survived)");
        var rewritten = await TitanicSite.ParsePage(await Post(admin, path));
        Assert.StartsWith("Digests differ.", rewritten.Text("#comparison"), StringComparison.Ordinal);
        Assert.Contains("501 survivors (stored: 500)", rewritten.Text("#comparison"), StringComparison.Ordinal);
        Assert.Equal(equal.Text("#stored-digest"), rewritten.Text("#stored-digest"));
        Assert.NotEqual(equal.Text("#read-digest"), rewritten.Text("#read-digest"));
    }

    [Theory]
    [InlineData("Fields.View", "titanic_deep v1", "#view-error", "There is no feature view")]
    [InlineData("Fields.AsOf", "soon", "#asOf-error", "The point in time is \"soon\"")]
    [InlineData("Fields.KnownBefore", "2.3.2026", "#knownBefore-error", "The label cutoff is \"2.3.2026\"")]
    [InlineData("Fields.Sources", null, "#sources-error", "The source is missing; it must be one or more of titanic3")]
    [InlineData("Fields.TestShare", "1", "#testShare-error", "The hold-out share is 1; it must be at least 0 and less than 1.")]
    [InlineData("Fields.TestShare", "1,5", "#testShare-error", "The hold-out share is \"1,5\"; it must be a decimal number")]
    [InlineData("Fields.KnownBefore", "1900-01-01", "#define-problem", "No labeled passenger from titanic3 is known before 1900-01-01")]
    public async Task Shows_an_error_at_the_invalid_field(string field, string? value, string selector, string message)
    {
        await IngestBundledDataset();
        using var admin = await site.NewAdminClient();

        var response = await Post(admin, "/features/datasets", [.. Fields.Where(part => part.Item1 != field), .. value is null ? ((string, string)[])[] : [(field, value)]]);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var page = await TitanicSite.ParsePage(response);
        Assert.StartsWith(message, page.Text(selector), StringComparison.Ordinal);
        Assert.True(page.QuerySelector("#define")!.HasAttribute("open"));
        Assert.Equal("mine", page.QuerySelector("#salt")!.GetAttribute("value"));
        if (page.QuerySelector($"[name='{field}'][aria-invalid]") is { } invalid)
            Assert.True(invalid.HasAttribute("autofocus"));
    }

    [Fact]
    public async Task Redirects_a_visitor_to_the_sign_in_page_and_defines_nothing()
    {
        var page = await site.Get("/features/datasets");
        Assert.Null(page.QuerySelector("#define"));
        Assert.NotNull(page.QuerySelector("a[href='/login?returnUrl=/features/datasets']"));

        var form = await site.Get("/login");
        var before = await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from training_datasets""");
        foreach (var path in (string[])["/features/datasets", "/features/datasets/1"])
        {
            var response = await site.Client.PostAsync(path, Form(Token(form), Fields), Cancellation);
            Assert.Equal(("/login", HttpStatusCode.Redirect), (response.Headers.Location?.AbsolutePath, response.StatusCode));
        }
        Assert.Equal(before, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from training_datasets"""));
    }

    private async Task IngestBundledDataset()
    {
        await using var scope = site.Services.CreateAsyncScope();
        var start = FeatureReader.StartOf(TestWorkflow.FirstDay);
        await scope.ServiceProvider.GetRequiredService<Ingestion>().Ingest(
            PassengerBatch.FromPassengers(PassengerSources.Titanic3, "a test", start, start, new BundledDataset().Passengers), new Provenance(null, "test"), Cancellation);
    }

    private async Task Execute(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancellation));
    }

    private static async Task<HttpResponseMessage> Post(HttpClient client, string path, params (string, string)[] fields) =>
        await client.PostAsync(path, Form(Token(await Page(client, path)), fields), Cancellation);

    private static async Task<IDocument> Page(HttpClient client, string path) => await TitanicSite.ParsePage(await client.GetAsync(path, Cancellation));

    private static string Token(IParentNode page) => page.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

    private static FormUrlEncodedContent Form(string token, params (string Name, string Value)[] fields) =>
        new([new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);
}
