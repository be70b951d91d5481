using System.Net;
using System.Text;
using static Titanic.Web.Tests.Pipelines.IngestionClient;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Passengers sent as JSON, late outcomes and concurrent requests. Each test uses its own passengers.</summary>
public sealed class JsonAndOutcomesApiTests(EmptySite site) : IClassFixture<EmptySite>, IAsyncLifetime
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
    public async Task Accepts_passengers_as_JSON()
    {
        const string body = """[{"passengerId": 201, "name": "Anna", "pclass": 1, "sex": "female", "age": 30, "fare": 80, "eventTime": "2026-11-20T08:00:00Z"}, {"passengerId": 202, "name": "Bert", "pclass": 3, "sex": "male", "survived": false}]""";

        var first = await ReadAccepted(_client.PostJson("/api/passengers", body));
        var again = await ReadAccepted(_client.PostJson("/api/passengers?policy=strict", body));

        Assert.Equal(((2, 0, 0, 0, 1), (0, 0, 2, 0, 0)), (Counts(first), Counts(again)));
        Assert.True(await Scalar<bool>("select event_time = '2026-11-20T08:00Z' and age = 30 and fare = 80 from passengers where source = 'api' and source_key = '201'"));
        Assert.Equal("passengers sent as JSON", await Scalar<string>($"select backfill from runs where run_id = {Number(first, "runId")}"));
    }

    [Fact]
    public async Task A_declared_person_is_a_text_or_a_number_and_links_rows_of_its_source()
    {
        var sent = await ReadAccepted(_client.PostJson("/api/passengers", """[{"passengerId": 1231, "pclass": 1, "sex": "female", "person": 77}, {"passengerId": 1232, "pclass": 3, "sex": "male", "person": " 77 "}]"""));
        var csv = await ReadAccepted(_client.PostCsv("/api/passengers", "id;class;sex;Person\n1233;2;male;77\n1234;2;male;NA\n"));
        var long101 = new string('x', 101);
        var refused = await ReadProblem(_client.PostJson("/api/passengers", $$"""[{"passengerId": 1235, "pclass": 1, "sex": "female", "person": "{{long101}}"}]"""), HttpStatusCode.UnprocessableEntity);
        var mapped = await ReadAccepted(_client.PostCsv("/api/passengers?columns=person:Mensch", "id;class;sex;Mensch\n1236;2;male;77\n"));

        Assert.Equal((1, 1, 1), (Number(sent, "linked"), Number(csv, "linked"), Number(mapped, "linked")));
        Assert.Equal("77", (await ReadJson("/api/passengers/api/1232")).GetProperty("passenger").GetProperty("person").GetString());
        Assert.Equal("The person has 101 characters; it must have at most 100.", Rejections(refused).Single().Reasons);
        Assert.Equal(1, await Scalar<long>("select count(distinct person_id) from passengers where source_key in ('1231', '1232', '1233', '1236')"));

        async Task<System.Text.Json.JsonElement> ReadJson(string path) => System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(await _client.Http.GetStringAsync(path, Cancellation));
    }

    [Fact]
    public async Task Lists_rejected_elements_by_number_and_rejects_malformed_JSON()
    {
        var response = await ReadAccepted(_client.PostJson("/api/passengers", """[{"passengerId": 211, "name": "Anna", "pclass": 1, "sex": "female"}, {"passengerId": 212, "pclass": 9, "sex": "man", "deck": "B"}]"""));
        var malformed = await ReadProblem(_client.PostJson("/api/passengers", """[{"passengerId": 213, "name": "Carl", "pclass": 1, "sex": "male"}, oh"""), HttpStatusCode.BadRequest);

        var (line, reasons) = Assert.Single(Rejections(response));
        Assert.Equal(2, line);
        Assert.Contains("The class is \"9\"; it must be 1, 2 or 3. The sex is \"man\"", reasons, StringComparison.Ordinal);
        Assert.Equal("Members that were not read: deck.", response.GetProperty("warnings")[0].GetString());
        Assert.StartsWith("Line 1, byte ", Text(malformed, "detail"), StringComparison.Ordinal);
        Assert.Equal(0, await Scalar<long>("select count(*) from passengers where source_key = '213'"));
    }

    [Fact]
    public async Task Stores_late_and_corrected_outcomes_and_ignores_repeated_ones()
    {
        await ReadAccepted(_client.PostJson("/api/passengers", """[{"passengerId": 221, "name": "Anna", "pclass": 1, "sex": "female"}, {"passengerId": 222, "name": "Bert", "pclass": 3, "sex": "male"}]"""));

        var late = await ReadAccepted(_client.PostCsv("/api/outcomes", "PassengerId,Survived,KnownAt\n221,1,2026-11-20T08:00:00Z\n222,0,\n"));
        var again = await ReadAccepted(_client.PostCsv("/api/outcomes", "PassengerId,Survived\n221,1\n222,0\n"));
        var corrected = await ReadAccepted(_client.PostJson("/api/outcomes", """[{"passengerId": 222, "survived": true, "source": "api"}]"""));

        Assert.Equal((2, 0), (Number(late, "outcomes"), Number(again, "outcomes")));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, again.GetProperty("commitId").ValueKind);
        Assert.Equal((1, 1), (Number(corrected, "outcomes"), Number(corrected, "updated")));
        Assert.Equal("false true", await Scalar<string>("select string_agg(o.survived::text, ' ' order by o.commit_id) from outcomes o join passengers p using (passenger_id) where p.source_key = '222' and p.superseded_by is null"));
        Assert.True(await Scalar<bool>("select o.known_at = '2026-11-20T08:00Z' from outcomes o join passengers p using (passenger_id) where p.source_key = '221'"));
    }

    [Fact]
    public async Task Corrections_by_a_repeated_historical_list_are_known_from_now_on()
    {
        await ReadAccepted(_client.PostJson("/api/passengers?source=upload", """[{"passengerId": 291, "name": "Anna", "pclass": 1, "sex": "female", "survived": 0}, {"passengerId": 292, "name": "Bert", "pclass": 3, "sex": "male"}]"""));

        var response = await ReadAccepted(_client.PostCsv("/api/passengers?source=upload", Header + "291,1,1,Anna,female,,\n292,0,3,Bert,male,,\n293,0,3,Carl,male,,\n"));

        Assert.Equal((1, 1, 1, 0, 3), Counts(response));
        Assert.Equal("291 then, 291 now, 292 now, 293 then", await Scalar<string>(
            """
            select string_agg(p.source_key || case when o.known_at = '1912-04-15T00:00Z' then ' then' when o.known_at > now() - interval '1 minute' then ' now' end, ', ' order by p.source_key, o.commit_id)
            from outcomes o join passengers p using (passenger_id) where p.source_key in ('291', '292', '293') and p.superseded_by is null
            """));
    }

    [Fact]
    public async Task Rejects_outcomes_of_unknown_passengers_and_of_the_future()
    {
        await ReadAccepted(_client.PostJson("/api/passengers", """[{"passengerId": 231, "name": "Anna", "pclass": 1, "sex": "female"}]"""));

        var response = await ReadProblem(_client.PostJson("/api/outcomes", """[{"passengerId": 239, "survived": 1}, {"passengerId": 231, "survived": 1, "knownAt": "2099-01-01T00:00:00Z"}, {"passengerId": 231, "survived": 0, "source": "upload"}]"""), HttpStatusCode.UnprocessableEntity);
        var strict = await ReadProblem(_client.PostJson("/api/outcomes?policy=strict", """[{"passengerId": 231, "survived": 1}, {"passengerId": 239, "survived": 1}]"""), HttpStatusCode.UnprocessableEntity);

        Assert.Equal(3, Number(response, "rejected"));
        var rejections = Rejections(response).ToList();
        Assert.Equal("There is no passenger \"api/239\"; the page /features/passengers and GET /api/passengers list the passengers.", rejections[0].Reasons);
        Assert.StartsWith(
            "The known-at time is \"2099-01-01T00:00:00Z\"; it must not be after now, ", rejections[1].Reasons, StringComparison.Ordinal);
        Assert.Equal("There is no passenger \"upload/231\"; the page /features/passengers and GET /api/passengers list the passengers.", rejections[2].Reasons);
        Assert.Equal([2], Rejections(strict).Select(row => row.Line));
        Assert.Equal(0, await Scalar<long>("select count(*) from outcomes join passengers using (passenger_id) where source_key = '231'"));
    }

    [Fact]
    public async Task Rejects_a_duplicate_outcome_with_and_without_a_source()
    {
        await ReadAccepted(_client.PostJson("/api/passengers", """[{"passengerId": 251, "name": "Anna", "pclass": 1, "sex": "female"}]"""));

        var response = await ReadAccepted(_client.PostJson("/api/outcomes", """[{"passengerId": 251, "survived": 1}, {"passengerId": 251, "survived": 0, "source": "api"}]"""));

        Assert.Equal((1, 1), (Number(response, "outcomes"), Number(response, "rejected")));
        Assert.Equal(
            (2, "The passenger id 251 already occurs earlier in this file; each id may occur once."), Assert.Single(Rejections(response)));
        Assert.True(
            await Scalar<bool>("select o.survived from outcomes o join passengers p using (passenger_id) where p.source_key = '251'"));
    }

    [Fact]
    public async Task Rejects_a_passenger_with_a_future_event_time()
    {
        var response = await ReadAccepted(_client.PostJson("/api/passengers", """[{"passengerId": 261, "name": "Anna", "pclass": 1, "sex": "female", "eventTime": "2099-01-01"}, {"passengerId": 262, "name": "Bert", "pclass": 1, "sex": "male", "eventTime": "2026-11-20"}]"""));

        var (line, reasons) = Assert.Single(Rejections(response));
        Assert.Equal((1, 1), (line, Number(response, "inserted")));
        Assert.StartsWith("The event time is \"2099-01-01\"; it must not be after now, ", reasons, StringComparison.Ordinal);
        Assert.True(await Scalar<bool>("select event_time = '2026-11-20T00:00Z' from passengers where source_key = '262'"));
    }

    [Fact]
    public async Task Accepts_outcomes_of_every_known_source_and_rejects_an_unknown_source()
    {
        await ReadAccepted(_client.PostCsv("/api/passengers?source=upload", Header + "271,1,1,Anna,female,30,80\n"));

        var response = await ReadAccepted(_client.PostCsv("/api/outcomes?source=upload", "PassengerId,Survived\n271,0\n"));
        var problem = await ReadProblem(_client.PostCsv("/api/outcomes?source=elsewhere", "PassengerId,Survived\n271,0\n"), HttpStatusCode.BadRequest);

        Assert.Equal((1, 1), (Number(response, "outcomes"), Number(response, "updated")));
        Assert.Equal("The source is \"elsewhere\"; it must be titanic3, upload, synthetic or api.", Text(problem, "detail"));
    }

    [Theory]
    [InlineData("text/csv; charset=UTF-8")]
    [InlineData("text/csv; charset=\"utf-8\"; header=present")]
    public async Task Accepts_every_spelling_of_UTF_8(string type)
    {
        var content = new StringContent(Header + "281,1,1,Anna,female,30,80\n", Encoding.UTF8);
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        await ReadAccepted(_client.Http.PostAsync("/api/passengers", content, Cancellation));
    }

    [Theory]
    [InlineData("text/csv; charset=latin1", null, "The content type is \"text/csv; charset=latin1\"; it must be text/csv or application/json, in UTF-8.")]
    [InlineData("application/json; charset=utf-16", null, "The content type is \"application/json; charset=utf-16\"; it must be text/csv or application/json, in UTF-8.")]
    [InlineData("text/csv", "gzip", "The content encoding is \"gzip\"; it must be absent. Send the body uncompressed.")]
    public async Task Returns_415_for_other_charsets_and_for_compressed_bodies(string type, string? encoding, string detail)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Header));
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);

        foreach (var path in (string[])["/api/passengers", "/api/outcomes"])
            Assert.Equal(detail, Text(await ReadProblem(_client.Http.PostAsync(path, content, Cancellation), HttpStatusCode.UnsupportedMediaType), "detail"));
    }

    [Fact]
    public async Task Stores_eight_concurrent_requests_as_ordered_commits()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(request =>
        {
            var file = new StringBuilder(Header);
            for (var row = 0; row < 50; row++)
                file.Append(10_000 + request * 50 + row).Append(",1,1,Anna,female,30,80\n");
            return ReadAccepted(_client.PostCsv("/api/passengers", file.ToString()));
        }));

        Assert.All(responses, response => Assert.Equal((50, 0, 0, 0, 50), Counts(response)));
        var commits = string.Join(", ", responses.Select(response => Number(response, "commitId")).Distinct());
        Assert.Equal("8 400 400", await Scalar<string>($"select concat_ws(' ', count(*), sum(rows_inserted), sum(outcomes_recorded)) from commits where commit_id in ({commits})"));
        Assert.Equal(400, await Scalar<long>("select count(*) from passengers where source_key between '10000' and '10399' and superseded_by is null"));
        Assert.Equal(0, await Scalar<long>("select count(*) from (select committed_at, lag(committed_at) over (order by commit_id) as before from commits) c where committed_at < before"));
    }

    [Fact]
    public async Task Stores_a_file_once_when_it_is_sent_eight_times_concurrently()
    {
        const string file = Header + "241,1,1,Anna,female,30,80\n242,0,3,Bert,male,,\n";

        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAccepted(_client.PostCsv("/api/passengers", file))));

        Assert.Equal(
            (2, 14), (responses.Sum(response => Number(response, "inserted")), responses.Sum(response => Number(response, "unchanged"))));
        Assert.Single(responses, response => response.GetProperty("commitId").ValueKind == System.Text.Json.JsonValueKind.Number);
    }

    private async Task<T> Scalar<T>(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
