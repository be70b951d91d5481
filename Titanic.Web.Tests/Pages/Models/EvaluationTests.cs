using System.Globalization;
using AngleSharp.Dom;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Browser;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Pages.Models;

/// <summary>The evaluations on the page of a version, over HTTP and in a browser, compared with the stored ones.</summary>
[Collection(SharedSites.Name)]
public sealed class EvaluationTests(FullSite full, TestBrowser browser)
{
    [Fact]
    public async Task Shows_a_cross_validated_metric_with_its_interval_and_standard_deviation()
    {
        var (page, evaluations) = (await full.Get("/models/2"), await StoredEvaluations(2));

        var brier = evaluations.First(evaluation => evaluation.Method == "10x5 cross-validation").Metrics["brier"];
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{brier.Value:0.000} ({brier.Low:0.000} to {brier.High:0.000}; ± {brier.Spread:0.000})"),
            page.Rows("table[data-method='10x5 cross-validation']").Single(row => row[0] == "Brier score")[1]);
        Assert.Contains("corrected resampled t", page.Text("[data-intervals='10x5 cross-validation']"), StringComparison.Ordinal);
        Assert.Contains("DeLong", page.Text("[data-intervals='hold-out']"), StringComparison.Ordinal);
    }

    /// <summary>The same metric in the list of versions and on the page of a version, and no other metric outside of the tables.</summary>
    [Fact]
    public async Task The_page_of_a_version_has_one_headline_metric()
    {
        var (page, list, evaluations) = (await full.Get("/models/2"), await full.Get("/models"), await StoredEvaluations(2));

        var accuracy = evaluations.First(evaluation => evaluation.Method == "10x5 cross-validation").Metrics["accuracy"];
        var text = string.Create(CultureInfo.InvariantCulture, $"{100 * accuracy.Value:0.0}% ({100 * accuracy.Low:0.0}% to {100 * accuracy.High:0.0}%)");
        Assert.Equal($"Cross-validated accuracy: {text}", page.Text("#headline"));
        Assert.Equal(text, list.Rows("#model-versions").Single(row => row[0].StartsWith("Version 2", StringComparison.Ordinal))[2]);
        Assert.DoesNotContain("accuracy", page.Text("p.lead"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_every_segment_with_its_confusion_matrix()
    {
        var (page, evaluations) = (await full.Get("/models/2"), await StoredEvaluations(2));

        foreach (var record in evaluations.Where(evaluation => evaluation.Segments is not null))
        {
            var table = page.QuerySelector($"table[data-segments='{record.Method}']")!;
            Assert.Equal(
                ["1st class", "2nd class", "3rd class", "Male", "Female", "1st class, male", "1st class, female", "2nd class, male", "2nd class, female", "3rd class, male", "3rd class, female"],
                table.QuerySelectorAll("tbody th").Select(PageReading.NormalizedText));
            foreach (var segment in record.Segments!.Where(segment => segment is { Pclass: 3, Sex: "female" }))
            {
                var row = table.QuerySelectorAll("tbody tr").Single(row => row.Text("th") == "3rd class, female");
                Assert.Equal(segment.Rows, Count(table, row, "n"));
                Assert.Equal(segment.Confusion.TrueNegatives, Count(table, row, "Died, predicted died"));
                Assert.Equal(segment.Confusion.FalsePositives, Count(table, row, "Died, predicted survived"));
                Assert.Equal(segment.Confusion.FalseNegatives, Count(table, row, "Survived, predicted died"));
                Assert.Equal(segment.Confusion.TruePositives, Count(table, row, "Survived, predicted survived"));
            }
        }
        Assert.Equal(2, page.QuerySelectorAll("table[data-segments]").Length);
    }

    [Fact]
    public async Task The_chart_tables_contain_every_stored_point()
    {
        var (page, evaluations) = (await full.Get("/models/2"), await StoredEvaluations(2));

        var heldOut = evaluations.Single(evaluation => evaluation.Roc is not null);
        Assert.Equal(("knn", "hold-out"), (heldOut.Subject, heldOut.Method));
        AssertPoints(heldOut.Roc!, "roc");
        AssertPoints(heldOut.PrecisionRecall!, "precision-recall");
        var bins = page.QuerySelectorAll("[data-chart=calibration]")[1].QuerySelectorAll("tbody tr");
        Assert.Equal(heldOut.Calibration!.Select(bin => bin.Observed.Low), bins.Select(row => Number(row, "data-low")));

        void AssertPoints(IReadOnlyList<CurvePoint> stored, string chart) => Assert.Equal(
            stored.Select(point => (point.X, point.Y)),
            page.QuerySelectorAll($"[data-chart='{chart}'] tbody tr").Select(row => (Number(row, "data-x")!.Value, Number(row, "data-y")!.Value)));
    }

    [Fact]
    public async Task Draws_every_chart_from_its_table()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.GotoAsync("/models/2");
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.evaluation-chart[data-drawn=true]').length === 4");

        var pixelCounts = await page.EvaluateAsync<int[]>(
            """
            () => [...document.querySelectorAll(".evaluation-chart canvas")].map((canvas) =>
              canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.filter((value, i) => i % 4 === 3 && value > 0).length)
            """);
        Assert.All(pixelCounts, pixels => Assert.True(pixels > 2_000, $"{pixels} pixels"));
        await page.CloseAsync();
    }

    private static double Count(IElement table, IElement row, string column)
    {
        var columns = table.QuerySelectorAll("thead th").Select(PageReading.NormalizedText).ToList();
        return double.Parse(row.Children[columns.IndexOf(column)].NormalizedText(), NumberStyles.Number, CultureInfo.InvariantCulture);
    }

    private static double? Number(IElement row, string attribute) =>
        row.GetAttribute(attribute) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private async Task<IReadOnlyList<EvaluationRecord>> StoredEvaluations(int version)
    {
        await using var db = full.Database.NewContext();
        return (await db.ModelVersions.FindAsync([ModelRegistry.ModelName, version], TestContext.Current.CancellationToken))!.Evaluations;
    }
}
