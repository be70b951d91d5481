using System.Net;
using System.Text;
using System.Text.Json;
using Titanic.Web.Access;
using static Titanic.Web.Tests.Pipelines.IngestionClient;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Rows sent over HTTP as CSV, and deletions. Each test uses its own passengers.</summary>
public sealed class IngestionApiTests(EmptySite site) : IClassFixture<EmptySite>, IAsyncLifetime
{
    private IngestionClient _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _client = await Create(site);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Stores_rows_before_responding_and_ignores_repeated_rows()
    {
        const string file = Header + "101,1,1,Anna,female,30,80\n102,0,3,Bert,male,,\n";

        var first = await ReadAccepted(_client.PostCsv("/api/passengers", file));
        var stored = await Scalar<long>("select count(*) from passengers where source = 'api' and source_key in ('101', '102') and superseded_by is null");
        var second = await ReadAccepted(_client.PostCsv("/api/passengers?source=api&policy=strict", file));

        Assert.Equal(((2, 0, 0, 0, 2), 2L), (Counts(first), stored));
        Assert.Equal((0, 0, 2, 0, 0), Counts(second));
        Assert.Equal((JsonValueKind.Number, JsonValueKind.Null, JsonValueKind.Null), (first.GetProperty("commitId").ValueKind, second.GetProperty("commitId").ValueKind, second.GetProperty("validationId").ValueKind));
        Assert.NotEqual(Number(first, "runId"), Number(second, "runId"));
        var run = Number(first, "runId");
        Assert.Equal("Succeeded Api feature passengers sent as CSV", await Scalar<string>($"select concat_ws(' ', status, trigger, pipeline, backfill) from runs where run_id = {run}"));
        Assert.Equal(run, await Scalar<long>($"select run_id from commits where commit_id = {Number(first, "commitId")}"));
        Assert.Equal(1, await Scalar<long>($"select count(*) from access.audit_log where what = 'passengers sent' and subject = 'run {run}' and who like 'API key a sender%'"));
    }

    [Fact]
    public async Task Event_time_is_now_for_api_rows_and_1912_for_uploaded_rows()
    {
        await ReadAccepted(_client.PostCsv("/api/passengers", Header + "111,1,1,Anna,female,30,80\n"));
        await ReadAccepted(_client.PostCsv("/api/passengers?source=upload", Header + "112,1,1,Anna,female,30,80\n"));

        Assert.True(await Scalar<bool>("select p.event_time between now() - interval '1 minute' and now() and o.known_at = p.event_time from passengers p join outcomes o using (passenger_id) where source_key = '111'"));
        Assert.True(await Scalar<bool>("select p.event_time = '1912-04-15T00:00Z' and o.known_at = p.event_time and p.source = 'upload' from passengers p join outcomes o using (passenger_id) where source_key = '112'"));
    }

    [Fact]
    public async Task Lists_rejected_rows_with_line_and_reasons_and_stores_valid_rows()
    {
        var response = await ReadAccepted(_client.PostCsv("/api/passengers", Header + "121,1,1,Anna,female,30,80\n122,0,7,Bert,man,30,80\n123,0,3,Carl,male,,\n123,0,3,Carl,male,,\n"));

        Assert.Equal((2, 0, 0, 2, 2), Counts(response));
        var rejections = Rejections(response).ToList();
        Assert.Equal([3, 5], rejections.Select(row => row.Line));
        Assert.Contains("it must be 1, 2 or 3", rejections[0].Reasons, StringComparison.Ordinal);
        Assert.Contains("it must be male or female", rejections[0].Reasons, StringComparison.Ordinal);
        Assert.Equal(2, await Scalar<long>($"select count(*) from rejected_rows where validation_id = {Number(response, "validationId")}"));
    }

    [Fact]
    public async Task Returns_422_when_all_rows_are_rejected()
    {
        var problem = await ReadProblem(_client.PostCsv("/api/passengers", Header + "131,1,9,Anna,female,30,80\n"), HttpStatusCode.UnprocessableEntity);

        Assert.Equal(1, Number(problem, "rejected"));
        Assert.Equal([2], Rejections(problem).Select(row => row.Line));
        Assert.Equal(1, await Scalar<long>($"select count(*) from rejected_rows where validation_id = {Number(problem, "validationId")}"));
    }

    [Fact]
    public async Task Lists_at_most_1000_rejected_rows()
    {
        var file = new StringBuilder(Header);
        for (var id = 1; id <= 1_002; id++)
            file.Append(id).Append(",1,9,Anna,female,30,80\n");

        var response = await ReadProblem(_client.PostCsv("/api/passengers", file.ToString()), HttpStatusCode.UnprocessableEntity);

        Assert.Equal(1_002, Number(response, "rejected"));
        Assert.Equal(Enumerable.Range(2, 1_000), Rejections(response).Select(row => row.Line));
    }

    [Fact]
    public async Task Warns_about_a_column_that_is_not_read()
    {
        var response = await ReadAccepted(_client.PostCsv("/api/passengers", "Deck," + Header + "B,141,1,1,Anna,female,30,80\n"));

        Assert.Equal(["Columns that were not read: Deck."], response.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()));
    }

    [Theory]
    [InlineData("strict")]
    [InlineData("STRICT")]
    public async Task Returns_422_and_stores_nothing_for_one_invalid_row_under_the_strict_policy(string strict)
    {
        var problem = await ReadProblem(_client.PostCsv($"/api/passengers?policy={strict}", Header + "151,1,1,Anna,female,30,80\n152,0,7,Bert,male,30,80\n"), HttpStatusCode.UnprocessableEntity);

        Assert.StartsWith("The policy STRICT rejected the ingestion: 1 rejected row; ", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Equal(1, Number(problem, "rejected"));
        Assert.Equal([3], Rejections(problem).Select(row => row.Line));
        Assert.Equal(1, await Scalar<long>($"select count(*) from rejected_rows where validation_id = {Number(problem, "validationId")}"));
        Assert.Equal(0, await Scalar<long>("select count(*) from passengers where source_key = '151'"));
        Assert.Equal("Failed Strict", await Scalar<string>($"select status || ' ' || policy from runs where run_id = {Number(problem, "runId")}"));
    }

    [Theory]
    [InlineData("", "The file is empty", null)]
    [InlineData("a,b\n1,2\n", "", 1)]
    [InlineData(Header, "The file has a header and no passenger", 1)]
    [InlineData(Header + "161,1,1,Anna,female,30,80\n162,1,1,\u0001", null, null)]
    public async Task Returns_400_with_the_line_of_an_unreadable_file(string file, string? detail, int? line)
    {
        if (detail is null) // the row ends with a byte that is not valid UTF-8
            file += "x";
        var bytes = Encoding.UTF8.GetBytes(file);
        if (detail is null)
            bytes[^1] = 0xFF;

        var problem = await ReadProblem(_client.Http.PostAsync("/api/passengers", new ByteArrayContent(bytes) { Headers = { ContentType = new("text/csv") } }, Cancellation), HttpStatusCode.BadRequest);

        Assert.StartsWith(detail ?? "Line 3", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Equal(line ?? (detail is null ? 3 : null), problem.TryGetProperty("line", out var actualLine) ? actualLine.GetInt32() : null);
        Assert.Empty(Rejections(problem));
        Assert.Equal(0, await Scalar<long>("select count(*) from passengers where source_key = '161'"));
        Assert.Equal("Failed", await Scalar<string>($"select status from runs where run_id = {Number(problem, "runId")}"));
    }

    [Theory]
    [InlineData("text/plain", "The content type is \"text/plain\"; it must be text/csv or application/json.")]
    [InlineData("application/x-www-form-urlencoded", "it must be text/csv or application/json.")]
    [InlineData(null, "The content type is missing; it must be text/csv or application/json, in UTF-8.")]
    public async Task Returns_415_for_an_unsupported_content_type(string? type, string detail)
    {
        var content = new ByteArrayContent("x"u8.ToArray());
        content.Headers.ContentType = type is null ? null : new(type);

        var problem = await ReadProblem(_client.Http.PostAsync("/api/passengers", content, Cancellation), HttpStatusCode.UnsupportedMediaType);

        Assert.EndsWith(detail, Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/passengers?source=titanic3", "The source is \"titanic3\"; it must be api or upload.")]
    [InlineData("/api/passengers?policy=sometimes", "The policy is \"sometimes\"; it must be always or strict.")]
    public async Task Returns_400_for_an_invalid_parameter(string path, string detail)
    {
        var problem = await ReadProblem(_client.PostCsv(path, Header), HttpStatusCode.BadRequest);

        Assert.Equal(detail, Text(problem, "detail"));
    }

    [Fact]
    public async Task Requires_an_administrator_or_an_ingest_key()
    {
        const string file = Header + "171,1,1,Anna,female,30,80\n";
        using var predictor = await Create(site, ApiKeyScope.Predict);
        using var admin = await site.NewAdminClient();
        var page = await TitanicSite.ParsePage(await admin.GetAsync("/pipelines", Cancellation));

        await ReadProblem(site.Client.PostAsync("/api/passengers", new StringContent(file, Encoding.UTF8, "text/csv"), Cancellation), HttpStatusCode.Unauthorized);
        await ReadProblem(predictor.PostCsv("/api/passengers", file), HttpStatusCode.Forbidden);
        await ReadProblem(admin.PostAsync("/api/passengers", new StringContent(file, Encoding.UTF8, "text/csv"), Cancellation), HttpStatusCode.BadRequest);
        Assert.Equal(0, await Scalar<long>("select count(*) from passengers where source_key = '171'"));
        admin.DefaultRequestHeaders.Add(CookieAntiforgery.Header, page.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value"));
        Assert.Equal(1, Number(await ReadAccepted(admin.PostAsync("/api/passengers", new StringContent(file, Encoding.UTF8, "text/csv"), Cancellation)), "inserted"));
    }

    [Fact]
    public async Task Deletes_a_passenger_and_writes_the_audit_log()
    {
        var sent = await ReadAccepted(_client.PostCsv("/api/passengers", Header + "181,1,1,Anna,female,30,80\n"));

        var response = await ReadAccepted(_client.Http.DeleteAsync("/api/passengers/api/181", Cancellation));

        var commit = Number(response, "commitId");
        Assert.True(commit > Number(sent, "commitId"));
        Assert.Equal((1, (long)commit), (Number(response, "deleted"), await Scalar<long>("select superseded_by from passengers where source_key = '181'")));
        Assert.Equal(commit, await Scalar<long>("select o.superseded_by from outcomes o join passengers p using (passenger_id) where source_key = '181'"));
        Assert.Equal("deletion of passenger api/181", await Scalar<string>($"select backfill from runs where run_id = {Number(response, "runId")} and status = 'Succeeded'"));
        Assert.Equal($"run {Number(response, "runId")}", await Scalar<string>("select details from access.audit_log where what = 'deletion requested' and subject = 'api/181' and who like 'API key a sender%'"));

        var again = await ReadProblem(_client.Http.DeleteAsync("/api/passengers/api/181", Cancellation), HttpStatusCode.NotFound);
        Assert.Equal("There is no passenger \"api/181\"; the page /features/passengers and GET /api/passengers list the passengers.", Text(again, "detail"));
    }

    private async Task<T> Scalar<T>(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
