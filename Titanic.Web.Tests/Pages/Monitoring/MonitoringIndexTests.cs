using System.Globalization;
using System.Net.Http.Json;
using Titanic.Web.Tests.Browser;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Pages.Monitoring;

[Collection(SharedSites.Name)]
public sealed class MonitoringIndexTests(FullSite full, EmptySite empty, TestBrowser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_the_next_steps_without_data()
    {
        var page = await empty.Get("/monitoring");

        Assert.Contains("No passengers in the stream yet", page.Text("section[aria-labelledby=predicted]"), StringComparison.Ordinal);
        Assert.Contains("No predictions yet", page.Text("section[aria-labelledby=recent]"), StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector("section[aria-labelledby=predicted] a[href='/pipelines']"));
        Assert.Null(page.QuerySelector("#accuracy-figure"));
    }

    [Fact]
    public async Task Shows_the_latest_passenger_with_prediction_and_outcome()
    {
        var page = await full.Get("/monitoring");

        var newest = await full.Database.QueryScalar<long>(
            $"""
            select passenger_id as "Value" from passengers
            where superseded_by is null and source = 'synthetic'
              and event_time = (select max(event_time) from passengers where source = 'synthetic')
            order by passenger_id desc limit 1
            """);
        var predicted = await full.Database.QueryScalar<string>(
            $"""
            select format('Predicted: %s (probability of survival %s%%)', case when survived then 'survived' else 'died' end,
                          to_char(probability * 100, 'FM990.0')) as "Value"
            from predictions where passenger_id = {newest}
            """);
        var survived = await full.Database.QueryScalar<bool>($"""select survived as "Value" from outcomes where passenger_id = {newest} and superseded_by is null""");
        Assert.Contains(predicted, page.Text("section[aria-labelledby=predicted]"), StringComparison.Ordinal);
        Assert.Contains(survived ? "Outcome: survived" : "Outcome: died", page.Text("section[aria-labelledby=actual]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_the_latest_five_predictions_with_a_link_to_all()
    {
        var page = await full.Get("/monitoring");

        var receipts = page.QuerySelectorAll("#recent-predictions tbody a[href^='/predictions/']").Select(link => link.GetAttribute("href")!.Split('/')[^1]);
        var expected = await full.Database.QueryScalar<string>(
            $"""
            select string_agg(prediction_id::text, ' ') as "Value" from (
                select prediction_id from predictions where passenger_id is not null
                order by logical_date desc, passenger_id desc limit 5) newest
            """);
        Assert.Equal(expected, string.Join(' ', receipts));
        Assert.NotNull(page.QuerySelector("section[aria-labelledby=recent] a[href='/predictions?source=batch']"));
    }

    [Fact]
    public async Task Shows_the_confusion_matrix_of_the_stored_rows()
    {
        var page = await full.Get("/monitoring");

        var cells = page.QuerySelectorAll("#live-performance .confusion-count").Select(PageReading.NormalizedText);
        var expected = await full.Database.QueryScalar<string>(
            $"""
            select concat_ws(' ', count(*) filter (where not o.survived and not p.survived), count(*) filter (where not o.survived and p.survived),
                                  count(*) filter (where o.survived and not p.survived), count(*) filter (where o.survived and p.survived)) as "Value"
            from predictions p join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
            where p.is_live
            """);
        Assert.Equal(expected, string.Join(' ', cells));
    }

    [Fact]
    public async Task Counts_predictions_by_source()
    {
        using var response = await full.Client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, Cancellation);
        response.EnsureSuccessStatusCode();

        var page = await full.Get("/monitoring");

        var fromApi = await full.Database.QueryScalar<long>($"""select count(*) as "Value" from predictions where source = 'api'""");
        var fromPage = await full.Database.QueryScalar<long>($"""select count(*) as "Value" from predictions where source = 'ui'""");
        Assert.True(fromApi > 0);
        Assert.Equal(fromApi.ToString(CultureInfo.InvariantCulture), page.Text("#predictions-by-source tr[data-source=api] td"));
        Assert.Equal(fromPage.ToString(CultureInfo.InvariantCulture), page.Text("#predictions-by-source tr[data-source=ui] td"));
        Assert.Equal(
            await full.Database.QueryScalar<string>($"""select string_agg(prediction_id::text, ' ') as "Value" from (select prediction_id from predictions where source in ('ui', 'api') order by prediction_id desc limit 5) newest"""),
            string.Join(' ', page.QuerySelectorAll("#latest-predictions tbody a").Select(PageReading.NormalizedText)));
    }

    [Fact]
    public async Task Lists_every_day_in_the_table_of_the_chart()
    {
        var page = await full.Get("/monitoring");

        var rows = page.Rows("#accuracy-by-day");
        var days = await full.Database.QueryScalar<long>($"""select count(distinct logical_date) as "Value" from predictions where is_live""");
        var correct = await full.Database.QueryScalar<int>(
            $"""
            select count(*)::int as "Value" from predictions p
            join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
            where p.is_live and p.survived = o.survived
            """);
        var all = await full.Database.QueryScalar<int>($"""select count(*)::int as "Value" from predictions where is_live""");
        Assert.Equal(days, rows.Count);
        Assert.EndsWith($"({correct}/{all})", rows[0][^1], StringComparison.Ordinal);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"{new Proportion(correct, all).Confidence95!.Value.Lower * 100:0.0}%"), page.Text("#live-performance"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_headline_is_the_accuracy_of_the_window()
    {
        var page = await full.Get("/monitoring?days=7");

        var accuracy = page.Text("[data-group=live] [data-metric=accuracy] .metric-value");
        Assert.StartsWith($"{accuracy} live accuracy (95% interval ", page.Text("#live-performance .headline"), StringComparison.Ordinal);
        Assert.Equal(["Metric", "Model", "Majority class", "Female survives"], page.QuerySelectorAll("[data-group=live] thead th").Select(PageReading.NormalizedText));
        Assert.Contains("It does not see changes of the relation between features and outcome (concept drift).", page.Text("section[aria-labelledby=performance]"), StringComparison.Ordinal);
        Assert.False(page.QuerySelector("#breakdown")!.HasAttribute("open"));
        Assert.Equal(2, page.Rows("#by-sex").Count);
    }

    [Fact]
    public async Task New_champions_are_marks_on_the_time_axis()
    {
        var page = await full.Get("/monitoring");

        var expected = await full.Database.QueryScalar<string>(
            $"""
            select string_agg(l.logical_date || ' v' || l.champion_version, ' ' order by l.logical_date desc) as "Value"
            from drift_looks l join drift_looks b on b.logical_date = l.logical_date - 1 and b.champion_version <> l.champion_version
            """);
        Assert.Equal(expected, string.Join(' ', page.QuerySelectorAll("#accuracy-by-day tr[data-champion]:not([data-champion=''])").Select(row => $"{row.GetAttribute("data-day")} v{row.GetAttribute("data-champion")}")));
        Assert.NotEqual("", expected);
    }

    [Fact]
    public async Task The_accuracy_of_predictions_without_outcomes_is_estimated()
    {
        using var prediction = await full.Client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, Cancellation);
        prediction.EnsureSuccessStatusCode();

        var page = await full.Get("/monitoring?source=api");

        Assert.Contains("API, no outcomes", page.Text("section[aria-labelledby=performance] .facts"), StringComparison.Ordinal);
        Assert.Contains("Predictions of the page and the API have no outcomes.", page.Text("#live-performance"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_range_form_works_without_scripts()
    {
        using var visitor = full.NewClient();
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

        var page = await (await visitor.SubmitForm(
            await visitor.GetPage("/monitoring"), "#performance-filter form", ("from", $"{today.AddDays(-1):yyyy-MM-dd}"), ("to", $"{today:yyyy-MM-dd}"), ("segment", "female"))).ReadPage();

        Assert.Equal("female", page.QuerySelector("#segment option[selected]")!.GetAttribute("value"));
        Assert.Contains($"Live predictions of {today.AddDays(-1):yyyy-MM-dd} to {today:yyyy-MM-dd}", page.Text("#live-performance caption"), StringComparison.Ordinal);
        Assert.Single(page.Rows("#by-sex"));
        Assert.Null(page.QuerySelector("#performance-days [aria-current]"));
        Assert.Contains("segment=female", page.QuerySelector("#performance-days a")!.GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_point_in_time_has_a_notice_and_the_current_values_beside()
    {
        var page = await full.Get("/monitoring?asOf=1");

        Assert.Contains("(commit 1): everything that was stored later is not included.", page.Text("#as-of"), StringComparison.Ordinal);
        Assert.Contains("As known now: live accuracy ", page.Text("#known-now"), StringComparison.Ordinal);
        Assert.Contains("No passengers in the stream yet", page.Text("section[aria-labelledby=predicted]"), StringComparison.Ordinal);
        Assert.Contains("No drift detection yet", page.Text("section[aria-labelledby=drift]"), StringComparison.Ordinal);
        Assert.Null(page.QuerySelector("#champion-reproduction, #accuracy-by-day, #predictions-by-source, #latest-predictions"));
        Assert.Equal("/monitoring?days=30", page.QuerySelector("#as-of a[href^='/monitoring']")!.GetAttribute("href"));
    }

    [Theory]
    [InlineData("days=5000", "The parameter days is \"5000\"; it must be a whole number between 1 and 90, or all.")]
    [InlineData("days=all&version=1", "The days are all days; with a version, a source or a segment there must be at most 90.")]
    [InlineData("from=2026-11-02&to=2026-11-01", "The last day 2026-11-01 is before the first day 2026-11-02.")]
    [InlineData("asOf=0", "There is no commit 0;")]
    public async Task Rejects_invalid_parameters(string query, string message)
    {
        var page = await full.Get("/monitoring?" + query, System.Net.HttpStatusCode.BadRequest);

        Assert.StartsWith(message, page.Text("[role=alert]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draws_the_chart_from_the_table()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.GotoAsync("/monitoring");
        await page.WaitForSelectorAsync("#accuracy-figure[data-drawn=true]");

        var painted = await page.EvaluateAsync<int>(
            """
            () => {
              const canvas = document.getElementById("accuracy-chart");
              const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
              return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
            }
            """);
        var points = await page.EvaluateAsync<int>("() => Chart.getChart('accuracy-chart').data.datasets[2].data.length");

        Assert.True(painted > 1000, $"Only {painted} pixels of the chart are painted.");
        Assert.Equal(3, points);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Shows_the_values_as_a_table_without_scripts()
    {
        var page = await full.Get("/monitoring");

        Assert.True(page.QuerySelector("#accuracy-figure")!.HasAttribute("hidden"));
        Assert.Equal("Table: live accuracy by day (3 days)", page.QuerySelector("#accuracy-by-day")!.Closest("details")!.Text("summary"));
        Assert.Equal(3, page.Rows("#accuracy-by-day").Count);
    }
}
