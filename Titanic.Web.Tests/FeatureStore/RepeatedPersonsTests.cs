using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Ingest;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Receipts;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>No figure of a model changes if known persons are imported again.</summary>
public sealed class RepeatedPersonsTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    [Theory]
    [InlineData(PassengerSources.Upload, 0, 1309, false, 0)]
    [InlineData(PassengerSources.Upload, 5_000, 1309, false, 1)]
    [InlineData(PassengerSources.Titanic3, 5_000, 1309, true, 2)]
    [InlineData(PassengerSources.Upload, 0, 891, true, 3)]
    [InlineData(PassengerSources.Upload, 9_000, 891, false, 4)]
    [InlineData(PassengerSources.Api, 0, 1309, false, 5)]
    [InlineData(PassengerSources.Api, 5_000, 600, true, 6)]
    public async Task Learns_nothing_from_the_same_list(string source, int shift, int rows, bool hasOtherAges, int seed)
    {
        var day = TestWorkflow.FirstDay;
        var before = await Describe();
        var list = Workflow.GetRequired<BundledDataset>().Passengers.ToArray();
        new Random(seed).Shuffle(list);

        var imported = await Workflow.Ingest(source, day, [.. list.Take(rows).Select((passenger, number) => passenger with
        {
            SourceKey = $"{int.Parse(passenger.SourceKey, System.Globalization.CultureInfo.InvariantCulture) + shift}",
            AgeInYears = hasOtherAges && number % 20 == 0 ? passenger.AgeInYears + 1 : passenger.AgeInYears,
            Survived = hasOtherAges && number % 30 == 0 ? !passenger.Survived : passenger.Survived,
        })]);

        Assert.Equal(rows, imported.Inserted);
        Assert.Equal(rows, await Workflow.Count("passengers", "person_id <> passenger_id"));
        Assert.Equal(before, await Describe());

        Workflow.Clock.MoveTo(day);
        await Workflow.Run(PipelineNames.Inference, day);
        Assert.Equal(source == PassengerSources.Api ? rows : 0, await Workflow.Count("predictions", "not is_live"));
        Assert.Equal(0, await Workflow.Count("predictions", "is_live"));
        var training = await Workflow.Run(PipelineNames.Training, day);
        Assert.StartsWith("Nothing to train: version 1 was trained on the same 1,309 rows", training.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Learns_nothing_from_declared_persons_under_other_keys()
    {
        var day = TestWorkflow.FirstDay;
        Passenger[] declared = [.. Workflow.GetRequired<BundledDataset>().Passengers.Take(100).Select((passenger, number) =>
            passenger with { Name = null, Person = $"person {number}", SourceKey = $"{number + 5_000}" })];
        await Workflow.Ingest(PassengerSources.Upload, day, declared);
        var before = await Describe();

        await Workflow.Ingest(PassengerSources.Upload, day, [.. declared.Reverse().Select(passenger => passenger with
        {
            SourceKey = $"copy {passenger.SourceKey}",
            AgeInYears = passenger.AgeInYears is > 50 ? 20 : 60,
            Survived = !passenger.Survived,
        })]);

        Assert.Equal(1409, before.Rows);
        Assert.Equal(before, await Describe());
        Assert.Equal((100, 100), (await Workflow.Count("passengers", "person_id <> passenger_id"), await Workflow.Scalar<long>("select count(distinct person_key) from passengers where person is not null")));
    }

    /// <summary>Monitoring and the gate have one definition of a live prediction, whatever was corrected since the prediction.</summary>
    [Fact]
    public async Task A_corrected_name_changes_the_live_status_in_monitoring_and_in_the_gate_alike()
    {
        var day = TestWorkflow.FirstDay;
        Passenger typo = new("a", "Braund, Mr. Owen Haris", 3, Sex.Male, 22, 7.25, false), nameless = new("b", null, 1, Sex.Female, 38, 71.2833, true);
        Passenger newcomer = new("c", "Newman, Mr. New", 1, Sex.Male, 70, 300, true);
        var learned = Workflow.GetRequired<BundledDataset>().Passengers.First(passenger => passenger.Name == "Cumings, Mrs. John Bradley (Florence Briggs Thayer)");
        await Workflow.Ingest(PassengerSources.Api, day, typo, nameless, newcomer);
        Workflow.Clock.MoveTo(day);
        await Workflow.Run(PipelineNames.Inference, day);
        await Workflow.Run(PipelineNames.Monitoring, day);
        Assert.Equal((3, 3), await LiveRows());

        await Correct(PassengerSources.Api, typo with { Name = "Braund, Mr. Owen Harris" });
        Assert.Equal((2, 2), await LiveRows());
        await Correct(PassengerSources.Api, nameless with { Name = learned.Name });
        Assert.Equal((1, 1), await LiveRows());

        // The model has learned the person of row c under another name.
        await Correct(PassengerSources.Titanic3, learned with { Name = newcomer.Name });
        Assert.Equal((0, 0), await LiveRows());
        await Correct(PassengerSources.Titanic3, learned);
        Assert.Equal((1, 1), await LiveRows());
        await Correct(PassengerSources.Api, nameless);
        await Correct(PassengerSources.Api, typo);
        Assert.Equal((3, 3), await LiveRows());

        await Correct(PassengerSources.Api, typo with { Name = "Braund, Mr. Owen Harris" });
        foreach (var prediction in await Workflow.Query(db => Task.FromResult(db.Predictions.Select(p => p.PredictionId).ToList())))
        {
            var receipt = await Workflow.InScope<ReceiptVerifier, ReceiptVerification?>(verifier => verifier.Verify(prediction, false, Cancellation));
            Assert.True(receipt!.Checks.Single(check => check.Name == "live").Holds);
        }

        Task<UploadResult> Correct(string source, Passenger passenger) =>
            Workflow.InScope<Corrections, UploadResult>(corrections => corrections.Correct(source, passenger, "a test", Cancellation));

        async Task<(long Monitoring, int Gate)> LiveRows() => (
            await Workflow.Scalar<long>("select coalesce(sum(predictions), 0) from daily_performance where is_live"),
            (await Workflow.InScope<LivePredictions, IReadOnlyList<LivePrediction>>(predictions => predictions.Of(1, AsOf(day), Cancellation))).Count);
    }

    /// <summary>A passenger without a name has no other row; the deleted row with its key was learned.</summary>
    [Fact]
    public async Task A_learned_passenger_that_is_deleted_and_sent_again_is_in_sample()
    {
        var day = TestWorkflow.FirstDay;
        Passenger nameless = new("a", null, 1, Sex.Male, 70, 300, true);
        await Workflow.Ingest(PassengerSources.Api, day, nameless, nameless with { SourceKey = "b" });
        Workflow.Clock.MoveTo(day);
        await Workflow.Run(PipelineNames.Inference, day);
        Assert.Equal(2, await Workflow.Count("predictions", "is_live"));
        await Workflow.Run(PipelineNames.Training, day);
        await Workflow.Promote(2, force: true);

        await Workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Api, ["a"], "a test", new Provenance(null, "test"), Cancellation));
        await Workflow.Ingest(PassengerSources.Api, day, nameless, nameless with { SourceKey = "c" });
        await Workflow.Run(PipelineNames.Inference, day.AddDays(1));

        Assert.Equal("a false, c true", await Workflow.Scalar<string>(
            "select string_agg(source_key || ' ' || is_live, ', ' order by source_key) from predictions join passengers using (passenger_id) where model_version = 2"));
    }

    /// <summary>The counted row of a person is deleted: the next row is counted instead, and the prediction of the first one no longer.</summary>
    [Fact]
    public async Task Predictions_of_deleted_passengers_are_not_live()
    {
        var day = TestWorkflow.FirstDay;
        Passenger anna = new("a", "Andersson, Miss. Anna", 1, Sex.Female, 30, 80, true);
        await Workflow.Ingest(PassengerSources.Api, day, anna, anna with { SourceKey = "b" });
        Workflow.Clock.MoveTo(day);
        await Workflow.Run(PipelineNames.Inference, day);
        await Workflow.Run(PipelineNames.Monitoring, day);

        await Workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Api, ["a"], "a test", new Provenance(null, "test"), Cancellation));
        await Workflow.Run(PipelineNames.Monitoring, day);

        Assert.Equal((1, 1L), (await Workflow.Count("predictions", "is_live"), await Workflow.Scalar<long>("select sum(predictions) from daily_performance where is_live")));
    }

    /// <summary>A correction was counted while the inference run that did not see it was being stored.</summary>
    [Fact]
    public async Task The_live_status_of_predictions_that_are_not_counted_yet_is_evaluated_again()
    {
        var day = TestWorkflow.FirstDay;
        await Workflow.Ingest(PassengerSources.Api, day, new Passenger("a", "Braund, Mr. Owen Harris", 3, Sex.Male, 22, 7.25, false), new Passenger("b", null, 1, Sex.Male, 70, 300, true));
        Workflow.Clock.MoveTo(day);
        await Workflow.Run(PipelineNames.Monitoring, day);
        await Workflow.Run(PipelineNames.Inference, day);
        await Workflow.Execute("update predictions set is_live = true");

        await Workflow.Run(PipelineNames.Monitoring, day);

        Assert.Equal(1, await Workflow.Count("predictions", "is_live"));
    }

    [Fact]
    public async Task A_new_person_is_live_once_whatever_the_number_of_keys()
    {
        var day = TestWorkflow.FirstDay;
        Passenger anna = new("a", "Andersson, Miss. Anna", 1, Sex.Female, 30, 80, true);
        await Workflow.Ingest(PassengerSources.Api, day, anna, anna with { SourceKey = "b" });
        await Workflow.Ingest(PassengerSources.Api, day, anna with { SourceKey = "c", AgeInYears = 31 });
        Workflow.Clock.MoveTo(day);

        await Workflow.Run(PipelineNames.Inference, day);

        Assert.Equal((1, 2), (await Workflow.Count("predictions", "is_live"), await Workflow.Count("predictions", "not is_live")));
    }

    /// <summary>The people were predicted under misspelled names, which were corrected afterwards.</summary>
    [Fact]
    public async Task The_gate_ignores_live_predictions_of_persons_who_turn_out_to_be_learned()
    {
        var day = TestWorkflow.FirstDay;
        var list = Workflow.GetRequired<BundledDataset>().Passengers.Take(50).ToArray();
        await Workflow.Ingest(PassengerSources.Api, day, [.. list.Select(passenger => passenger with { Name = passenger.Name + " Zzz" })]);
        Workflow.Clock.MoveTo(day);
        await Workflow.Run(PipelineNames.Inference, day);
        var definition = AsOf(day);
        Assert.Equal(50, await LiveRows());

        await Workflow.Ingest(PassengerSources.Api, day, list);

        Assert.Equal(0, await LiveRows());

        Task<int> LiveRows() => Workflow.InScope<LivePredictions, int>(async predictions => (await predictions.Of(1, definition, Cancellation)).Count);
    }

    [Fact]
    public async Task A_person_with_the_name_of_a_learned_person_is_in_sample()
    {
        var day = TestWorkflow.FirstDay;
        await Workflow.Ingest(PassengerSources.Api, day, new Passenger("a", "Braund, Mr. Owen Harris", 1, Sex.Male, 70, 300, true), new Passenger("b", "Newman, Mr. New", 1, Sex.Male, 70, 300, true));
        Workflow.Clock.MoveTo(day);

        await Workflow.Run(PipelineNames.Inference, day);

        Assert.Equal(0, await Workflow.Count("passengers", "person_id <> passenger_id"));
        Assert.Equal("b", await Workflow.Scalar<string>("select string_agg(source_key, ',') from predictions join passengers using (passenger_id) where is_live"));
    }

    private static TrainingDatasetDefinition AsOf(DateOnly day) => new(TrainingViews.Binned, 99, FeatureReader.StartOf(day.AddDays(9)), PassengerSources.All);

    private async Task<TrainingDatasetIdentity> Describe()
    {
        var dataset = await Workflow.InScope<TrainingDatasets, TrainingDataset>(async datasets => await datasets.Describe(
            new TrainingDatasetDefinition(
                TrainingViews.Binned, await Workflow.Scalar<long>("select max(commit_id) from commits"), FeatureReader.StartOf(TestWorkflow.FirstDay.AddDays(9)), PassengerSources.All),
            null, Cancellation));
        return new TrainingDatasetIdentity(dataset.Rows, dataset.Survivors, dataset.HeldOutRows, dataset.Sha256);
    }

    private sealed record TrainingDatasetIdentity(int Rows, int Survivors, int HeldOutRows, string Sha256);
}
