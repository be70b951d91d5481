using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Lifecycle;

/// <summary>The evidence for the promotion gate on successive days, on a real database.</summary>
public sealed class PromotionEvidenceTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly _day = TestWorkflow.FirstDay;

    [Fact]
    public async Task The_first_version_beats_both_baselines()
    {
        await using var workflow = new TestWorkflow(Database);
        var evidence = (await Version(workflow, 1)).Gate.Evidence;

        Assert.Equal((1309, null, null, null), (evidence.Rows, evidence.Champion, evidence.Live, evidence.ReferenceChampion));
        Assert.Equal(["majority", "female survives"], evidence.Baselines!.Select(baseline => baseline.Name));
        Assert.All(evidence.Baselines!, baseline => Assert.True(baseline.OnlyCandidateRight > baseline.OnlyBaselineRight));
        Assert.Equal(809 / 1309.0, evidence.BaselineAccuracy, 12); // 809 of 1309 died
        Assert.InRange(evidence.CandidateAccuracy, 0.78, 0.82);
    }

    [Fact]
    public async Task Compares_all_rows_of_the_new_dataset_and_the_stored_live_predictions()
    {
        await using var workflow = new TestWorkflow(Database);
        await workflow.SimulateDay(_day);
        await workflow.SimulateDay(_day.AddDays(1));

        var (second, third) = ((await Version(workflow, 2)).Gate, (await Version(workflow, 3)).Gate);
        Assert.Equal((1319, 1, 1319), (second.Evidence.Rows, second.Evidence.Champion!.Version, second.Evidence.Champion.Rows));
        Assert.Equal((1, 10), (second.Evidence.Live!.Version, second.Evidence.Live.Rows));
        Assert.Equal((2, 1329, 2, 10), (third.Evidence.Champion!.Version, third.Evidence.Champion.Rows, third.Evidence.Live!.Version, third.Evidence.Live.Rows));
        var right = await workflow.Scalar<long>(
            "select count(*) from predictions a join outcomes o using (passenger_id) where a.model_version = 2 and a.survived = o.survived");
        Assert.Equal(right, third.Evidence.Live.BothRight + third.Evidence.Live.OnlyChampionRight);
    }

    [Fact]
    public async Task The_reference_champion_stays_until_a_version_is_significantly_better()
    {
        await using var workflow = new TestWorkflow(Database);
        await workflow.SimulateDay(_day);
        await workflow.SimulateDay(_day.AddDays(1));

        var (second, third) = ((await Version(workflow, 2)).Gate, (await Version(workflow, 3)).Gate);
        Assert.Equal((Verdict.Promote, 1, null), (second.Verdict, second.ReferenceChampion, second.Evidence.ReferenceChampion));
        Assert.Equal((Verdict.Promote, 1, 1), (third.Verdict, third.ReferenceChampion, third.Evidence.ReferenceChampion!.Version));
    }

    /// <summary>A manual promotion sets the reference champion, whatever the gate verdict of the version.</summary>
    [Fact]
    public async Task A_manually_promoted_version_becomes_the_reference_champion()
    {
        await using var workflow = new TestWorkflow(Database);
        await workflow.Register(Verdict.Hold);
        await workflow.Promote(2, force: true);
        await workflow.SimulateDay(_day);

        var gate = (await Version(workflow, 3)).Gate;
        Assert.Equal((2, null, 2), (gate.Evidence.Champion!.Version, gate.Evidence.ReferenceChampion, gate.ReferenceChampion));
    }

    [Fact]
    public async Task A_corrupt_champion_can_be_replaced()
    {
        await using var workflow = new TestWorkflow(Database);
        await workflow.SimulateDay(_day);
        await workflow.Execute("update model_versions set artifact = set_byte(artifact, 100, get_byte(artifact, 100) # 1) where version = 2");
        await workflow.Run(PipelineNames.Feature, _day.AddDays(1));
        await workflow.Run(PipelineNames.Inference, _day.AddDays(1));

        var run = await workflow.Run(PipelineNames.Training, _day.AddDays(1));

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal(3, await workflow.Champion());
    }

    /// <summary>
    /// All names get other keys, and so other folds. The same model on the same rows makes the same predictions, unless it is fitted on a person
    /// that it predicts, under the earlier name.
    /// </summary>
    [Fact]
    public async Task Persons_renamed_after_the_training_of_the_champion_are_not_predicted_by_a_fit_that_contains_them()
    {
        await using var workflow = new TestWorkflow(Database);
        await workflow.Ingest(PassengerSources.Titanic3, _day, [.. workflow.GetRequired<BundledDataset>().Passengers.Select(passenger => passenger with { Name = passenger.Name + " Zzz" })]);
        var champion = await Version(workflow, 1);
        var trainer = champion.CreateTrainer();
        var definition = new TrainingDatasetDefinition(trainer.View, 2, FeatureReader.StartOf(_day.AddDays(1)), PassengerSources.Historical);
        var points = await workflow.InScope<TrainingDatasets, TrainingPoints>(datasets => datasets.ReadPoints(definition, Cancellation));

        var evidence = await workflow.InScope<PromotionEvidence, GateEvidence>(collector => collector.Collect(trainer, definition, points, [champion], new StepProgress(Cancellation)));

        Assert.Equal((1309, 0, 0), (evidence.Champion!.Rows, evidence.Champion.OnlyCandidateRight, evidence.Champion.OnlyChampionRight));
        Assert.NotEqual(champion.Gate.Evidence.CandidateAccuracy, evidence.CandidateAccuracy); // other folds
    }

    private static Task<ModelVersion> Version(TestWorkflow workflow, int number) =>
        workflow.Query(db => db.ModelVersions.SingleAsync(version => version.Version == number, Cancellation));
}
