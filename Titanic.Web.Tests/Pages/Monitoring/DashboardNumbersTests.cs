using System.Globalization;
using AngleSharp.Dom;
using Npgsql;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Pages.Monitoring;

/// <summary>Every number of the dashboard links to its rows and shows its SQL, also with delayed and corrected outcomes.</summary>
public sealed class DashboardNumbersTests(DashboardNumbersTests.DelayedOutcomesSite site) : IClassFixture<DashboardNumbersTests.DelayedOutcomesSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_number_links_to_the_same_number_of_rows_after_later_outcomes()
    {
        await PredictByPageAndApi();
        var before = await ReadLinkedNumbers();
        var then = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await ImportOutcomes();
        var between = await ReadLinkedNumbers();
        var knownNow = (await site.Get($"/monitoring?asOf={then}")).Text("#known-now");
        await RunMonitoring();
        var after = await ReadLinkedNumbers();

        Assert.NotEqual(before, between); // the new outcomes are shown before the monitoring pipeline counts them
        Assert.Equal(between, after);
        Assert.Contains("1 late outcome, 1 corrected outcome", knownNow, StringComparison.Ordinal);
        Assert.Contains(before, number => number.EndsWith(" = 20", StringComparison.Ordinal)); // 20 of 30 outcomes are known
    }

    [Theory]
    [InlineData("days=all")]
    [InlineData("days=7&version=1")]
    [InlineData("segment=female&source=batch")]
    [InlineData("asOf=3")]
    [InlineData("from=2026-01-01&to=2026-03-01")]
    public async Task Every_number_of_a_filtered_dashboard_links_to_the_same_number_of_rows(string query) => await ReadLinkedNumbers("/monitoring?" + query, minimum: 0);

    [Fact]
    public async Task A_link_to_the_counted_rows_of_an_earlier_release_lists_the_rows_as_known_now() =>
        Assert.Equal((await site.Get("/predictions?live=true")).Text("#total"), (await site.Get("/predictions?live=true&counted=true")).Text("#total"));

    [Fact]
    public async Task Every_number_has_a_link_in_its_text_cell_or_row()
    {
        var page = await site.Get("/monitoring");

        var bare = page.QuerySelectorAll("#content td, #content dd, #content th, #content p, #content summary")
            .Where(block => block.Closest("pre, figure, thead, caption") is null && block.NormalizedText().Any(char.IsAsciiDigit) && block.QuerySelector("a") is null)
            .Where(block => block.Closest("tr")?.QuerySelector("a") is null && block.Closest(".card-body")?.QuerySelector("a[href^='/predictions'], a[href^='/features/passengers']") is null)
            .Select(block => block.NormalizedText());

        Assert.Empty(bare);
    }

    [Fact]
    public async Task The_SQL_of_the_live_metrics_returns_their_values()
    {
        var page = await site.Get("/monitoring");

        var row = Assert.Single(await ExecuteQuery(FindSql(page, "the live metrics")));

        var cells = page.QuerySelectorAll("#live-performance .confusion-count").Select(PageReading.NormalizedText);
        Assert.Equal(cells, row.Skip(1).Take(4).Select(count => FormatNumber(count)));
        Assert.Contains($"of {row[0]} predictions", page.Text("#live-performance"), StringComparison.Ordinal);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{Convert.ToDouble(row[5], CultureInfo.InvariantCulture) * 100:0.0}%"), page.Text("[data-group=live] [data-metric=accuracy] .metric-value"));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{row[6]:0.000}"), page.Text("[data-group=live] [data-metric=brier] .metric-value"));
    }

    [Fact]
    public async Task The_SQL_of_the_accuracy_by_day_returns_the_table()
    {
        var page = await site.Get("/monitoring");

        var days = await ExecuteQuery(FindSql(page, "the live accuracy by day"));

        Assert.Equal(
            page.Rows("#accuracy-by-day").Select(row => $"{row[0].Split(' ')[0]} {row[1]} {Counts(row[2])} {Counts(row[3])} {Counts(row[4])}"),
            days.Select(day => string.Create(CultureInfo.InvariantCulture, $"{day[0]:yyyy-MM-dd} {day[1]} ({day[2]}/{day[3]}) ({day[4]}/{day[5]}) ({day[6]}/{day[7]})")));

        static string Counts(string cell) => cell[cell.IndexOf('(', StringComparison.Ordinal)..];
    }

    [Fact]
    public async Task The_SQL_of_the_predictions_by_source_returns_the_tables()
    {
        await PredictByPageAndApi();
        var page = await site.Get("/monitoring");

        var sources = await ExecuteQuery(FindSql(page, "the predictions by source"));
        var days = await ExecuteQuery(FindSql(page, "the predictions by day"));

        Assert.Equal(
            page.QuerySelectorAll("#predictions-by-source tbody tr").Select(row => $"{row.GetAttribute("data-source")} {string.Join(' ', row.QuerySelectorAll("td").Select(PageReading.NormalizedText))}").Order(StringComparer.Ordinal),
            sources.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row[0]} {row[1]} {row[2]} ({row[3]:0.0%}) {row[4]:0.0%}")));
        Assert.Equal(
            page.Rows("#predictions-by-day").SelectMany(row => row.Skip(1).Where(cell => cell != "–").Select(cell => $"{row[0]} {cell}")).Order(StringComparer.Ordinal),
            days.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row[0]:yyyy-MM-dd} {row[2]} ({row[3]:0.0%})")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_SQL_of_the_rows_by_source_returns_the_table()
    {
        var page = await site.Get("/features");

        var sources = await ExecuteQuery(FindSql(page, "the rows by source"));

        Assert.Equal(page.Rows("#source-counts").Select(row => string.Join(' ', row)), sources.Select(row => string.Join(' ', row.Select(FormatNumber))));
    }

    /// <summary>
    /// "URL = number" for each link to a list whose text is a number. Asserts that the total, the SQL and the rows of the list
    /// have the same number.
    /// </summary>
    private async Task<List<string>> ReadLinkedNumbers(string path = "/monitoring", int minimum = 20)
    {
        var numbers = new List<string>();
        var links = (await site.Get(path)).QuerySelectorAll("#content a[href^='/predictions?']")
            .Where(link => long.TryParse(link.NormalizedText(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _))
            .Select(link => (Address: link.GetAttribute("href")!, Number: link.NormalizedText())).Distinct().ToList();
        Assert.True(links.Count > minimum, $"Only {links.Count} numbers link to rows.");
        foreach (var (address, number) in links)
        {
            var list = await site.Get(address);
            Assert.Equal((address, number), (address, list.Text("#total")));
            Assert.Equal((address, number), (address, FormatNumber((await ExecuteQuery(FindSql(list, "the number of predictions")))[0][0])));
            Assert.Equal((address, number), (address, FormatNumber(await CountListedRows(list))));
            numbers.Add($"{address} = {number}");
        }
        return numbers;
    }

    private async Task PredictByPageAndApi()
    {
        await site.Get("/?pclass=1&sex=female&age=29&fare=100");
        foreach (var input in (string[])["""{"pclass": 3, "sex": "male"}""", """{"pclass": 2, "sex": "female"}"""])
        {
            using var response = await site.Client.PostAsync("/api/predictions", new StringContent(input, System.Text.Encoding.UTF8, "application/json"), Cancellation);
            response.EnsureSuccessStatusCode();
        }
    }

    private async Task<long> CountListedRows(IDocument list)
    {
        long rows = 0;
        for (IDocument? page = list; page is not null;)
        {
            rows += page.QuerySelectorAll("main tbody tr").Length;
            page = page.QuerySelector("a[rel=next]")?.GetAttribute("href") is { } next ? await site.Get(next) : null;
        }
        return rows;
    }

    /// <summary>Corrects one known outcome of the first day and imports one unknown outcome of the last day.</summary>
    private async Task ImportOutcomes()
    {
        using var sender = await IngestionClient.Create(site);
        var corrected = await site.Database.QueryScalar<string>(
            $"""
            select source_key || case when survived then ' false' else ' true' end as "Value"
            from passengers join outcomes using (passenger_id) where source = 'synthetic' order by passenger_id limit 1
            """);
        var late = await site.Database.QueryScalar<string>(
            $"""
            select source_key || ' true' as "Value" from passengers p
            where source = 'synthetic' and not exists (select from outcomes o where o.passenger_id = p.passenger_id) order by passenger_id limit 1
            """);
        foreach (var outcome in (string[][])[corrected.Split(' '), late.Split(' ')])
            await IngestionClient.ReadAccepted(sender.PostJson("/api/outcomes", $$"""[{"passengerId": "{{outcome[0]}}", "survived": {{outcome[1]}}, "source": "synthetic"}]"""));
    }

    private async Task RunMonitoring()
    {
        await using var workflow = new TestWorkflow(site.Database);
        var run = await workflow.Run(PipelineNames.Monitoring, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
        Assert.Equal(RunStatus.Succeeded, run.Status);
    }

    /// <summary>The SQL statement as shown on the page.</summary>
    private static string FindSql(IDocument page, string of) => page.QuerySelectorAll(".shown-sql").Single(shown => shown.Text("summary") == $"Show SQL for {of}").QuerySelector("code")!.TextContent;

    private async Task<List<object?[]>> ExecuteQuery(string sql)
    {
        var rows = new List<object?[]>();
        await using var connection = await site.Database.DataSource.OpenConnectionAsync(Cancellation);
        await using (var readOnly = new NpgsqlCommand("set default_transaction_read_only = on", connection))
            await readOnly.ExecuteNonQueryAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return rows;
    }

    private static string FormatNumber(object? value) => string.Create(CultureInfo.InvariantCulture, $"{value:#,##0.#}");

    /// <summary>Three simulated days; each outcome becomes known one day later.</summary>
    public sealed class DelayedOutcomesSite(TestPostgres postgres) : TitanicSite(
        postgres, [("Bootstrap:SimulateDays", "3"), ("Stream:OutcomeDelayDays", "1"), .. TestWorkflow.FastTrainingSettings]);
}
