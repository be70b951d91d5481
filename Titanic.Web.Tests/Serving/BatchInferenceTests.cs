using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;
using Titanic.Web.Tests.Training;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Serving;

public sealed class BatchInferenceTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;
    private static readonly Passenger Anna = new("a", "Anna", 1, Sex.Female, 30, 80, true);

    /// <summary>Defect S7 of the original: it took the last row of an unordered table as the newest, and predicted only that one.</summary>
    [Fact]
    public async Task Predicts_all_passengers_of_the_stream_after_missed_days()
    {
        foreach (var day in (int[])[0, 1, 2])
            await Workflow.Run(PipelineNames.Feature, Day.AddDays(day));

        Assert.Equal((30, 1), await Predict(Day.AddDays(2)));
        Assert.Equal((0, null), await Predict(Day.AddDays(2)));

        var days = await Workflow.Query(db => db.Predictions
            .GroupBy(p => p.LogicalDate).OrderBy(g => g.Key).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(Cancellation));
        Assert.Equal([(Day, 10), (Day.AddDays(1), 10), (Day.AddDays(2), 10)], days.Select(day => (day.Key, day.Count)));
        Assert.Equal(30, await Workflow.Count("predictions a join passengers p using (passenger_id)", "p.source = 'synthetic' and a.source = 'batch' and a.is_live"));
    }

    /// <summary>The expected values are computed per passenger with encoder and search, without a decision table and without SQL.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stores_the_prediction_of_the_model_for_each_passenger(bool isNumeric)
    {
        var numeric = isNumeric ? await Workflow.RegisterNumeric(Verdict.Promote) : null;
        var binned = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id).Fit(TitanicRows.Points);
        var random = new SeededRandom(1912);
        var population = new RealisticPopulation(new BundledDataset());
        await Workflow.Ingest(PassengerSources.Api, Day,
        [
            .. Enumerable.Range(0, 500).Select(i => population.Draw($"{i}", random)),
            Anna with { SourceKey = "none", AgeInYears = null, FareInPounds = null },
        ]);
        await Workflow.Run(PipelineNames.Feature, Day);

        Assert.Equal((511, isNumeric ? 2 : 1), await Predict(Day));

        var rows = await Workflow.Query(db => (
            from prediction in db.Predictions
            join passenger in db.Passengers on prediction.PassengerId equals passenger.PassengerId
            orderby prediction.PredictionId
            select new { prediction, passenger }).ToListAsync(Cancellation));
        Assert.Equal(rows.OrderBy(row => row.passenger.PassengerId).Select(row => row.passenger.PassengerId), rows.Select(row => row.passenger.PassengerId));
        Assert.All(rows, row =>
        {
            var (prediction, passenger) = (row.prediction, row.passenger);
            Assert.Equal(
                (passenger.Pclass, passenger.Sex, passenger.AgeInYears, passenger.FareInPounds),
                (prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds));
            Assert.Equal(
                (Workflow.Now, "batch", Day, "titanic_knn", true, null),
                (prediction.CreatedAt, prediction.Source, prediction.LogicalDate, prediction.ModelName, prediction.IsLive, prediction.RunId));
            var code = BinnedEncoder.Encode(passenger.Pclass, passenger.Sex, passenger.AgeInYears, passenger.FareInPounds);
            var values = NumericEncoder.Encode(passenger.Pclass, passenger.Sex, passenger.AgeInYears, passenger.FareInPounds).Features;
            Assert.Equal((isNumeric ? null : code.Code, isNumeric ? 2 : 1), (prediction.PointCode, prediction.ModelVersion));
            Assert.Equal(isNumeric ? values : null, prediction.Encoded);
            Assert.Equal(
                numeric?.Predict(values) ?? binned.Predict(code.Features),
                new ClassPrediction(prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors));
        });
    }

    [Fact]
    public async Task Does_not_predict_passengers_of_historical_sources()
    {
        Assert.Equal((0, null), await Predict(Day));
        await Workflow.Ingest(PassengerSources.Upload, new DateOnly(1912, 4, 15), Anna);
        Assert.Equal((0, null), await Predict(Day));
    }

    [Fact]
    public async Task Does_not_predict_passengers_of_later_days()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Anna);
        await Workflow.Ingest(PassengerSources.Api, Day.AddDays(1), Anna with { SourceKey = "b" });

        Assert.Equal((1, 1), await Predict(Day));
        Assert.Equal((1, 1), await Predict(Day.AddDays(1)));
    }

    [Fact]
    public async Task Throws_without_a_champion_and_stores_nothing()
    {
        await using var database = await Postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Ingest(PassengerSources.Api, Day, Anna);

        await Assert.ThrowsAsync<NoChampionException>(() => Predict(Day, workflow));
        Assert.Equal(0, await workflow.Count("predictions"));
    }

    [Fact]
    public async Task A_commit_is_trainable_after_all_its_passengers_are_predicted()
    {
        Assert.Equal(1, await NewestTrainableCommit());
        await Workflow.Ingest(PassengerSources.Api, Day, Anna); // commit 2
        await Workflow.Ingest(PassengerSources.Upload, Day, Anna); // commit 3
        Assert.Equal(1, await NewestTrainableCommit());
        await Predict(Day);
        Assert.Equal(3, await NewestTrainableCommit());
    }

    /// <summary>
    /// The correction is in a later commit, but the first row version has an outcome already: training on it would be leakage.
    /// </summary>
    [Fact]
    public async Task The_first_version_of_a_corrected_unpredicted_passenger_is_not_trainable()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Anna); // commit 2
        await Workflow.Ingest(PassengerSources.Upload, Day, Anna); // commit 3
        await Workflow.Ingest(PassengerSources.Api, Day, Anna with { Pclass = 2 }); // commit 4

        Assert.Equal(1, await NewestTrainableCommit());
    }

    /// <summary>Defect S13 of the original: the predicted row was usually in the training data.</summary>
    [Fact]
    public async Task A_prediction_is_in_sample_if_the_model_was_trained_on_the_passenger()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Anna);
        await Workflow.Execute("alter table training_datasets disable trigger user; update training_datasets set as_of_commit_id = 2, sources = '{titanic3,api}'");
        await Workflow.Ingest(PassengerSources.Api, Day, Anna with { Pclass = 2 }, Anna with { SourceKey = "b", Name = "Berta" });

        Assert.Equal((2, 1), await Predict(Day));

        Assert.Equal(1, await Workflow.Count("predictions a join passengers p using (passenger_id)", "p.source_key = 'a' and p.superseded_by is null and not a.is_live"));
        Assert.Equal(1, await Workflow.Count("predictions a join passengers p using (passenger_id)", "p.source_key = 'b' and a.is_live"));
    }

    /// <summary>Otherwise there would be a deadlock: no prediction without a model, and no model without predictions.</summary>
    [Fact]
    public async Task The_first_model_is_trained_although_unpredicted_passengers_are_older_than_the_historical_list()
    {
        await using var database = await Postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Run(PipelineNames.Feature, Day);
        await workflow.ImportAndTrain();

        Assert.Equal(1309, await workflow.Scalar<int>("select rows from training_datasets"));
        Assert.Equal((10, 1), await Predict(Day, workflow));
        Assert.Equal(10, await workflow.Count("predictions", "is_live"));
    }

    private Task<(int Predicted, int? ModelVersion)> Predict(DateOnly through, TestWorkflow? workflow = null) =>
        (workflow ?? Workflow).InScope<BatchInference, (int, int?)>(batch => batch.PredictUnpredicted(through, null, Cancellation));

    private Task<long?> NewestTrainableCommit() => Workflow.InScope<BatchInference, long?>(batch => batch.NewestTrainableCommit(Cancellation));
}
