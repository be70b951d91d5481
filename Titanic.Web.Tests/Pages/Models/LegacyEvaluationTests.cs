namespace Titanic.Web.Tests.Pages.Models;

/// <summary>A version registered before evaluations had curves, segments and average precision.</summary>
public sealed class LegacyEvaluationTests(FullSite site) : IClassFixture<FullSite>
{
    [Fact]
    public async Task Shows_an_evaluation_without_curves_and_segments()
    {
        await using (var command = site.Database.DataSource.CreateCommand(
            """
            update model_versions set evaluations =
                (select jsonb_agg((e - '{calibration,roc,precisionRecall,segments}'::text[]) #- '{metrics,averagePrecision}' #- '{metrics,brier,low}' #- '{metrics,brier,high}' order by place)
                 from jsonb_array_elements(evaluations) with ordinality as each(e, place))
            where version = 1
            """))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var page = await site.Get("/models/1");
        var rows = page.Rows("table[data-method='10x5 cross-validation']");

        Assert.Equal("–", rows.Single(row => row[0] == "Average precision")[1]);
        Assert.Matches(@"^0\.\d{3} \(± 0\.\d{3}\)$", rows.Single(row => row[0] == "Brier score")[1]);
        Assert.Matches(@"^\d\d\.\d% \(\d\d\.\d% to \d\d\.\d%; ± \d\.\d points\)$", rows.Single(row => row[0] == "Accuracy")[1]);
        Assert.Empty(page.QuerySelectorAll("[data-chart], [data-segments]"));
        Assert.NotEmpty(page.QuerySelectorAll("table.confusion"));
    }
}
