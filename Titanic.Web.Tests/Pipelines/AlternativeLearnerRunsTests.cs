using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Training runs with ML.NET's alternative learners, on a real database.</summary>
public sealed class AlternativeLearnerRunsTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly _day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Compares_alternative_learners_only_in_a_run_for_today()
    {
        await using var workflow = new TestWorkflow(Database, ("Training:Challengers:Repeats", "2"));
        await workflow.ImportAndTrain();
        await workflow.SimulateDay(_day);

        Assert.Null((await Version(workflow, 1)).Comparison);
        var comparison = (await Version(workflow, 2)).Comparison!;
        Assert.Equal((1319, 2, 5, 1912), (comparison.Rows, comparison.Repeats, comparison.Folds, comparison.Seed));
        Assert.Equal(
            ["logistic regression", "boosted trees (FastTree)", "boosted trees (LightGBM)", "majority", "female survives"],
            comparison.Learners.Select(learner => learner.Name));
        Assert.All(comparison.Learners, learner =>
        {
            Assert.Null(learner.NotMeasured);
            Assert.Equal(learner.Brier!.Value - comparison.Brier, learner.BrierDifference!.Value!.Value, 3); // mean over folds against mean over repeats
            Assert.Equal(learner.Accuracy!.Value - comparison.Accuracy, learner.AccuracyDifference!.Value!.Value, 3);
            Assert.InRange(learner.BrierDifference.Value.Value, learner.BrierDifference.Low!.Value, learner.BrierDifference.High!.Value);
        });
        var majority = comparison.Learners[3];
        Assert.True(majority.BrierDifference!.Low > 0.05 && majority.AccuracyDifference!.High < -0.1, "The K-NN is significantly better than the majority baseline.");
    }

    [Fact]
    public async Task The_same_rows_give_the_same_comparison_in_another_database()
    {
        await using var database = await Postgres.CreateDatabase();
        await using var first = new TestWorkflow(Database, ("Training:Challengers:Repeats", "1"));
        await using var second = new TestWorkflow(database, ("Training:Challengers:Repeats", "1"));

        Assert.Equal(await Comparison(first), await Comparison(second));

        static async Task<string> Comparison(TestWorkflow workflow)
        {
            await workflow.ImportAndTrain();
            await workflow.SimulateDay(_day);
            return await workflow.Scalar<string>("select jsonb_build_array(comparison, selection, evaluations)::text from model_versions where version = 2");
        }
    }

    [Theory]
    [InlineData("logistic-regression", "logistic regression", "Logistic regression", "titanic_binned")]
    [InlineData("fast-tree", "boosted trees (FastTree)", "FastTree", "titanic_numeric")]
    [InlineData("light-gbm", "boosted trees (LightGBM)", "LightGBM", "titanic_numeric")]
    public async Task Registers_a_version_of_the_requested_learner_without_promoting_it(string name, string algorithm, string displayed, string view)
    {
        await using var database = await Postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);

        var run = await workflow.Run(PipelineNames.Training, _day.AddDays(-1), alternative: name);
        var again = await workflow.Run(PipelineNames.Training, _day.AddDays(-1), alternative: name);
        var knn = await workflow.Run(PipelineNames.Training, _day.AddDays(-1));

        Assert.Matches(
            $@"^Version 2 \({displayed}\) was trained on 1,309 rows: 1x5 cross-validation accuracy \d\d\.\d%", run.Summary);
        Assert.EndsWith("Gate: HOLD. Registered on request; not evaluated for promotion.", run.Summary, StringComparison.Ordinal);
        Assert.Equal($"Nothing to train: version 2 ({displayed}) was trained on the same 1,309 rows.", again.Summary);
        Assert.Equal("Nothing to train: version 1 was trained on the same 1,309 rows with the same hyperparameters.", knn.Summary);
        Assert.Equal(1, await workflow.Champion());

        var version = await Version(workflow, 2);
        var dataset = await workflow.Query(db => db.TrainingDatasets.SingleAsync(d => d.TrainingDatasetId == version.TrainingDatasetId, Cancellation));
        Assert.Equal((algorithm, Verdict.Hold, view), (version.Algorithm, version.Gate.Verdict, dataset.ViewName));
        Assert.Equal(1, version.Gate.Evidence.Champion!.Version);
        var model = LearnerCatalog.Load(version.Algorithm, version.Artifact);
        var point = TrainingViews.Get(view, 1).Encode(version.InputExample.Pclass, Titanic.Web.Passengers.Sex.Male, null, null);
        Assert.Equal(new ClassPrediction(version.InputExample.Survived, version.InputExample.Probability), model.Predict(point));
    }

    /// <summary>
    /// The registry does not promote an alternative learner. If the database names one as champion all the same, the next K-NN is compared
    /// with it, each on its own feature view.
    /// </summary>
    [Fact]
    public async Task The_gate_compares_with_a_champion_of_another_algorithm()
    {
        await using var database = await Postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Run(PipelineNames.Training, _day.AddDays(-1), alternative: "fast-tree");
        await workflow.PromoteBySql(2);
        await using var other = new TestWorkflow(database, ("Training:K", "3"));

        var run = await other.Run(PipelineNames.Training, _day.AddDays(-1));

        Assert.Equal(RunStatus.Succeeded, run.Status);
        var paired = (await Version(workflow, 3)).Gate.Evidence.Champion!;
        Assert.Equal(2, paired.Version);
        Assert.True(paired.BothRight > 150, $"Both models are correct on {paired.BothRight} rows.");
    }

    private static Task<ModelVersion> Version(TestWorkflow workflow, int number) =>
        workflow.Query(db => db.ModelVersions.SingleAsync(version => version.Version == number, Cancellation));
}
