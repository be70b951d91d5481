using System.Net;
using System.Text;
using System.Text.Json;
using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>The upload of a passenger list by the form. Each test uses its own passenger ids.</summary>
public sealed class UploadTests(EmptySite site) : IClassFixture<EmptySite>
{
    private const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Imports_valid_rows_and_shows_the_rejected_ones()
    {
        using var admin = await site.NewAdminClient();

        var page = await Upload(admin, Header + "301,1,1,Anna,female,30,80\n302,0,9,<b>Bert</b>,man,20,7.25\n303,0,3,Carl,male,,\n");

        Assert.Equal(["2", "0", "0", "1", "2"], page.Rows("#upload-counts")[0]);
        Assert.Equal("2 rows imported, 1 rejected", page.Text("#result"));
        Assert.Equal(["3", "The class is \"9\"; it must be 1, 2 or 3. The sex is \"man\"; it must be male or female."], Assert.Single(page.Rows("#upload-rejections")));
        Assert.NotNull(page.QuerySelector("#upload-result a[href^='/features/upload?replayOf=']"));
        Assert.Equal(["/features/commits", "/features/validations", "/runs"], page.QuerySelectorAll("#upload-places a").Select(link => link.GetAttribute("href")!).Select(href => href[..href.LastIndexOf('/')]));
    }

    [Fact]
    public async Task Imports_only_corrected_rows_of_a_second_upload()
    {
        using var admin = await site.NewAdminClient();
        const string validRows = "311,1,1,Anna,female,30,80\n312,0,3,Bert,male,20,7.25\n";
        var first = await Upload(admin, Header + validRows + "313,0,9,Carl,male,,\n314,0,3,Dora,women,,\n315,0,3,Emil,male,200,\n");
        var report = first.QuerySelector("a[href^='/features/validations/']")!.GetAttribute("href")!;
        var replay = (await admin.GetPage(report)).QuerySelector("#replay a")!.GetAttribute("href")!;

        var second = await Upload(admin, Header + validRows + "313,0,3,Carl,male,,\n314,0,3,Dora,female,,\n315,0,3,Emil,male,20,\n", replay);

        Assert.Equal(["3", "0", "2", "0", "3"], second.Rows("#upload-counts")[0]);
        Assert.Equal("3 rows rejected by the earlier upload; 3 rows inserted now, 2 already stored.", second.Text("#replay-result"));
    }

    [Theory]
    [InlineData("", "always", "The file is empty")]
    [InlineData("", "strict", "The file is empty")]
    [InlineData("x", "sometimes", "The policy is \"sometimes\"")]
    public async Task Rejects_an_empty_file_and_an_unknown_policy(string file, string policy, string message)
    {
        using var admin = await site.NewAdminClient();

        var page = await (await Post(admin, "/features/upload", file, policy)).ReadPage(HttpStatusCode.BadRequest);

        Assert.StartsWith(message, page.Text("#drop-area #upload-problem"), StringComparison.Ordinal);
        Assert.Equal("true", page.QuerySelector("#file")!.GetAttribute("aria-invalid"));
        Assert.Equal(policy == "strict", page.QuerySelector("#strict")!.HasAttribute("checked"));
    }

    [Theory]
    [InlineData("a;b\n1;2\n", "always", "Line 1: the header \"a;b\" has no column for class and sex")]
    [InlineData(Header + "321,0,9,Anna,female,30,80\n322,0,3,Bert,male,,\n", "strict", "The policy STRICT rejected the ingestion")]
    public async Task Stores_nothing_of_a_rejected_file(string file, string policy, string message)
    {
        using var admin = await site.NewAdminClient();

        var page = await Upload(admin, file, policy: policy);

        Assert.Equal("Upload failed, no rows imported", page.Text("#result"));
        Assert.Contains(message, page.Text("#upload-error"), StringComparison.Ordinal);
        Assert.Equal(0, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from passengers where source_key in ('321', '322')"""));
        if (policy == "strict")
        {
            Assert.StartsWith("Read as comma-separated UTF-8", page.Text("#upload-input"), StringComparison.Ordinal);
            Assert.EndsWith("upload the whole file again. Nothing was stored.", page.Text("#upload-rejections ~ p, .table-scroll:has(#upload-rejections) + p"), StringComparison.Ordinal);
            var run = await admin.GetPage(page.QuerySelector("#upload-places a[href^='/runs/']")!.GetAttribute("href")!);
            Assert.Equal(page.QuerySelector("#upload-places a[href^='/features/validations/']")!.GetAttribute("href"), run.QuerySelector("#run-results a")!.GetAttribute("href"));
        }
    }

    [Fact]
    public async Task Distinguishes_an_import_with_warnings_from_a_partial_import()
    {
        using var admin = await site.NewAdminClient();
        var women = string.Concat(Enumerable.Range(50_001, 120).Select(id => $"{id},{id % 2},{id % 3 + 1},Anna,female,30,80\n"));

        var report = (await Upload(admin, Header + women)).QuerySelector("#upload-places a[href^='/features/validations/']")!.GetAttribute("href")!;

        Assert.Equal("ingested with warnings", (await admin.GetPage(report)).Text("h1 .badge"));
    }

    [Fact]
    public async Task Requires_an_administrator_and_an_antiforgery_token()
    {
        using var visitor = site.NewClient();
        using var admin = await site.NewAdminClient();
        using var form = new MultipartFormDataContent { { new StringContent("always"), "policy" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(Header)), "file", "list.csv" } };

        var asVisitor = await visitor.GetAsync("/features/upload", Cancellation);
        var withoutToken = await admin.PostAsync("/features/upload", form, Cancellation);

        Assert.Equal((HttpStatusCode.Redirect, "/login"), (asVisitor.StatusCode, asVisitor.Headers.Location!.AbsolutePath));
        Assert.Equal(HttpStatusCode.BadRequest, withoutToken.StatusCode);
    }

    [Fact]
    public async Task Returns_rejected_rows_as_CSV_with_escaped_formulas_and_as_JSON()
    {
        using var admin = await site.NewAdminClient();
        var page = await Upload(admin, Header + "=1+1,1,1,Anna,female,30,80\n331,1,1,Ok,female,30,80\n332,2,4,\"B, \"\"C\"\"\",male,,\n");
        var report = page.QuerySelector("a[href^='/features/validations/']")!.GetAttribute("href")!;

        var response = await admin.GetAsync(report + "/rejected", Cancellation);
        var lines = (await response.Content.ReadAsStringAsync(Cancellation)).Split('\n');
        var rejections = JsonSerializer.Deserialize<JsonElement>(await admin.GetStringAsync("/api" + report["/features".Length..] + "/rejections?limit=1", Cancellation));
        var next = JsonSerializer.Deserialize<JsonElement>(await admin.GetStringAsync(rejections.GetProperty("next").GetString(), Cancellation));
        var wholeReport = JsonSerializer.Deserialize<JsonElement>(await site.Client.GetStringAsync("/api" + report["/features".Length..], Cancellation));

        Assert.Equal(("text/csv", "attachment"), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal("line,rules,reasons,excerpt", lines[0]);
        Assert.Equal("2,passenger_id_is_whole_number,\"The passenger id is \"\"=1+1\"\"; it must be a whole number between 1 and 9,223,372,036,854,775,807, or a text with a letter of at most 100 characters, without slashes.\",\"'=1+1,1,1,Anna,female,30,80\"", lines[1]);
        Assert.StartsWith("4,survived_in_set pclass_in_set,", lines[2], StringComparison.Ordinal);
        Assert.Equal((2, 4), (rejections.GetProperty("rejections")[0].GetProperty("line").GetInt32(), next.GetProperty("rejections")[0].GetProperty("line").GetInt32()));
        Assert.Equal(JsonValueKind.Null, next.GetProperty("next").ValueKind);
        Assert.Equal(("Always", 3, 2), (wholeReport.GetProperty("policy").GetString(), wholeReport.GetProperty("rowsRead").GetInt32(), wholeReport.GetProperty("rowsRejected").GetInt32()));
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync("/api/validations/1/rejections?limit=0", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await site.Client.GetAsync("/api/validations/99999", Cancellation)).StatusCode);
    }

    /// <summary>Posts the form and returns the page that it redirects to.</summary>
    private static async Task<IDocument> Upload(HttpClient client, string file, string path = "/features/upload", string policy = "always") =>
        await client.FollowRedirect(await Post(client, path, file, policy));

    private static async Task<HttpResponseMessage> Post(HttpClient client, string path, string file, string policy) =>
        await client.SubmitForm(await client.GetPage(path), "#upload", Encoding.UTF8.GetBytes(file), ("policy", policy));
}
