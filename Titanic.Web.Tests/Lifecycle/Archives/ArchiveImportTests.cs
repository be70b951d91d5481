using System.Text;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>Exports a version from one store and imports it into another.</summary>
public sealed class ArchiveImportTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    [Fact]
    public async Task The_same_version_has_the_same_archive_bytes()
    {
        var first = await Workflow.Export(1);
        await using var restarted = new TestWorkflow(Database, TestClock.CreateAt(TestWorkflow.FirstDay.AddDays(100)));

        Assert.Equal(first, await restarted.Export(1));
    }

    [Fact]
    public async Task Imports_a_version_with_its_rows_into_an_empty_store_on_hold()
    {
        var archive = await Workflow.Export(1);
        var there = (await Workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(1, Cancellation)))!;
        await using var database = await Postgres.CreateDatabase();
        await using var empty = new TestWorkflow(database);

        var imported = await empty.Import(archive);

        Assert.True(imported.IsNew);
        var here = (await empty.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(1, Cancellation)))!;
        Assert.Equal((there.ArtifactSha256, there.CodeVersion, there.Algorithm, there.InputExample), (here.ArtifactSha256, here.CodeVersion, here.Algorithm, here.InputExample));
        Assert.Equal(there.Artifact, here.Artifact);
        Assert.Equal((Verdict.Hold, "Imported from an archive; compare it with the champion before you promote it."), (here.Gate.Verdict, here.Gate.Reason));
        var heldOut = there.Evaluations.Where(evaluation => evaluation.Method == "hold-out").ToDictionary(evaluation => evaluation.Subject, evaluation => evaluation.Metrics["accuracy"].Value);
        Assert.Equal((241, heldOut["knn"], heldOut["majority"]), (here.Gate.Evidence.Rows, here.Gate.Evidence.CandidateAccuracy, here.Gate.Evidence.BaselineAccuracy));
        Assert.Equal((null, (long?)null, 1, there.RunId, "a test", imported.Sha256), (here.TrainingDatasetId, here.RunId, here.Origin!.Version, here.Origin.RunId, here.Origin.ImportedBy, here.Origin.ArchiveSha256));
        Assert.Equal(TrainedArchive.FilesOf(archive)[ArchiveLayout.Rows], await empty.Scalar<byte[]>("select csv from imported_datasets"));
        Assert.Null(await empty.Champion());
        Assert.Equal(1, await empty.Count("access.audit_log", $"what = 'version imported' and subject = 'version 1' and who = 'a test' and details like '%{imported.Sha256}'"));
    }

    [Fact]
    public async Task Importing_the_same_artifact_again_changes_nothing()
    {
        var archive = await Workflow.Export(1);

        var imported = await Workflow.Import(archive);

        Assert.Equal((false, 1, "Nothing was imported: version 1 already has the same artifact."), (imported.IsNew, imported.Version.Version, imported.ToString()));
        Assert.Equal((1, 0, 0), (await Workflow.Count("model_versions"), await Workflow.Count("imported_datasets"), await Workflow.Count("access.audit_log", "what = 'version imported'")));
    }

    /// <summary>Both stores have the bundled dataset, but the other store trained with another k.</summary>
    [Fact]
    public async Task Rows_of_an_existing_dataset_are_not_stored_again()
    {
        await using var database = await Postgres.CreateDatabase();
        await using var other = new TestWorkflow(database, ("Training:K", "9"), ("Training:Selection:Enabled", "false"));
        await other.ImportAndTrain();
        var archive = await other.Export(1);

        var imported = await Workflow.Import(archive);

        Assert.Equal((true, 2, 1L), (imported.IsNew, imported.Version.Version, imported.Version.TrainingDatasetId));
        Assert.Equal((0L, "9"), (await Workflow.Count("imported_datasets"), imported.Version.Hyperparameters["k"]));
    }

    [Fact]
    public async Task An_invalid_archive_stores_nothing()
    {
        var archive = await Workflow.Export(1);
        archive[^3000] ^= 1;
        await using var database = await Postgres.CreateDatabase();
        await using var empty = new TestWorkflow(database);

        var error = await Assert.ThrowsAsync<InvalidArchiveException>(() => empty.Import(archive));

        Assert.StartsWith(
            "Nothing was imported. Container: The file training-data.csv is corrupt", error.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0), (await empty.Count("model_versions"), await empty.Count("imported_datasets"), await empty.Count("access.audit_log")));
    }

    /// <summary>
    /// An imported version that is promoted manually serves predictions, is explained, and is compared with the next candidate.
    /// </summary>
    [Fact]
    public async Task An_imported_champion_serves_predictions_and_explanations()
    {
        await using var database = await Postgres.CreateDatabase();
        await using var here = new TestWorkflow(database);
        await here.Import(await Workflow.Export(1));
        await here.Promote(1, force: true);
        await here.Ingest(PassengerSources.Synthetic, TestWorkflow.FirstDay, [.. NewPassengers()]);
        await here.SimulateDay(TestWorkflow.FirstDay);
        Assert.True(await here.Count("predictions") > 0);
        Assert.Equal(0, await here.Count("predictions", "model_version <> 1 or not is_live"));

        // The candidate of the next day is compared with the imported champion, which is refitted on its imported rows.
        await here.SimulateDay(TestWorkflow.FirstDay.AddDays(1));
        var next = (await here.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(2, Cancellation)))!;
        Assert.Equal(1, next.Gate.Evidence.Champion?.Version);

        var stored = (await here.InScope<PredictionReader, PredictionWithView?>(reader => reader.Find(1, Cancellation)))!;
        Assert.Equal("titanic_binned v1", stored.View.Schema.ToString());
        var served = LoadedModel.Of((await here.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(1, Cancellation)))!);
        var explained = await here.InScope<Explainer, ExplanationResponse>(explainer => explainer.Explain(served, stored.Prediction, Cancellation));
        Assert.All(explained.Neighbors, neighbor => Assert.Empty(neighbor.People));
    }

    /// <summary>Stream rows before the label cutoff can be the same passengers in both stores.</summary>
    [Fact]
    public async Task Passengers_before_the_label_cutoff_of_imported_stream_rows_are_not_live()
    {
        await Workflow.SimulateDay(TestWorkflow.FirstDay);
        var trained = (await Workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(2, Cancellation)))!;
        await using var database = await Postgres.CreateDatabase();
        await using var here = new TestWorkflow(database);
        await here.Import(await Workflow.Export(trained.Version));
        await here.Promote(1, force: true);
        Assert.Contains(PassengerSources.Synthetic, (await here.Scalar<string[]>("select array(select jsonb_array_elements_text(origin -> 'dataset' -> 'sources') from model_versions)")));
        await here.Ingest(PassengerSources.Synthetic, TestWorkflow.FirstDay, new Passenger("early", null, 1, Sex.Male, 30, 30, true));
        await here.Ingest(PassengerSources.Synthetic, TestWorkflow.FirstDay.AddDays(1), new Passenger("late", null, 1, Sex.Male, 30, 30, true));

        await here.InScope<BatchInference, (int, int?)>(batch => batch.PredictUnpredicted(TestWorkflow.FirstDay.AddDays(1), null, Cancellation));

        Assert.Equal(
            ["early False", "late True"],
            await here.Scalar<string[]>("select array(select p.source_key || ' ' || initcap(a.is_live::text) from predictions a join passengers p using (passenger_id) order by 1)"));
    }

    [Fact]
    public async Task An_imported_version_can_be_exported_again_with_its_origins()
    {
        await using var second = await Postgres.CreateDatabase();
        await using var third = await Postgres.CreateDatabase();
        await using var there = new TestWorkflow(second);
        await using var here = new TestWorkflow(third);
        var archive = await Workflow.Export(1);
        await there.Import(archive);

        var again = await there.Export(1);
        var imported = await here.Import(again);

        Assert.Equal(TrainedArchive.FilesOf(archive)[ArchiveLayout.Rows], TrainedArchive.FilesOf(again)[ArchiveLayout.Rows]);
        Assert.Equal(TrainedArchive.FilesOf(archive)[ArchiveLayout.Model], TrainedArchive.FilesOf(again)[ArchiveLayout.Model]);
        Assert.Equal((await there.Import(archive)).Version.Origin!.ArchiveSha256, imported.Version.Origin!.Earlier!.ArchiveSha256);
    }

    /// <summary>ML.NET models are not loaded from archives but retrained and compared.</summary>
    [Fact]
    public async Task An_ML_NET_model_is_retrained_before_the_import()
    {
        await Workflow.Run(PipelineNames.Training, TestWorkflow.FirstDay.AddDays(-1), alternative: "logistic-regression");
        var archive = await Workflow.Export(2);
        await using var database = await Postgres.CreateDatabase();
        await using var empty = new TestWorkflow(database);

        var imported = await empty.Import(archive);

        Assert.Equal(("logistic regression", true), (imported.Version.Algorithm, imported.IsNew));
        var files = TrainedArchive.FilesOf(archive);
        files[ArchiveLayout.Model][^1] ^= 1;
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(files[ArchiveLayout.Model]));
        files[ArchiveLayout.Version] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files[ArchiveLayout.Version]).Replace(imported.Version.ArtifactSha256, sha256, StringComparison.Ordinal));
        Assert.Contains("; they must be identical.", (await Assert.ThrowsAsync<InvalidArchiveException>(() => empty.Import(SampleArchive.Pack(files)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corrupt_artifact_or_changed_rows_are_not_exported()
    {
        await Workflow.Execute("update model_versions set artifact = set_byte(artifact, 100, get_byte(artifact, 100) # 1)");
        Assert.Contains("it is corrupt and cannot be served", (await Assert.ThrowsAsync<InvalidDataException>(() => Workflow.Export(1))).Message, StringComparison.Ordinal);
        await Workflow.Execute("update model_versions set artifact = set_byte(artifact, 100, get_byte(artifact, 100) # 1)");
        await Workflow.Execute("update passengers set titanic_binned_v1 = (titanic_binned_v1 + 1) % 396 where source_key = '1'");
        Assert.Contains("Training dataset 1 reads as SHA-256", (await Assert.ThrowsAsync<InvalidDataException>(() => Workflow.Export(1))).Message, StringComparison.Ordinal);
    }

    /// <summary>Enough persons of both outcomes to train and to evaluate.</summary>
    private static IEnumerable<Passenger> NewPassengers() => Enumerable.Range(0, 200).Select(number =>
        new Passenger($"more {number}", null, number % 3 + 1, number % 2 == 0 ? Sex.Female : Sex.Male, number % 60, number % 90, number % 2 == 0));
}
