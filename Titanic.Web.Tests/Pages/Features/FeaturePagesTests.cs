using System.Globalization;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Tests.Pages.Features;

[Collection(SharedSites.Name)]
public sealed class FeaturePagesTests(FullSite full, EmptySite empty)
{
    [Fact]
    public async Task Shows_the_next_step_while_the_feature_group_is_empty()
    {
        var page = await empty.Get("/features");

        Assert.Contains("The feature group is empty", page.Text("main"), StringComparison.Ordinal);
        Assert.Contains(TrainingViews.NameOf(BinnedEncoder.Id), page.Text("main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_the_row_counts_of_the_database_by_source()
    {
        var page = await full.Get("/features");

        var expected = new List<string>();
        foreach (var source in (string[])["synthetic", "titanic3"])
        {
            var current = await full.Database.QueryScalar<int>($"""select count(*)::int as "Value" from passengers where source = {source} and superseded_by is null""");
            var superseded = await full.Database.QueryScalar<int>($"""select count(*)::int as "Value" from passengers where source = {source} and superseded_by is not null""");
            var labeled = await full.Database.QueryScalar<int>(
                $"""
                select count(*)::int as "Value" from passengers p
                join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
                where p.source = {source} and p.superseded_by is null
                """);
            expected.Add(string.Create(CultureInfo.InvariantCulture, $"{source} {current:#,##0} {superseded:#,##0} {labeled:#,##0}"));
        }
        Assert.Equal(expected, page.Rows("#source-counts").Select(row => string.Join(' ', row)));
        Assert.Contains("titanic3 1,309 0 1,309", expected);
    }

    [Fact]
    public async Task Lists_all_commits_newest_first()
    {
        var page = await full.Get("/features");

        var commits = page.QuerySelectorAll("#commit-list tbody th a").Select(link => link.GetAttribute("href")!.Split('/')[^1]);
        var expected = await full.Database.QueryScalar<string>($"""select string_agg(commit_id::text, ' ' order by commit_id desc) as "Value" from commits""");
        Assert.Equal(expected, string.Join(' ', commits));
    }

    [Fact]
    public async Task Shows_a_commit_with_its_counts_and_run()
    {
        var page = await full.Get("/features/commits/1");

        Assert.Equal(["1,309", "0", "0", "0", "0", "1,309"], page.Rows("#commit-counts")[0]);
        var run = await full.Database.QueryScalar<long>($"""select run_id as "Value" from commits where commit_id = 1""");
        Assert.NotNull(page.QuerySelector($"a[href='/runs/{run}']"));
        Assert.Contains("1,309 rows read, none rejected.", page.Text("main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_which_generator_made_a_passenger_of_the_stream()
    {
        const string Generator = "realistic v2 (inputs from the smoothed joint distribution of the historical list, outcome from the survival model)";
        var key = await full.Database.QueryScalar<string>($"""select min(source_key) as "Value" from passengers where source = 'synthetic'""");
        var commit = await full.Database.QueryScalar<long>($"""select commit_id as "Value" from passengers where source = 'synthetic' and source_key = {key}""");

        var page = await full.Get($"/features/commits/{commit}");
        Assert.Equal(Generator, (await full.Get($"/features/passengers/synthetic/{key}")).Text("#generator"));
        Assert.Equal(Generator, page.Text("#generator"));
        Assert.Matches(@"^realistic v2 stream of \d{4}-\d\d-\d\d$", page.Text(".lead"));
        Assert.Null((await full.Get("/features/commits/1")).QuerySelector("#generator"));
    }
}
