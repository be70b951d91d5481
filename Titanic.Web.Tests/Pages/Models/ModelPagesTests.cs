using System.Globalization;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Pages.Models;

[Collection(SharedSites.Name)]
public sealed class ModelPagesTests(FullSite full, EmptySite empty)
{
    [Fact]
    public async Task Shows_the_next_step_without_models()
    {
        var page = await empty.Get("/models");

        Assert.Contains("No model versions yet", page.Text("main"), StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector(".empty-state a[href='/pipelines']"));
    }

    [Fact]
    public async Task Lists_all_versions_newest_first_with_their_aliases()
    {
        var page = await full.Get("/models");

        var versions = page.QuerySelectorAll("#model-versions tbody th a").Select(link => link.GetAttribute("href"));
        var count = await full.Database.QueryScalar<int>($"""select count(*)::int as "Value" from model_versions""");
        Assert.Equal(Enumerable.Range(1, count).Reverse().Select(version => $"/models/{version}"), versions);

        var champion = await full.Database.QueryScalar<int>($"""select version as "Value" from alias_assignments where alias = 'champion' and ended_at is null""");
        var badge = page.QuerySelectorAll("#model-versions .badge").Single(alias => alias.NormalizedText() == "champion");
        Assert.Equal($"Version {champion}", badge.ParentElement!.Text("a"));
    }

    [Fact]
    public async Task Starts_a_page_after_its_cursor()
    {
        var page = await full.Get("/models?before=3");

        Assert.Equal(
            ["/models/2", "/models/1"], page.QuerySelectorAll("#model-versions tbody th a").Select(link => link.GetAttribute("href")));
    }

    [Fact]
    public async Task Shows_all_properties_of_a_version()
    {
        var page = await full.Get("/models/2");

        await using var db = full.Database.NewContext();
        var version = await db.ModelVersions.FindAsync([ModelRegistry.ModelName, 2], TestContext.Current.CancellationToken);
        var dataset = await db.TrainingDatasets.FindAsync([version!.TrainingDatasetId], TestContext.Current.CancellationToken);
        var text = page.Text("main");
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(version.Artifact)), page.Text("#artifact-sha256"));
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"{version.Artifact.Length:#,##0} bytes"), text, StringComparison.Ordinal);
        Assert.Contains(dataset!.Sha256, text, StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector($"a[href='/runs/{version.RunId}']"));
        Assert.NotNull(page.QuerySelector($"a[href='/features/commits/{dataset.AsOfCommitId}']"));
        Assert.NotNull(page.QuerySelector($"a[href='/features/datasets/{dataset.TrainingDatasetId}']"));
        Assert.Contains($"k = {version.Hyperparameters["k"]}", text, StringComparison.Ordinal);
        Assert.Contains(version.Gate.Reason, text, StringComparison.Ordinal);

        foreach (var method in (string[])["10x5 cross-validation", "leave-one-out", "hold-out"])
        {
            Assert.Equal(["Metric", "K-NN", "Majority class", "Female survives"], page.QuerySelectorAll($"table[data-method='{method}'] thead th").Select(PageReading.NormalizedText));
            var accuracy = version.Evaluations.Single(evaluation => evaluation.Subject == "knn" && evaluation.Method == method).Metrics["accuracy"].Value;
            Assert.StartsWith(Format.Percent(accuracy), page.Rows($"table[data-method='{method}']")[0][1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Shows_the_hyperparameter_search_with_every_candidate()
    {
        var page = await full.Get("/models/1");

        await using var db = full.Database.NewContext();
        var version = await db.ModelVersions.FindAsync([ModelRegistry.ModelName, 1], TestContext.Current.CancellationToken);
        var search = version!.Selection!.Search!;
        var rows = page.Rows("#candidates");
        Assert.Equal(version.Selection.Reason, page.Text("#selection-reason"));
        Assert.Equal(search.Candidates.Count, rows.Count);
        foreach (var (candidate, row) in search.Candidates.Zip(rows))
        {
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{candidate.Rank} {candidate.View} k = {candidate.Hyperparameters["k"]}"), $"{row[0]} {row[1]} {row[2].Split(',')[0]}");
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{candidate.Brier:0.000} ± {candidate.BrierError:0.000}"), row[3]);
            Assert.Equal((candidate.IsChosen ? "yes: " : "no: ") + candidate.Why, row[6]);
        }
        Assert.Contains(
            search.Nested.Brier.ToString("0.000", CultureInfo.InvariantCulture), page.Text("#nested"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_a_kept_selection_to_the_version_of_its_search()
    {
        var page = await full.Get("/models/2");

        Assert.StartsWith("The selection of version 1 is reused", page.Text("#selection-reason"), StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector("a[href='/models/1#selection']"));
        Assert.Null(page.QuerySelector("#candidates"));
    }

    [Fact]
    public async Task Shows_the_comparison_with_other_algorithms()
    {
        var newest = await full.Database.QueryScalar<int>($"""select max(version) as "Value" from model_versions""");
        var page = await full.Get($"/models/{newest}");

        await using var db = full.Database.NewContext();
        var version = await db.ModelVersions.FindAsync([ModelRegistry.ModelName, newest], TestContext.Current.CancellationToken);
        var rows = page.Rows("#alternatives");
        Assert.Equal(version!.Comparison!.Learners.Select(alternative => Web.Training.LearnerNames.Display(alternative.Name)), rows.Select(row => row[0]));
        foreach (var (alternative, row) in version.Comparison.Learners.Zip(rows))
        {
            Assert.Equal(alternative.Brier!.Value.ToString("0.000", CultureInfo.InvariantCulture), row[2]);
            Assert.Contains(Math.Abs(alternative.BrierDifference!.Low!.Value).ToString("0.000", CultureInfo.InvariantCulture), row[3], StringComparison.Ordinal);
        }
        Assert.Equal(("K-NN", "K-NN"), (rows[3][4], rows[3][7])); // the K-NN is better than the majority baseline
    }

    [Fact]
    public async Task States_that_a_version_has_no_comparison_with_other_algorithms()
    {
        var page = await full.Get("/models/1");

        Assert.Contains("No comparison for this version", page.Text("main"), StringComparison.Ordinal);
        Assert.Null(page.QuerySelector("#alternatives"));
    }

    [Fact]
    public async Task Shows_the_paired_comparisons_of_the_gate()
    {
        var page = await full.Get("/models/2");

        await using var db = full.Database.NewContext();
        var version = await db.ModelVersions.FindAsync([ModelRegistry.ModelName, 2], TestContext.Current.CancellationToken);
        var champion = version!.Gate.Evidence.Champion!;
        var rows = page.Rows("#paired");
        Assert.Equal(["Champion, version 1", "Champion, live, version 1", "Baseline: Majority class", "Baseline: Female survives"], rows.Select(row => row[0]));
        Assert.Equal(
            [.. new[] { champion.BothRight, champion.OnlyCandidateRight, champion.OnlyChampionRight, champion.BothWrong }.Select(count => count.ToString(CultureInfo.InvariantCulture))],
            rows[0].Skip(2).Take(4).Select(count => count.Replace(",", "", StringComparison.Ordinal)));
        Assert.Equal("10", rows[1][1]);
    }
}
