using System.Net;
using System.Text;
using System.Text.Json;
using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>A list from somebody's disk, by the form. Every test brings passengers of its own.</summary>
public sealed class UploadTests(EmptySite site) : IClassFixture<EmptySite>
{
    private const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_form_brings_a_list_and_shows_what_became_of_it()
    {
        using var admin = await site.NewAdminClient();

        var page = await Sent(admin, Header + "301,1,1,Anna,female,30,80\n302,0,9,<b>Bert</b>,man,20,7.25\n303,0,3,Carl,male,,\n");

        Assert.Equal(["2", "0", "0", "1", "2"], page.Rows("#upload-counts")[0]);
        Assert.Equal("The good rows are stored", page.Text("#result"));
        Assert.Equal(["3", "Pclass is \"9\"; it must be 1, 2 or 3. Sex is \"man\"; it must be male or female."], Assert.Single(page.Rows("#upload-rejections")));
        Assert.NotNull(page.QuerySelector("#upload-result a[href^='/features/upload?replayOf=']"));
        Assert.Equal(["/features/commits", "/features/validations", "/runs"], page.QuerySelectorAll("#upload-places a").Select(link => link.GetAttribute("href")!).Select(href => href[..href.LastIndexOf('/')]));
    }

    [Fact]
    public async Task Mended_rows_come_in_when_the_file_is_brought_again_and_no_others()
    {
        using var admin = await site.NewAdminClient();
        const string good = "311,1,1,Anna,female,30,80\n312,0,3,Bert,male,20,7.25\n";
        var first = await Sent(admin, Header + good + "313,0,9,Carl,male,,\n314,0,3,Dora,women,,\n315,0,3,Emil,male,200,\n");
        var report = first.QuerySelector("a[href^='/features/validations/']")!.GetAttribute("href")!;
        var replay = (await admin.Open(report)).QuerySelector("#replay a")!.GetAttribute("href")!;

        var second = await Sent(admin, Header + good + "313,0,3,Carl,male,,\n314,0,3,Dora,female,,\n315,0,3,Emil,male,20,\n", replay);

        Assert.Equal(["3", "0", "2", "0", "3"], second.Rows("#upload-counts")[0]);
        Assert.Equal("3 rows were rejected before; 3 passengers came in now, and 2 were here already.", second.Text("#replay-result"));
    }

    [Theory]
    [InlineData("", "always", "The file is empty")]
    [InlineData("", "strict", "The file is empty")]
    [InlineData("x", "sometimes", "The policy is \"sometimes\"")]
    public async Task A_form_that_makes_no_sense_is_refused_with_a_sentence(string file, string policy, string sentence)
    {
        using var admin = await site.NewAdminClient();

        var page = await (await Post(admin, "/features/upload", file, policy)).Document(HttpStatusCode.BadRequest);

        Assert.StartsWith(sentence, page.Text("#drop-area #upload-problem"), StringComparison.Ordinal);
        Assert.Equal("true", page.QuerySelector("#file")!.GetAttribute("aria-invalid"));
        Assert.Equal(policy == "strict", page.QuerySelector("#strict")!.HasAttribute("checked"));
    }

    [Theory]
    [InlineData("a;b\n1;2\n", "always", "Line 1: there is no header")]
    [InlineData(Header + "321,0,9,Anna,female,30,80\n322,0,3,Bert,male,,\n", "strict", "The policy STRICT rejected the ingestion")]
    public async Task A_file_that_is_refused_leaves_nothing_and_says_why(string file, string policy, string sentence)
    {
        using var admin = await site.NewAdminClient();

        var page = await Sent(admin, file, policy: policy);

        Assert.Equal("Nothing was stored", page.Text("#result"));
        Assert.Contains(sentence, page.Text("#upload-error"), StringComparison.Ordinal);
        Assert.Equal(0, await site.Database.Ask<int>($"""select count(*)::int as "Value" from passengers where source_key in ('321', '322')"""));
    }

    [Fact]
    public async Task A_list_that_is_kept_but_looks_odd_is_told_from_one_that_is_kept_in_part()
    {
        using var admin = await site.NewAdminClient();
        var women = string.Concat(Enumerable.Range(50_001, 120).Select(id => $"{id},{id % 2},{id % 3 + 1},Anna,female,30,80\n"));

        var report = (await Sent(admin, Header + women)).QuerySelector("#upload-places a[href^='/features/validations/']")!.GetAttribute("href")!;

        Assert.Equal("ingested with warnings", (await admin.Open(report)).Text("h1 .badge"));
    }

    [Fact]
    public async Task Only_the_administrator_sees_the_form_and_only_with_a_token_it_is_taken()
    {
        using var visitor = site.NewClient();
        using var admin = await site.NewAdminClient();
        using var bare = new MultipartFormDataContent { { new StringContent("always"), "policy" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(Header)), "file", "list.csv" } };

        var asVisitor = await visitor.GetAsync("/features/upload", Cancelled);
        var withoutToken = await admin.PostAsync("/features/upload", bare, Cancelled);

        Assert.Equal((HttpStatusCode.Redirect, "/login"), (asVisitor.StatusCode, asVisitor.Headers.Location!.AbsolutePath));
        Assert.Equal(HttpStatusCode.BadRequest, withoutToken.StatusCode);
    }

    [Fact]
    public async Task Rejected_rows_are_downloaded_with_their_formulas_disarmed_and_told_by_the_api()
    {
        using var admin = await site.NewAdminClient();
        var page = await Sent(admin, Header + "=1+1,1,1,Anna,female,30,80\n331,1,1,Ok,female,30,80\n332,2,4,\"B, \"\"C\"\"\",male,,\n");
        var report = page.QuerySelector("a[href^='/features/validations/']")!.GetAttribute("href")!;

        var answer = await site.Client.GetAsync(report + "/rejected", Cancelled);
        var lines = (await answer.Content.ReadAsStringAsync(Cancelled)).Split('\n');
        var told = JsonSerializer.Deserialize<JsonElement>(await site.Client.GetStringAsync("/api" + report["/features".Length..] + "/rejections?limit=1", Cancelled));
        var next = JsonSerializer.Deserialize<JsonElement>(await site.Client.GetStringAsync(told.GetProperty("next").GetString(), Cancelled));
        var whole = JsonSerializer.Deserialize<JsonElement>(await site.Client.GetStringAsync("/api" + report["/features".Length..], Cancelled));

        Assert.Equal(("text/csv", "attachment"), (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal("line,rules,reasons,excerpt", lines[0]);
        Assert.Equal("2,passenger_id_is_whole_number,\"PassengerId is \"\"=1+1\"\"; it must be a whole number from 1 to 9223372036854775807.\",\"'=1+1,1,1,Anna,female,30,80\"", lines[1]);
        Assert.StartsWith("4,survived_in_set pclass_in_set,", lines[2], StringComparison.Ordinal);
        Assert.Equal((2, 4), (told.GetProperty("rejections")[0].GetProperty("line").GetInt32(), next.GetProperty("rejections")[0].GetProperty("line").GetInt32()));
        Assert.Equal(JsonValueKind.Null, next.GetProperty("next").ValueKind);
        Assert.Equal(("Always", 3, 2), (whole.GetProperty("policy").GetString(), whole.GetProperty("rowsRead").GetInt32(), whole.GetProperty("rowsRejected").GetInt32()));
        Assert.Equal(HttpStatusCode.BadRequest, (await site.Client.GetAsync("/api/validations/1/rejections?limit=0", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await site.Client.GetAsync("/api/validations/99999", Cancelled)).StatusCode);
    }

    /// <summary>The page that the form leads to.</summary>
    private static async Task<IDocument> Sent(HttpClient client, string file, string path = "/features/upload", string policy = "always") =>
        await client.Follow(await Post(client, path, file, policy));

    private static async Task<HttpResponseMessage> Post(HttpClient client, string path, string file, string policy) =>
        await client.Submit(await client.Open(path), "#upload", Encoding.UTF8.GetBytes(file), ("policy", policy));
}
