using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>CSV files of other programs at <c>POST /api/passengers</c>, their preview, and files without a valid row.</summary>
public sealed class FileDialectsApiTests(EmptySite site) : IClassFixture<EmptySite>
{
    private const string German = "Klasse;sex;age;fare;name\r\n3;male;22;7,25;Jörg\r\n1;female;37,5;70,5;Ida\r\n3;male;22;7,25;Jörg\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Imports_with_specified_columns_and_describes_the_input()
    {
        using var sender = await IngestionClient.Create(site);
        const string path = "/api/passengers?columns=pclass:Klasse";

        var first = await IngestionClient.ReadAccepted(sender.PostCsv(path, German));
        var second = await IngestionClient.ReadAccepted(sender.PostCsv(path, German));
        var lines = German.TrimEnd().Split("\r\n");
        var reordered = await IngestionClient.ReadAccepted(sender.PostCsv(path, string.Join('\n', [lines[0], .. lines[1..].Reverse()])));
        var run = JsonSerializer.Deserialize<JsonElement>(await site.Client.GetStringAsync($"/api/runs/{IngestionClient.Number(first, "runId")}", Cancellation));

        Assert.Equal((3, 0, 0, 0, 0), IngestionClient.Counts(first));
        Assert.Equal((0, 0, 3, 0, 0), IngestionClient.Counts(second));
        Assert.Equal((0, 0, 3, 0, 0), IngestionClient.Counts(reordered));
        var input = first.GetProperty("input");
        Assert.Equal(("UTF-8", "semicolon", "comma", "Klasse"), (IngestionClient.Text(input, "encoding"), IngestionClient.Text(input, "delimiter"), IngestionClient.Text(input, "decimalSeparator"), IngestionClient.Text(input.GetProperty("columns"), "pclass")));
        Assert.Equal(JsonValueKind.Null, input.GetProperty("compression").ValueKind);
        Assert.EndsWith(
            "Read as semicolon-separated UTF-8 with decimal comma; columns: class ← Klasse, name ← name, sex ← sex, age ← age, fare ← fare; ids from the content of the rows.",
            IngestionClient.Text(run, "summary"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_Windows_1252_only_if_it_is_declared()
    {
        using var sender = await IngestionClient.Create(site);
        var bytes = Encoding.Latin1.GetBytes("PassengerId,Pclass,Sex,Name\n61,3,male,José\n");

        var refused = await IngestionClient.ReadProblem(Post(sender, "/api/passengers", bytes, "text/csv"), HttpStatusCode.BadRequest);
        var response = await IngestionClient.ReadAccepted(Post(sender, "/api/passengers?encoding=windows-1252", bytes, "text/csv"));

        Assert.Contains("specify the encoding windows-1252", IngestionClient.Text(refused, "detail"), StringComparison.Ordinal);
        Assert.Equal("Windows-1252", IngestionClient.Text(response.GetProperty("input"), "encoding"));
        Assert.Equal("José", await site.Database.QueryName("61"));
    }

    [Theory]
    [InlineData("Pclass,Sex\n4,male\n1,man\n", "text/csv")]
    [InlineData("""[{"pclass": 4, "sex": "male"}, {"pclass": 1, "sex": "man"}]""", "application/json")]
    public async Task Returns_422_for_a_file_without_a_valid_row(string body, string contentType)
    {
        using var sender = await IngestionClient.Create(site);

        var problem = await IngestionClient.ReadProblem(Post(sender, "/api/passengers", Encoding.UTF8.GetBytes(body), contentType), HttpStatusCode.UnprocessableEntity);

        Assert.StartsWith(
            "No row is valid: 2 rejected rows. Nothing was stored", IngestionClient.Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Equal(2, IngestionClient.Rejections(problem).Count());
        Assert.Equal(2, IngestionClient.Number(problem, "rejected"));
    }

    [Fact]
    public async Task Returns_422_for_outcomes_of_unknown_passengers_only()
    {
        using var sender = await IngestionClient.Create(site);

        var problem = await IngestionClient.ReadProblem(sender.PostCsv("/api/outcomes", "PassengerId,Survived\n999999,1\n"), HttpStatusCode.UnprocessableEntity);

        Assert.StartsWith("No row is valid: 1 rejected row.", IngestionClient.Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Previews_a_file_and_stores_nothing()
    {
        using var sender = await IngestionClient.Create(site);
        var runs = await site.Database.QueryCount("runs");

        var response = await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers/preview", "class;sex;fare;who\n3;male;7,25;man\n9;male;1;man\n1;female;\"cut"));

        Assert.Equal("semicolon", IngestionClient.Text(response.GetProperty("input"), "delimiter"));
        Assert.Equal(["class/pclass", "sex/sex", "fare/fare", "who/"], response.GetProperty("columns").EnumerateArray().Select(column => $"{column.GetProperty("name").GetString()}/{column.GetProperty("field").GetString()}"));
        var rows = response.GetProperty("rows");
        Assert.Equal(2, rows.GetArrayLength());
        Assert.Equal(7.25, rows[0].GetProperty("fare").GetDouble());
        Assert.StartsWith("The class is \"9\"", rows[1].GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(runs, await site.Database.QueryCount("runs"));
        var problem = await IngestionClient.ReadProblem(sender.PostCsv("/api/passengers/preview", "a,b\n1,2\n"), HttpStatusCode.BadRequest);
        Assert.StartsWith("Line 1: the header \"a,b\" has no column for class and sex; ", IngestionClient.Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Previews_a_file_that_is_larger_than_a_buffered_body()
    {
        using var sender = await IngestionClient.Create(site);
        var file = "pclass,sex\n" + string.Concat(Enumerable.Repeat("3,male\n", 5 * 1024 * 1024 / 7));

        var response = await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers/preview", file));

        Assert.Equal(10, response.GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task A_cell_that_is_no_number_does_not_decide_the_decimal_separator()
    {
        using var sender = await IngestionClient.Create(site);

        var passengers = await IngestionClient.ReadAccepted(sender.PostCsv(
            "/api/passengers", "PassengerId;Pclass;Sex;Age;Fare\nsep1;3;male;.;7,25\nsep2;3;male;22,5;7,25\nsep3;1;male;30,5;80,5\n"));
        var outcomes = await IngestionClient.ReadAccepted(sender.PostCsv("/api/outcomes", "PassengerId;Survived\nsep2;1,0\nsep3;0,0\n"));

        Assert.Equal((2, 1), (passengers.GetProperty("inserted").GetInt32(), passengers.GetProperty("rejected").GetInt32()));
        Assert.Equal(2, outcomes.GetProperty("outcomes").GetInt32());
    }

    [Theory]
    [InlineData("?encoding=latin-1", "The encoding is \"latin-1\"; it must be utf-8, utf-16 or windows-1252.")]
    [InlineData("?delimiter=pipe", "The delimiter is \"pipe\"; it must be comma, semicolon or tab.")]
    [InlineData("?columns=x", "The parameter columns is \"x\"; it must be field:column")]
    [InlineData("?columns=pclass:Rank", "Line 1: there is no column \"Rank\", which is specified for pclass")]
    public async Task Rejects_options_that_are_not_valid(string query, string message)
    {
        using var sender = await IngestionClient.Create(site);

        foreach (var path in (string[])["/api/passengers", "/api/passengers/preview"])
        {
            var problem = await IngestionClient.ReadProblem(sender.PostCsv(path + query, "Pclass,Sex\n1,male\n"), HttpStatusCode.BadRequest);
            Assert.StartsWith(message, IngestionClient.Text(problem, "detail"), StringComparison.Ordinal);
        }
        var json = await IngestionClient.ReadProblem(sender.PostJson("/api/passengers?encoding=utf-8", "[]"), HttpStatusCode.BadRequest);
        Assert.StartsWith("The parameters encoding, delimiter and columns apply to text/csv", IngestionClient.Text(json, "detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", null, "The content type is \"application/json\"; it must be text/csv.")]
    [InlineData("text/csv", "gzip", "The content encoding is \"gzip\"; it must be absent. Send the body uncompressed.")]
    public async Task The_preview_rejects_the_content_types_of_the_import(string type, string? encoding, string detail)
    {
        using var sender = await IngestionClient.Create(site);
        var content = new ByteArrayContent("Pclass,Sex\n1,male\n"u8.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);

        var problem = await IngestionClient.ReadProblem(
            sender.Http.PostAsync("/api/passengers/preview", content, Cancellation), HttpStatusCode.UnsupportedMediaType);

        Assert.Equal(detail, IngestionClient.Text(problem, "detail"));
    }

    private static Task<HttpResponseMessage> Post(IngestionClient sender, string path, byte[] body, string contentType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return sender.Http.PostAsync(path, content, Cancellation);
    }
}

internal static class StoredNames
{
    public static Task<string> QueryName(this TestDatabase database, string key) =>
        Pages.PageReading.QueryScalar<string>(database, $"""select name as "Value" from passengers where source_key = {key} and superseded_by is null""");

    public static Task<int> QueryCount(this TestDatabase database, string table) =>
        Pages.PageReading.QueryScalar<int>(database, System.Runtime.CompilerServices.FormattableStringFactory.Create($"select count(*)::int as \"Value\" from {table}"));
}
