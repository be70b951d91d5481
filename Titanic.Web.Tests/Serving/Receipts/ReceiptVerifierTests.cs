using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Receipts;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Serving.Receipts;

/// <summary>Changes the stored data behind a receipt with SQL, one part at a time, and verifies the receipt.</summary>
public sealed class ReceiptVerifierTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;
    private static readonly Passenger Anna = new("a", "Anna", 1, Sex.Female, 30, 80, true);

    private protected override TestWorkflow NewWorkflow(TestDatabase database) => new(database, ("Training:CrossValidation:Repeats", "1"));

    [Fact]
    public async Task An_online_prediction_is_valid()
    {
        var receipt = await Verify(await Predict());

        Assert.Equal(
            ["artifact", "model", "encoding", "survived", "probability", "survivors", "neighbors", "learned", "dataset"],
            receipt.Checks.Select(check => check.Name));
        Assert.All(receipt.Checks, check => Assert.Equal((true, check.Stored), (check.Holds, check.Found)));
        Assert.Equal("Valid: all 9 checks passed.", receipt.Verdict);
    }

    [Fact]
    public async Task Returns_null_for_an_unknown_prediction() => Assert.Null(await TryVerify(999_999, readsDatasets: true));

    [Fact]
    public async Task A_batch_prediction_is_valid_before_and_after_training_on_its_outcome()
    {
        var prediction = await PredictAnna();

        var before = await Verify(prediction);
        await Workflow.Run(PipelineNames.Training, Day);
        var after = await Verify(prediction);

        Assert.Equal("Valid: 11 checks passed, 1 not made.", before.Verdict);
        Assert.Equal($"No training dataset contains the outcome of commit {await Commit()} yet.", Of(before, "outcome").Sentence);
        Assert.Equal("Valid: all 12 checks passed.", after.Verdict);
        Assert.Equal(
            "The row of commit 2 has the input of the prediction: 1st class, female, 30 years, fare £80.", Of(after, "row").Sentence);
        Assert.Contains("1,310 rows", Of(after, "outcome").Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_the_predicted_row_after_a_correction()
    {
        var prediction = await PredictAnna();
        Workflow.Clock.Advance(TimeSpan.FromHours(1));
        await Workflow.Ingest(PassengerSources.Api, Day, Anna with { AgeInYears = 31, Survived = false });

        var receipt = await Verify(prediction);

        Assert.True(receipt.IsValid);
        Assert.Equal(
            "The row of commit 2 has the input of the prediction: 1st class, female, 30 years, fare £80.", Of(receipt, "row").Sentence);
    }

    [Fact]
    public async Task Skips_the_checks_that_read_training_rows_if_not_requested()
    {
        var receipt = (await TryVerify(await PredictAnna(), readsDatasets: false))!;

        Assert.Equal(["dataset", "outcome"], receipt.Checks.Where(check => check.Holds is null).Select(check => check.Name));
        Assert.True(receipt.IsValid);
    }

    [Fact]
    public async Task Detects_a_changed_byte_and_does_not_load_the_model()
    {
        var prediction = await Predict();
        await Workflow.Execute("update model_versions set artifact = set_byte(artifact, 200, get_byte(artifact, 200) # 1)");

        var receipt = await Verify(prediction);

        Assert.Equal(["artifact"], FailedOf(receipt));
        Assert.Contains("was registered. The bytes were changed.", Of(receipt, "artifact").Sentence, StringComparison.Ordinal);
        Assert.Equal(
            ["model", "survived", "probability", "survivors", "neighbors", "learned"],
            receipt.Checks.Where(check => check.Holds is null).Select(check => check.Name));
        Assert.Equal("Invalid: 1 of 3 checks failed, 6 not made.", receipt.Verdict);
    }

    [Fact]
    public async Task Detects_bytes_that_are_not_a_model_despite_a_valid_digest()
    {
        var prediction = await Predict();
        await Workflow.Execute("""update model_versions set artifact = '\x00', artifact_sha256 = encode(sha256('\x00'), 'hex')""");

        Assert.Equal(["model"], FailedOf(await Verify(prediction)));
    }

    /// <summary>The model predicts survived with a probability above 0.9; each case changes one stored value.</summary>
    [Theory]
    [InlineData("survived = not survived", "The stored class is died, but the model returns survived.", "survived")]
    [InlineData("probability = 0.25", "The stored probability is 0.25, but the model returns {0}.", "probability")]
    [InlineData("probability = probability + 1e-16 * 1.2", "The stored probability is", "probability")]
    [InlineData("survivors = survivors + 1", "The stored number of survivors is", "survivors")]
    [InlineData("neighbors = neighbors - 1", "The stored number of neighbors is", "neighbors")]
    [InlineData("point_code = 0", "encodes the input as point 103, but point 0 is stored.", "encoding")]
    [InlineData("age = 200", "The stored input cannot be encoded: The age is 200; it must be a plain number between 0 and 120 years", "encoding")]
    public async Task Detects_a_changed_prediction_and_reports_both_values(string change, string expected, string check)
    {
        var prediction = await Predict();
        var probability = (await Workflow.Query(db => db.Predictions.SingleAsync(p => p.PredictionId == prediction, Cancellation))).Probability;
        await Workflow.Execute($"update predictions set {change} where prediction_id = {prediction}");

        var receipt = await Verify(prediction);

        Assert.Equal([check], FailedOf(receipt));
        Assert.Contains(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, probability), Of(receipt, check).Sentence, StringComparison.Ordinal);
        Assert.NotEqual(Of(receipt, check).Stored, Of(receipt, check).Found);
    }

    [Fact]
    public async Task Detects_a_changed_input_of_a_batch_prediction()
    {
        var prediction = await PredictAnna();
        await Workflow.Execute($"update predictions set age = 33, is_live = false where prediction_id = {prediction}"); // the same age group

        var receipt = await Verify(prediction);

        Assert.Equal(["row", "live"], FailedOf(receipt));
        Assert.Equal(
            "The input of the prediction is 1st class, female, 33 years, fare £80, but the row of commit 2 has 1st class, female, 30 years, fare £80.",
            Of(receipt, "row").Sentence);
        Assert.EndsWith("as of commit 1: live, but in-sample is stored.", Of(receipt, "live").Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detects_a_changed_outcome_in_the_first_dataset_that_contains_it()
    {
        var prediction = await PredictAnna();
        await Workflow.Run(PipelineNames.Training, Day);
        await Workflow.Execute("update outcomes set survived = false where commit_id = 2");

        var receipt = await Verify(prediction);

        Assert.Equal(["outcome"], FailedOf(receipt));
        Assert.Contains(
            "Rows or outcomes were changed outside the feature store.", Of(receipt, "outcome").Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("update outcomes set survived = not survived where passenger_id = 7")]
    [InlineData("update passengers set titanic_binned_v1 = 0 where passenger_id = 7")]
    public async Task Detects_a_changed_row_of_the_training_dataset(string change)
    {
        var prediction = await Predict();
        await Workflow.Execute(change);

        var receipt = await Verify(prediction);

        Assert.Equal(["dataset"], FailedOf(receipt));
        Assert.NotEqual(Of(receipt, "dataset").Stored, Of(receipt, "dataset").Found);
    }

    [Fact]
    public async Task Verifies_with_the_encoder_of_the_model()
    {
        await Workflow.RegisterNumeric(Verdict.Promote);
        await Workflow.GetRequired<ChampionCache>().Reload(Cancellation);
        var prediction = await Predict();

        var unchanged = await Verify(prediction);
        await Workflow.Execute($"update predictions set encoded[4] = encoded[4] + 1e-9 where prediction_id = {prediction}");
        var changed = await Verify(prediction);

        Assert.Equal("Valid: all 9 checks passed.", unchanged.Verdict);
        Assert.Equal("1, 1, 29, 4.615120517", Of(unchanged, "encoding").Found); // ln 101 = 4.61512051684…
        Assert.Equal(["encoding"], FailedOf(changed));
    }

    private async Task<long> Predict() => (await Workflow.InScope<Predictor, PredictionResult>(predictor => predictor.PredictAsync(
        new[] { new PredictionInput(1, Sex.Female, 29, 100) }, PredictionSources.Api, PredictionOptions.None, Cancellation))).Predictions[0].PredictionId;

    private async Task<long> PredictAnna()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Anna);
        await Workflow.Run(PipelineNames.Inference, Day);
        return await Workflow.Scalar<long>("select prediction_id from predictions where passenger_id is not null");
    }

    private Task<long> Commit() => Workflow.Scalar<long>("select max(commit_id) from commits");

    private async Task<ReceiptVerification> Verify(long prediction) => (await TryVerify(prediction, readsDatasets: true))!;

    private Task<ReceiptVerification?> TryVerify(long prediction, bool readsDatasets) =>
        Workflow.InScope<ReceiptVerifier, ReceiptVerification?>(verifier => verifier.Verify(prediction, readsDatasets, Cancellation));

    private static ReceiptCheck Of(ReceiptVerification receipt, string check) => receipt.Checks.Single(made => made.Name == check);

    private static IEnumerable<string> FailedOf(ReceiptVerification receipt) => receipt.Checks.Where(check => check.Holds is false).Select(check => check.Name);
}
