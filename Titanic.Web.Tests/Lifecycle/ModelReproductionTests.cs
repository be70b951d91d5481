using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Lifecycle;

public sealed class ModelReproductionTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly _day = TestWorkflow.FirstDay;

    [Fact]
    public async Task A_version_comes_out_with_the_same_rows_bytes_and_figures()
    {
        var version = await Workflow.Ask(db => db.ModelVersions.SingleAsync(Cancellation));
        var dataset = await Workflow.Ask(db => db.TrainingDatasets.SingleAsync(Cancellation));

        await Workflow.Reproduce(1);

        var stored = await Workflow.Ask(db => db.Reproductions.SingleAsync(Cancellation));
        Assert.Equal((ReproductionVerdict.Reproduced, "a test", null, null), (stored.Verdict, stored.AskedBy, stored.RunId, stored.AuditDate));
        // Three methods for three learners: 10 metrics, their rows and their confusion each; for the K-NN's leave-one-out and hold-out also
        // calibration and segments, for its hold-out both curves.
        Assert.Equal((3 * 3 * 12 + 2 * 2 + 2, 0), (stored.FiguresCompared, stored.FiguresDifferent));
        Assert.Equal($"Version 1 is reproduced: the same 1309 rows, the same {version.Artifact.Length} model bytes, the same 114 figures.", stored.Summary);
        Assert.Equal("Not measured again: nested 5-fold cross-validation.", stored.LeftOut);
        Assert.Empty(stored.Differences);
        Assert.Equal((dataset.Sha256, dataset.Sha256), (stored.DatasetSha256, stored.ReadDatasetSha256));
        Assert.All([stored.RegisteredSha256, stored.StoredSha256, stored.ReproducedSha256], digest => Assert.Equal(version.ArtifactSha256, digest));
        Assert.True(stored.Duration > TimeSpan.Zero);
        Assert.Equal(1, await Workflow.Count("access.audit_log", $"who = 'a test' and what = 'model reproduced' and subject = 'version 1' and details = '{stored.Summary}'"));
    }

    [Theory]
    [InlineData("logistic-regression")]
    [InlineData("fast-tree")]
    [InlineData("light-gbm")]
    public async Task So_does_a_challenger_of_ML_NET(string challenger)
    {
        await Workflow.Run(PipelineNames.Training, _day.AddDays(-1), challenger: challenger);

        var result = await Workflow.Reproduce(2);

        Assert.Equal((ReproductionVerdict.Reproduced, null), (result.Verdict, result.LeftOut));
        Assert.Empty(result.Differences);
        Assert.Equal(2 * 3 * 12 + 4, result.FiguresCompared);
    }

    [Fact]
    public async Task Corrections_deletions_and_late_outcomes_that_came_later_change_nothing()
    {
        await Workflow.LiveThrough(_day);
        Passenger[] corrected = [new("1", "Corrected, Miss. Anna", 3, Sex.Female, 71, 3, false), new("2", "Corrected, Master. Ben", 1, Sex.Male, 1, 200, false)];
        await Workflow.Ingest(PassengerSources.Titanic3, _day.AddDays(1), corrected);
        await Workflow.In<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Titanic3, ["3", "4", "5"], "a deletion", new Provenance(null, "test"), Cancellation));
        // An outcome that has long been known, told only now, and one that a correction turns round.
        await Workflow.Ingest(PassengerSources.Upload, _day.AddDays(-9), new Passenger("late", null, 2, Sex.Female, 30, 20, true));
        await Workflow.In<Ingestion, IngestionResult>(ingestion => ingestion.IngestOutcomes(
            new(PassengerSources.Titanic3, "corrected outcomes", FeatureReader.StartOf(_day.AddDays(-30)), Turned().ToAsyncEnumerable(), () => [], IngestionPolicy.Strict),
            new Provenance(null, "test"), Cancellation));
        await Workflow.LiveThrough(_day.AddDays(1));

        foreach (var version in (int[])[1, 2, 3])
        {
            var result = await Workflow.Reproduce(version);
            Assert.True(result.Verdict == ReproductionVerdict.Reproduced, string.Join(' ', [result.Summary, .. result.Differences]));
        }

        static OutcomeRow[] Turned() => [.. Enumerable.Range(10, 20).Select(key => new AcceptedOutcome(key, PassengerSources.Titanic3, $"{key}", key % 2 == 0, null))];
    }

    [Fact]
    public async Task An_outcome_that_was_rewritten_is_told_with_both_digests()
    {
        await Workflow.Execute("update outcomes set survived = not survived where passenger_id = 17");

        var result = await Workflow.Reproduce(1);

        Assert.Equal(ReproductionVerdict.Differs, result.Verdict);
        Assert.StartsWith("Version 1 differs: the training dataset, the model made again, ", result.Summary, StringComparison.Ordinal);
        Assert.NotEqual(result.DatasetSha256, result.ReadDatasetSha256);
        Assert.Matches(
            $@"^Training dataset 1 reads as SHA-256 {result.ReadDatasetSha256} \(1309 rows, (499|501) survivors\); registered is {result.DatasetSha256} \(1309 rows, 500 survivors\)\. Rows were changed past the feature store\.$",
            result.Differences[0]);
        Assert.Matches($@"^The bytes made again have SHA-256 {result.ReproducedSha256}; registered and stored is {result.RegisteredSha256}\. They first differ at offset \d+ \(point \d+ of \d+, its rows\);", result.Differences[1]);
        Assert.Matches(@"^The \w+ of knn by 1x5 cross-validation is 0\.\d+, stored is 0\.\d+\.$", result.Differences[2]);
        Assert.Equal(result.RegisteredSha256, result.StoredSha256);
        Assert.True(result.FiguresDifferent > 10);
        Assert.Contains($"{result.FiguresDifferent - 10} more figures differ.", result.Differences);
    }

    [Theory]
    [InlineData("pclass = 4 - pclass, titanic_binned_v1 = (titanic_binned_v1 + 264) % 396", "The bytes made again")]
    [InlineData("source_key = '9999'", "reads as SHA-256")]
    [InlineData("age = 71, sex = 'female'", "1 rows, the first of them titanic3 2, have other values than those that were encoded when they came.")]
    public async Task A_passenger_who_was_rewritten_is_found(string change, string sentence)
    {
        await Workflow.Execute($"update passengers set {change} where source_key = '2'");

        var result = await Workflow.Reproduce(1);

        Assert.Equal(ReproductionVerdict.Differs, result.Verdict);
        Assert.Contains(result.Differences, difference => difference.Contains(sentence, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_damaged_bytes_it_says_that_those_made_again_are_the_registered_ones()
    {
        await Workflow.Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1)");

        var result = await Workflow.Reproduce(1);

        Assert.Equal((ReproductionVerdict.Differs, "Version 1 differs: the stored model."), (result.Verdict, result.Summary));
        Assert.StartsWith($"The stored bytes are not those registered; those made again are. Stored is SHA-256 {result.StoredSha256}. They first differ at offset 40 (the feature names);", Assert.Single(result.Differences), StringComparison.Ordinal);
        Assert.Equal((result.RegisteredSha256, 0), (result.ReproducedSha256, result.FiguresDifferent));
    }

    [Fact]
    public async Task Of_a_rewritten_digest_it_says_that_the_bytes_agree_with_each_other()
    {
        await Workflow.Execute("update model_versions set artifact_sha256 = repeat('0', 64)");

        var result = await Workflow.Reproduce(1);

        Assert.Equal(ReproductionVerdict.Differs, result.Verdict);
        Assert.Equal($"The stored bytes and those made again agree (SHA-256 {result.StoredSha256}); the digest that is registered is another: {new string('0', 64)}.", Assert.Single(result.Differences));
    }

    [Fact]
    public async Task A_rewritten_figure_is_named_with_both_values()
    {
        await Workflow.Execute("update model_versions set evaluations = jsonb_set(evaluations, '{0,metrics,accuracy,value}', '0.99')");

        var result = await Workflow.Reproduce(1);

        Assert.Equal("Version 1 differs: 1 of 114 figures.", result.Summary);
        Assert.Matches(@"^The accuracy of knn by 1x5 cross-validation is 0\.\d+, stored is 0\.99\.$", Assert.Single(result.Differences));
    }

    [Fact]
    public async Task Rewritten_settings_show_in_the_part_of_the_bytes_that_holds_them()
    {
        await Workflow.Execute("""update model_versions set hyperparameters = '{"k": "9", "metric": "Manhattan", "weights": "Uniform"}'""");

        var result = await Workflow.Reproduce(1);

        Assert.Contains(result.Differences, difference => difference.Contains("(k); stored are ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""hyperparameters = '{"k": "seven"}'""", "The hyperparameters k = seven are not those of a K-NN.")]
    [InlineData("algorithm = 'an oracle'", "There is no learner \"an oracle\"; there are K-nearest neighbours, all ties vote, logistic regression,")]
    public async Task What_this_code_cannot_make_is_impossible_and_said_so(string change, string sentence)
    {
        await Workflow.Execute($"update model_versions set {change}");

        var result = await Workflow.Reproduce(1);

        Assert.Equal((ReproductionVerdict.Impossible, null), (result.Verdict, result.ReproducedSha256));
        Assert.StartsWith($"Version 1 cannot be made again here: {sentence}", result.Summary, StringComparison.Ordinal);
        Assert.Equal(result.DatasetSha256, result.ReadDatasetSha256);
    }

    [Fact]
    public async Task A_dataset_that_lost_all_its_rows_differs()
    {
        await Workflow.Execute("delete from outcomes");

        var result = await Workflow.Reproduce(1);

        Assert.Equal((ReproductionVerdict.Differs, "Version 1 differs: the training dataset."), (result.Verdict, result.Summary));
        Assert.Contains("(0 rows, 0 survivors)", result.Differences[0], StringComparison.Ordinal);
        Assert.StartsWith("No labeled passenger from titanic3", result.Differences[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_numeric_version_is_made_again_through_its_own_view()
    {
        await Workflow.RegisterNumeric(Verdict.Hold);

        var result = await Workflow.Reproduce(2);

        // Its figures are those of version 1, which the test registered with it.
        Assert.Equal((result.RegisteredSha256, result.DatasetSha256), (result.ReproducedSha256, result.ReadDatasetSha256));
        Assert.True(result.FiguresDifferent > 0);
    }
}
