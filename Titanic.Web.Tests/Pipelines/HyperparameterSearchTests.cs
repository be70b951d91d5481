using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Which hyperparameters the training pipeline selects, on a real database.</summary>
public sealed class HyperparameterSearchTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly _day = TestWorkflow.FirstDay;
    private static readonly SelectionSettings _default = new();

    [Fact]
    public async Task Stores_the_search_and_reuses_it_until_the_rows_grow_by_a_tenth()
    {
        await using var workflow = new TestWorkflow(
            Database, ("Training:Selection:K", "5,7"), ("Training:Selection:Metrics", _default.Metrics), ("Training:Selection:Weights", _default.Weights));
        await workflow.ImportAndTrain();
        await workflow.SimulateDay(_day);
        await workflow.Ingest(PassengerSources.Upload, _day, PassengersDecidedByExactAge(121, from: 1));
        await workflow.SimulateDay(_day.AddDays(1));

        var (first, second, third) = (await Version(workflow, 1), await Version(workflow, 2), await Version(workflow, 3));
        var search = first.Selection!.Search!;
        Assert.Equal((1309, 1, 5, 16), (search.Rows, search.Repeats, search.Folds, search.Candidates.Count));
        Assert.Equal(Enumerable.Range(1, 16), search.Candidates.Select(candidate => candidate.Rank));
        var chosen = Assert.Single(search.Candidates, candidate => candidate.IsChosen);
        Assert.Equal("titanic_binned v1", chosen.View);
        Assert.InRange(int.Parse(chosen.Hyperparameters["k"], System.Globalization.CultureInfo.InvariantCulture), 3, 9); // their accuracies do not differ
        Assert.Equal(5, search.Nested.Chosen.Count);
        Assert.InRange(search.Nested.Accuracy, 0.78, 0.82);
        var nested = Assert.Single(first.Evaluations, evaluation => evaluation.Method == "nested 5-fold cross-validation");
        Assert.Equal((1309, search.Nested.Brier), (nested.Rows, nested.Metrics["brier"].Value));

        Assert.Equal((1, null), (second.Selection!.KeptFromVersion, second.Selection.Search));
        Assert.Equal("The selection of version 1 is reused: its search had 1,309 rows, and 1,319 rows differ from that by less than a tenth.", second.Selection.Reason);
        Assert.Equal((null, 1309 + 20 + 121), (third.Selection!.KeptFromVersion, third.Selection.Search?.Rows));
    }

    [Fact]
    public async Task Searches_again_for_other_settings_and_does_not_retrain_for_the_same()
    {
        await using var workflow = new TestWorkflow(Database);
        await workflow.ImportAndTrain();
        await using var other = new TestWorkflow(Database, ("Training:Selection:K", "5,9"));

        var again = await workflow.Run(PipelineNames.Training, _day.AddDays(-1));
        var searched = await other.Run(PipelineNames.Training, _day.AddDays(-1));
        var searchedAgain = await other.Run(PipelineNames.Training, _day.AddDays(-1));
        var asBefore = await workflow.Run(PipelineNames.Training, _day.AddDays(-1));

        Assert.Equal("Nothing to train: version 1 was trained on the same 1,309 rows with the same hyperparameters.", again.Summary);
        Assert.StartsWith("Version 2 was trained on 1,309 rows", searched.Summary, StringComparison.Ordinal);
        Assert.Equal(5, (await Version(workflow, 2)).Selection!.Search!.Candidates.Count); // two k in each of two views, and k = 7 as configured
        Assert.Equal(
            "Nothing to train: version 2 was trained on the same 1,309 rows with the same hyperparameters.", searchedAgain.Summary);
        Assert.Equal(again.Summary, asBefore.Summary);
    }

    [Fact]
    public async Task Uses_the_configured_hyperparameters_when_the_search_is_disabled()
    {
        await using var workflow = new TestWorkflow(Database, ("Training:Selection:Enabled", "false"), ("Training:K", "9"));
        await workflow.ImportAndTrain();

        var version = await Version(workflow, 1);
        Assert.Equal(("9", null), (version.Hyperparameters["k"], version.Selection));
        Assert.DoesNotContain(version.Evaluations, evaluation => evaluation.Method.StartsWith("nested", StringComparison.Ordinal));
        Assert.StartsWith(
            "Nothing to train", (await workflow.Run(PipelineNames.Training, _day.AddDays(-1))).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compares_a_model_of_another_view_with_the_champion_on_identical_passengers()
    {
        await using var binned = new TestWorkflow(Database, ("Training:Selection:Enabled", "false"));
        await binned.Ingest(PassengerSources.Upload, _day.AddDays(-2), PassengersDecidedByExactAge(600, from: 1));
        await binned.Run(PipelineNames.Training, _day.AddDays(-1));
        await using var workflow = new TestWorkflow(Database);

        var run = await workflow.Run(PipelineNames.Training, _day.AddDays(-1));

        Assert.StartsWith("Version 2 was trained on 600 rows", run.Summary, StringComparison.Ordinal);
        var version = await Version(workflow, 2);
        var dataset = await workflow.Query(db => db.TrainingDatasets.SingleAsync(d => d.TrainingDatasetId == version.TrainingDatasetId, Cancellation));
        Assert.Equal(
            ("titanic_numeric", NumericEncoder.Id, Verdict.Promote), (dataset.ViewName, version.Signature.EncoderId, version.Gate.Verdict));
        Assert.Equal("titanic_numeric v1", Assert.Single(version.Selection!.Search!.Candidates, candidate => candidate.IsChosen).View);
        var paired = version.Gate.Evidence.Champion!;
        Assert.Equal(600, paired.Rows);
        Assert.True(paired.OnlyCandidateRight > 5 * paired.OnlyChampionRight, $"{paired.OnlyCandidateRight} to {paired.OnlyChampionRight}");
        Assert.True(version.Gate.Evidence.CandidateAccuracy > 0.9);
    }

    /// <summary>
    /// First-class passengers die; of the others, those aged 24 or older survive. All are in one age group, so only the view with the exact
    /// age can separate them.
    /// </summary>
    private static Passenger[] PassengersDecidedByExactAge(int passengers, int from) =>
    [
        .. Enumerable.Range(from, passengers).Select(number => new Passenger(
            $"made up {number}", $"Passenger {number}", 1 + number % 3, (Sex)(number % 2), 19 + number * 7 % 17, 10 + number % 29,
            number % 3 > 0 && 19 + number * 7 % 17 >= 24)),
    ];

    private static Task<ModelVersion> Version(TestWorkflow workflow, int number) =>
        workflow.Query(db => db.ModelVersions.SingleAsync(version => version.Version == number, Cancellation));
}
