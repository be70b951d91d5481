using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Tests.Pages;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>A site without a model imports one from another site, through the API and the page.</summary>
[Collection<FullSiteCollection>]
public sealed class ArchivesApiTests(FullSite full, EmptySite empty) : IClassFixture<EmptySite>
{
    private const string Archives = "/api/models/archives";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Downloads_an_archive_by_number_and_by_alias_with_its_digest()
    {
        var champion = await full.Database.QueryScalar<int>($"""select version as "Value" from alias_assignments where alias = 'champion' and ended_at is null""");

        var byNumber = await full.Client.GetAsync($"/api/models/{champion}/archive", Cancellation);
        var byAlias = await full.Client.GetByteArrayAsync("/api/models/champion/archive", Cancellation);

        Assert.Equal((HttpStatusCode.OK, "application/zip"), (byNumber.StatusCode, byNumber.Content.Headers.ContentType?.MediaType));
        Assert.Equal($"titanic_knn-{champion}.zip", byNumber.Content.Headers.ContentDisposition?.FileName);
        Assert.Equal(byAlias, await byNumber.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(byAlias.Length, byNumber.Content.Headers.ContentLength);
        Assert.Equal(
            $"sha-256=:{Convert.ToBase64String(SHA256.HashData(byAlias))}:", Assert.Single(byNumber.Headers.GetValues("Repr-Digest")));
        Assert.Equal($"\"{Convert.ToHexStringLower(SHA256.HashData(byAlias))}\"", byNumber.Headers.ETag?.Tag);
        Assert.True(TrainedArchive.Check(byAlias).IsValid);
        var unchanged = new HttpRequestMessage(HttpMethod.Get, $"/api/models/{champion}/archive") { Headers = { IfNoneMatch = { byNumber.Headers.ETag! } } };
        Assert.Equal(HttpStatusCode.NotModified, (await full.Client.SendAsync(unchanged, Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("999", "There is no version 999 of titanic_knn; the page /models and GET /api/models list the versions.")]
    [InlineData("latest", "There is no version or alias \"latest\"; there are version numbers, champion, challenger, previous.")]
    [InlineData("99999999999999999999", "There is no version 99999999999999999999 of titanic_knn; the page /models and GET /api/models list the versions.")]
    [InlineData("-1", "There is no version or alias \"-1\"")]
    public async Task Returns_404_for_an_unknown_version(string version, string message) => Assert.Contains(
        message,
        IngestionClient.Text(await IngestionClient.ReadProblem(full.Client.GetAsync($"/api/models/{version}/archive", Cancellation), HttpStatusCode.NotFound), "detail"), StringComparison.Ordinal);

    [Fact]
    public async Task Imports_an_archive_once_and_shows_the_version()
    {
        using var sender = await IngestionClient.Create(empty, ApiKeyScope.Operate);
        var archive = await full.Client.GetByteArrayAsync("/api/models/2/archive", Cancellation);

        var created = await Send(sender.Http, archive);
        var again = await IngestionClient.ReadAccepted(Send(sender.Http, archive));

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var response = await JsonSerializer.DeserializeAsync<JsonElement>(await created.Content.ReadAsStreamAsync(Cancellation), cancellationToken: Cancellation);
        var version = IngestionClient.Number(response, "version");
        Assert.Equal($"/api/models/{version}", created.Headers.Location?.OriginalString);
        Assert.Equal((true, 8), (response.GetProperty("isNew").GetBoolean(), response.GetProperty("checks").GetArrayLength()));
        Assert.Equal((false, version), (again.GetProperty("isNew").GetBoolean(), IngestionClient.Number(again, "version")));

        var page = await empty.Get($"/models/{version}");
        Assert.Contains(
            "This version was trained in another installation and imported", page.Text("#archive ~ p"), StringComparison.Ordinal);
        Assert.Contains(IngestionClient.Text(response, "archiveSha256"), page.Text("#origin"), StringComparison.Ordinal);
        Assert.Contains("HOLD", page.Text("main"), StringComparison.Ordinal);
        Assert.NotNull((await empty.Get("/models")).QuerySelector($"#model-versions a[href='/models/{version}#archive']"));
    }

    [Fact]
    public async Task Rejects_invalid_archives_with_a_problem()
    {
        using var sender = await IngestionClient.Create(empty, ApiKeyScope.Operate);

        Assert.Contains("has no zip end record", IngestionClient.Text(await IngestionClient.ReadProblem(Send(sender.Http, "no archive"u8.ToArray()), HttpStatusCode.UnprocessableEntity), "detail"), StringComparison.Ordinal);
        Assert.Contains("The file of 0 bytes", IngestionClient.Text(await IngestionClient.ReadProblem(Send(sender.Http, []), HttpStatusCode.UnprocessableEntity), "detail"), StringComparison.Ordinal);
        Assert.Contains("it must be application/zip", IngestionClient.Text(await IngestionClient.ReadProblem(Send(sender.Http, [], "text/plain"), HttpStatusCode.UnsupportedMediaType), "detail"), StringComparison.Ordinal);

        using var tooLarge = new HttpRequestMessage(HttpMethod.Post, Archives) { Content = Body(new byte[ArchiveLayout.MaximumBytes + 1]) };
        tooLarge.Headers.ExpectContinue = true; // the server rejects the length before the body is sent
        Assert.Contains("it must have at most 67,108,864.", IngestionClient.Text(await IngestionClient.ReadProblem(sender.Http.SendAsync(tooLarge, Cancellation), HttpStatusCode.RequestEntityTooLarge), "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Importing_requires_an_operator()
    {
        using var anonymous = empty.NewClient();
        using var predictor = await IngestionClient.Create(empty, ApiKeyScope.Predict);
        using var admin = await empty.NewAdminClient();

        await IngestionClient.ReadProblem(Send(anonymous, []), HttpStatusCode.Unauthorized);
        await IngestionClient.ReadProblem(Send(predictor.Http, []), HttpStatusCode.Forbidden);
        Assert.Contains("antiforgery", IngestionClient.Text(await IngestionClient.ReadProblem(Send(admin, []), HttpStatusCode.BadRequest), "detail"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await anonymous.GetAsync("/models/import", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task The_form_imports_an_archive_and_reports_why_it_rejects_one()
    {
        using var admin = await empty.NewAdminClient();
        var archive = await full.Client.GetByteArrayAsync("/api/models/1/archive", Cancellation);

        var rejected = await Upload(admin, archive[..1000]);
        var missing = await Upload(admin, null);
        var imported = await Upload(admin, archive);
        var again = await Upload(admin, archive);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, rejected.StatusCode);
        var page = await TitanicSite.ParsePage(rejected);
        Assert.Contains("Nothing was imported. Container: The file of 1,000 bytes has no zip end record", page.Text("#import-problem"), StringComparison.Ordinal);
        Assert.Equal("true", page.QuerySelector("#file")!.GetAttribute("aria-invalid"));
        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, imported.StatusCode);
        Assert.Matches("^/models/[0-9]+#archive$", imported.Headers.Location!.OriginalString);
        Assert.Contains("already has the same artifact", (await TitanicSite.ParsePage(again)).Text("#same"), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> Send(HttpClient client, byte[] body, string type = "application/zip") =>
        client.PostAsync(Archives, Body(body, type), Cancellation);

    private static ByteArrayContent Body(byte[] bytes, string type = "application/zip") => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static async Task<HttpResponseMessage> Upload(HttpClient admin, byte[]? archive)
    {
        var form = await TitanicSite.ParsePage(await admin.GetAsync("/models/import", Cancellation));
        using var content = new MultipartFormDataContent
        {
            { new StringContent(form.QuerySelector("#import input[name=__RequestVerificationToken]")!.GetAttribute("value")!), "__RequestVerificationToken" },
        };
        if (archive is not null)
            content.Add(new ByteArrayContent(archive), "file", "titanic_knn-1.zip");
        return await admin.PostAsync("/models/import", content, Cancellation);
    }
}
