using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Lifecycle;

/// <summary>Comparisons of two versions on a real database.</summary>
public sealed class VersionComparerTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly _day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Compares_all_inputs_of_two_versions_of_the_same_finite_view()
    {
        for (var day = 0; day < 3; day++)
            await Workflow.SimulateDay(_day.AddDays(day));

        var compared = await Compare("1", "4");

        var (first, second) = (KnnModel.Load((await Version(1)).Artifact), KnnModel.Load((await Version(4)).Artifact));
        double[][] points = [.. Enumerable.Range(0, 396).Select(code => BinnedPoint.FromCode(code).Features)];
        var flips = points.Count(point => first.Predict(point).Survived != second.Predict(point).Survived);
        var predictions = compared.Predictions!;
        Assert.Equal((true, 396, flips, flips), (predictions.IsExact, predictions.Inputs, predictions.FlipCount, predictions.Flips.Count));
        Assert.Equal(points.Count(point => first.Predict(point) != second.Predict(point)), predictions.DifferenceCount);
        Assert.StartsWith($"{flips} of 396 predictions flip.", predictions.Sentence, StringComparison.Ordinal);
        var rich = predictions.Grid.Panels.Single(panel => panel is { Pclass: "1st class", Sex: "female" }).Rows[3][6]; // a young adult, over £125 to £150
        var input = BinnedEncoder.Encode(1, Sex.Female, 29, 140).Features;
        Assert.Equal(("Young adult", first.Predict(input).Probability, second.Predict(input).Probability), (rich.Age, rich.First.Probability, rich.Second.Probability));
    }

    [Fact]
    public async Task Computes_a_comparison_once_and_reads_the_aliases_each_time()
    {
        await Workflow.SimulateDay(_day);
        var compared = await Compare("1", "2");
        Assert.NotEmpty(compared.First.Aliases.Concat(compared.Second.Aliases));
        await Workflow.Execute("delete from alias_assignments");

        var again = await Compare("1", "2");

        Assert.Same(compared.Metrics, again.Metrics);
        Assert.Same(compared.Predictions, again.Predictions);
        Assert.Empty(again.First.Aliases.Concat(again.Second.Aliases));
    }

    [Fact]
    public async Task Compares_training_data_and_metrics()
    {
        await Workflow.SimulateDay(_day);
        await Workflow.SimulateDay(_day.AddDays(1));

        var compared = await Compare("previous", "champion");

        Assert.Equal((2, 3), (compared.First.Version, compared.Second.Version));
        Assert.Equal(["previous", "champion"], compared.First.Aliases.Concat(compared.Second.Aliases));
        Assert.Equal(new DatasetDifference(0, 10, 1319, 0), compared.Data);
        Assert.Equal(1329, compared.Metrics!.Rows);
        var (accuracy, recall, specificity, balanced) = (compared.Metrics.Metrics[0], compared.Metrics.Metrics[1], compared.Metrics.Metrics[2], compared.Metrics.Metrics[3]);
        Assert.Equal(compared.Metrics.Rows, recall.Rows + specificity.Rows);
        var discordant = compared.Metrics.OnlyFirstRight + compared.Metrics.OnlySecondRight;
        Assert.Equal(
            (discordant, discordant, discordant),
            (accuracy.DiscordantRows, recall.DiscordantRows + specificity.DiscordantRows, balanced.DiscordantRows));
        Assert.Equal(accuracy.First!.Value * 1329, recall.First!.Value * recall.Rows + specificity.First!.Value * specificity.Rows, 1e-6);
        Assert.Equal((recall.First + specificity.First) / 2, balanced.First);
        Assert.All(compared.Metrics.Metrics, metric =>
        {
            Assert.Equal(metric.Second!.Value - metric.First!.Value, metric.Difference!.Value!.Value, 1e-9);
            Assert.InRange(metric.Difference.Value.Value, metric.Difference.Low!.Value, metric.Difference.High!.Value);
        });
        // The gate compared the same two on the same rows.
        var gate = (await Version(3)).Gate.Evidence.Champion!;
        Assert.Equal((gate.OnlyChampionRight, gate.OnlyCandidateRight, gate.PValue), (compared.Metrics.OnlyFirstRight, compared.Metrics.OnlySecondRight, compared.Metrics.McNemarPValue));
    }

    [Fact]
    public async Task Counts_corrected_and_deleted_rows()
    {
        await Workflow.Ingest(PassengerSources.Titanic3, _day, new Passenger("1", "Allen, Miss. Elisabeth Walton", 1, Sex.Female, 30, 211.3375, true));
        await Workflow.SimulateDay(_day);

        Assert.Equal(new DatasetDifference(0, 10, 1308, 1), (await Compare("1", "2")).Data);
        Assert.Equal(new DatasetDifference(10, 0, 1308, 1), (await Compare("2", "1")).Data);
    }

    [Fact]
    public async Task A_version_does_not_differ_from_itself()
    {
        var compared = await Compare("1", "champion");

        Assert.Equal((0, 0), (compared.Predictions!.FlipCount, compared.Predictions.DifferenceCount));
        Assert.Equal((0, 0, 1.0), (compared.Metrics!.OnlyFirstRight, compared.Metrics.OnlySecondRight, compared.Metrics.McNemarPValue));
        Assert.Equal(new DatasetDifference(0, 0, 1309, 0), compared.Data);
        Assert.All(compared.Options, option => Assert.True(option.IsEqual));
    }

    [Theory]
    [InlineData("logistic-regression")]
    [InlineData("fast-tree")]
    public async Task Versions_without_a_common_finite_view_are_compared_on_a_fixed_grid(string algorithm)
    {
        await Workflow.Run(PipelineNames.Training, _day.AddDays(-1), alternative: algorithm);

        var compared = await Compare("1", "2");

        Assert.Equal((false, 2520), (compared.Predictions!.IsExact, compared.Predictions.Inputs));
        Assert.Contains("of 2,520 predictions for a fixed grid of inputs flip", compared.Predictions.Sentence, StringComparison.Ordinal);
        var (knn, other) = (KnnModel.Load((await Version(1)).Artifact), AlternativeLearners.Find(algorithm)!.Load((await Version(2)).Artifact));
        var view = AlternativeLearners.Find(algorithm)!.View;
        var cell = compared.Predictions.Grid.Panels.Single(panel => panel is { Pclass: "3rd class", Sex: "male" }).Rows[8][3]; // 30 years, £7.50
        Assert.Equal(("30 years", "£7.50"), (cell.Age, cell.Fare));
        Assert.Equal(knn.Predict(BinnedEncoder.Encode(3, Sex.Male, 30, 7.5).Features).Probability, cell.First.Probability);
        Assert.Equal(other.Predict(view.Encode(3, Sex.Male, 30, 7.5)).Probability, cell.Second.Probability);
        Assert.Equal(1309, compared.Metrics!.Rows);
        Assert.Contains(compared.Options, option => option is { Name: "k", First: "7", Second: null });
    }

    [Fact]
    public async Task A_corrupt_version_gets_a_message_and_the_other_parts()
    {
        await Workflow.Register(Verdict.Hold);
        await Workflow.Execute("update model_versions set artifact = set_byte(artifact, 100, get_byte(artifact, 100) # 1) where version = 2");

        var compared = await Compare("1", "2");

        Assert.Null(compared.Predictions);
        Assert.Contains("titanic_knn version 2 has SHA-256", compared.NoPredictions, StringComparison.Ordinal);
        Assert.Equal(1309, compared.Metrics!.Rows);
    }

    [Theory]
    [InlineData("17", "1", "a", "There is no version 17 of titanic_knn; the page /models and GET /api/models list the versions.")]
    [InlineData("1", "challenger", "b", "There is no version with the alias challenger; the page /models and GET /api/models list the versions.")]
    [InlineData("1", "-1", "b", "There is no version or alias \"-1\"; there are version numbers, champion, challenger, previous.")]
    [InlineData("99999999999999999999", "1", "a", "There is no version 99999999999999999999 of titanic_knn; the page /models and GET /api/models list the versions.")]
    [InlineData(" ", "1", "a", "The version is missing; it must be a version number or an alias, such as champion.")]
    [InlineData("1", null, "b", "The version is missing; it must be a version number or an alias, such as champion.")]
    public async Task Reports_which_version_is_unknown(string? a, string? b, string side, string message)
    {
        var unknown = await Assert.ThrowsAsync<UnknownVersionException>(() => Compare(a, b));

        Assert.Equal((side, message), (unknown.Side, unknown.Message));
    }

    private Task<VersionComparison> Compare(string? a, string? b) =>
        Workflow.InScope<VersionComparer, VersionComparison>(comparer => comparer.Compare(a, b, TestWorkflow.Cancellation));

    private async Task<ModelVersion> Version(int number) =>
        (await Workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(number, TestWorkflow.Cancellation)))!;
}
