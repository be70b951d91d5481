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
    public async Task Reproduces_rows_artifact_and_metrics()
    {
        var version = await Workflow.Query(db => db.ModelVersions.SingleAsync(Cancellation));
        var dataset = await Workflow.Query(db => db.TrainingDatasets.SingleAsync(Cancellation));

        await Workflow.Reproduce(1);

        var stored = await Workflow.Query(db => db.Reproductions.SingleAsync(Cancellation));
        Assert.Equal(
            (ReproductionVerdict.Reproduced, "a test", null, null), (stored.Verdict, stored.RequestedBy, stored.RunId, stored.AuditDate));
        // Three methods for each of three learners: 10 metrics, the rows and the confusion matrix; in addition calibration and segments for
        // leave-one-out and hold-out of the K-NN, and both curves for its hold-out.
        Assert.Equal((3 * 3 * 12 + 2 * 2 + 2, 0), (stored.MetricsCompared, stored.MetricsDifferent));
        Assert.Equal(
            FormattableString.Invariant($"Version 1 is reproduced: 1,309 rows, {version.Artifact.Length:#,##0} model bytes and 114 metrics are identical."), stored.Summary);
        Assert.Equal("Not recomputed: nested 5-fold cross-validation.", stored.LeftOut);
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
    public async Task Reproduces_ML_NET_models(string learner)
    {
        await Workflow.Run(PipelineNames.Training, _day.AddDays(-1), alternative: learner);

        var result = await Workflow.Reproduce(2);

        Assert.Equal((ReproductionVerdict.Reproduced, null), (result.Verdict, result.LeftOut));
        Assert.Empty(result.Differences);
        Assert.Equal(2 * 3 * 12 + 4, result.MetricsCompared);
    }

    [Fact]
    public async Task Later_corrections_deletions_and_outcomes_change_nothing()
    {
        await Workflow.SimulateDay(_day);
        Passenger[] corrected = [new("1", "Corrected, Miss. Anna", 3, Sex.Female, 71, 3, false), new("2", "Corrected, Master. Ben", 1, Sex.Male, 1, 200, false)];
        await Workflow.Ingest(PassengerSources.Titanic3, _day.AddDays(1), corrected);
        await Workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Titanic3, ["3", "4", "5"], "a deletion", new Provenance(null, "test"), Cancellation));
        // An old outcome that is recorded late, and outcomes that a correction inverts.
        await Workflow.Ingest(PassengerSources.Upload, _day.AddDays(-9), new Passenger("late", null, 2, Sex.Female, 30, 20, true));
        await Workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.IngestOutcomes(
            new(PassengerSources.Titanic3, "corrected outcomes", FeatureReader.StartOf(_day.AddDays(-30)), Inverted().ToAsyncEnumerable(), () => [], IngestionPolicy.Strict),
            new Provenance(null, "test"), Cancellation));
        await Workflow.SimulateDay(_day.AddDays(1));

        foreach (var version in (int[])[1, 2, 3])
        {
            var result = await Workflow.Reproduce(version);
            Assert.True(result.Verdict == ReproductionVerdict.Reproduced, string.Join(' ', [result.Summary, .. result.Differences]));
        }

        static OutcomeRow[] Inverted() => [.. Enumerable.Range(10, 20).Select(key => new AcceptedOutcome(key, PassengerSources.Titanic3, $"{key}", key % 2 == 0, null))];
    }

    [Fact]
    public async Task Reports_a_manipulated_outcome_with_both_digests()
    {
        await Workflow.Execute("update outcomes set survived = not survived where passenger_id = 17");

        var result = await Workflow.Reproduce(1);

        Assert.Equal(ReproductionVerdict.Differs, result.Verdict);
        Assert.StartsWith("Version 1 differs: the training dataset, the retrained model, ", result.Summary, StringComparison.Ordinal);
        Assert.NotEqual(result.DatasetSha256, result.ReadDatasetSha256);
        Assert.Matches(
            $@"^Training dataset 1 now has SHA-256 {result.ReadDatasetSha256} \(1,309 rows, (499|501) survivors\); registered is {result.DatasetSha256} \(1,309 rows, 500 survivors\)\. Rows were changed outside the feature store\.$",
            result.Differences[0]);
        Assert.Matches($@"^The retrained bytes have SHA-256 {result.ReproducedSha256}; registered and stored is {result.RegisteredSha256}\. The first difference is at offset \d+ \(point \d+ of \d+, its rows\);", result.Differences[1]);
        Assert.Matches(@"^The \w+ of knn by 1x5 cross-validation is 0\.\d+, stored is 0\.\d+\.$", result.Differences[2]);
        Assert.Equal(result.RegisteredSha256, result.StoredSha256);
        Assert.True(result.MetricsDifferent > 10);
        Assert.Contains($"{result.MetricsDifferent - 10} more metrics differ.", result.Differences);
    }

    [Theory]
    [InlineData("pclass = 4 - pclass, titanic_binned_v1 = (titanic_binned_v1 + 264) % 396", "The retrained bytes")]
    [InlineData("source_key = '9999'", "now has SHA-256")]
    [InlineData("age = 71, sex = 'female'", "The stored encoding of 1 row does not match the raw values; the first is titanic3 2.")]
    public async Task Reports_a_manipulated_passenger(string change, string message)
    {
        await Workflow.Execute($"update passengers set {change} where source_key = '2'");

        var result = await Workflow.Reproduce(1);

        Assert.Equal(ReproductionVerdict.Differs, result.Verdict);
        Assert.Contains(result.Differences, difference => difference.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reports_corrupt_stored_bytes()
    {
        await Workflow.Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1)");

        var result = await Workflow.Reproduce(1);

        Assert.Equal((ReproductionVerdict.Differs, "Version 1 differs: the stored model."), (result.Verdict, result.Summary));
        Assert.StartsWith($"The retrained bytes have the registered SHA-256, the stored bytes do not: {result.StoredSha256}. The first difference is at offset 40 (the feature names);", Assert.Single(result.Differences), StringComparison.Ordinal);
        Assert.Equal((result.RegisteredSha256, 0), (result.ReproducedSha256, result.MetricsDifferent));
    }

    [Fact]
    public async Task Reports_a_manipulated_digest()
    {
        await Workflow.Execute("update model_versions set artifact_sha256 = repeat('0', 64)");

        var result = await Workflow.Reproduce(1);

        Assert.Equal(ReproductionVerdict.Differs, result.Verdict);
        Assert.Equal($"The stored and the retrained bytes are identical (SHA-256 {result.StoredSha256}), but the registered SHA-256 is {new string('0', 64)}.", Assert.Single(result.Differences));
    }

    [Fact]
    public async Task Reports_a_manipulated_metric_with_both_values()
    {
        await Workflow.Execute("update model_versions set evaluations = jsonb_set(evaluations, '{0,metrics,accuracy,value}', '0.99')");

        var result = await Workflow.Reproduce(1);

        Assert.Equal("Version 1 differs: 1 of 114 metrics.", result.Summary);
        Assert.Matches(@"^The accuracy of knn by 1x5 cross-validation is 0\.\d+, stored is 0\.99\.$", Assert.Single(result.Differences));
    }

    [Fact]
    public async Task Reports_manipulated_hyperparameters_by_their_part_of_the_artifact()
    {
        await Workflow.Execute("""update model_versions set hyperparameters = '{"k": "9", "metric": "Manhattan", "weights": "Uniform"}'""");

        var result = await Workflow.Reproduce(1);

        Assert.Contains(result.Differences, difference => difference.Contains("(k); stored are ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""hyperparameters = '{"k": "seven"}'""", "The hyperparameters k = seven are not valid for K-NN.")]
    [InlineData("algorithm = 'an oracle'", "There is no learner \"an oracle\"; there are K-NN, Logistic regression,")]
    public async Task A_version_that_cannot_be_retrained_is_impossible_to_reproduce(string change, string message)
    {
        await Workflow.Execute($"update model_versions set {change}");

        var result = await Workflow.Reproduce(1);

        Assert.Equal((ReproductionVerdict.Impossible, null), (result.Verdict, result.ReproducedSha256));
        Assert.StartsWith($"Version 1 cannot be reproduced here: {message}", result.Summary, StringComparison.Ordinal);
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
    public async Task Reproduces_a_version_through_its_own_view()
    {
        await Workflow.RegisterNumeric(Verdict.Hold);

        var result = await Workflow.Reproduce(2);

        // The metrics differ because the test registered those of version 1.
        Assert.Equal((result.RegisteredSha256, result.DatasetSha256), (result.ReproducedSha256, result.ReadDatasetSha256));
        Assert.True(result.MetricsDifferent > 0);
    }
}
