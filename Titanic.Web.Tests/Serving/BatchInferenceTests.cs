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

    /// <summary>S7: the original took the last row of an unordered table for the newest, and predicted only that one.</summary>
    [Fact]
    public async Task Everybody_of_the_stream_is_predicted_however_many_days_were_missed()
    {
        foreach (var day in (int[])[0, 1, 2])
            await Workflow.Run(PipelineNames.Feature, Day.AddDays(day));

        Assert.Equal((30, 1), await Predict(Day.AddDays(2)));
        Assert.Equal((0, null), await Predict(Day.AddDays(2)));

        var days = await Workflow.Ask(db => db.Predictions.GroupBy(p => p.LogicalDate).OrderBy(g => g.Key).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(Cancellation));
        Assert.Equal([(Day, 10), (Day.AddDays(1), 10), (Day.AddDays(2), 10)], days.Select(day => (day.Key, day.Count)));
        Assert.Equal(30, await Workflow.Count("predictions a join passengers p using (passenger_id)", "p.source = 'synthetic' and a.source = 'batch' and a.is_live"));
    }

    /// <summary>Passenger by passenger, through encoder and search: no table, no join.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_row_is_what_the_model_says_to_that_passenger(bool isNumeric)
    {
        var numeric = isNumeric ? await Workflow.RegisterNumeric(Verdict.Promote) : null;
        var binned = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id).Fit(TitanicRows.Points);
        var random = new SeededRandom(1912);
        var population = new RealisticPopulation(new BundledDataset());
        await Workflow.Ingest(PassengerSources.Api, Day, [.. Enumerable.Range(0, 500).Select(i => population.Draw($"{i}", random)), Anna with { SourceKey = "none", AgeInYears = null, FareInPounds = null }]);
        await Workflow.Run(PipelineNames.Feature, Day);

        Assert.Equal((511, isNumeric ? 2 : 1), await Predict(Day));

        var rows = await Workflow.Ask(db => (
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
            Assert.Equal(numeric?.Predict(values) ?? binned.Predict(code.Features), new ClassPrediction(prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors));
        });
    }

    [Fact]
    public async Task Nobody_of_history_is_predicted()
    {
        Assert.Equal((0, null), await Predict(Day));
        await Workflow.Ingest(PassengerSources.Upload, new DateOnly(1912, 4, 15), Anna);
        Assert.Equal((0, null), await Predict(Day));
    }

    [Fact]
    public async Task Passengers_of_later_days_wait_for_their_own_run()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Anna);
        await Workflow.Ingest(PassengerSources.Api, Day.AddDays(1), Anna with { SourceKey = "b" });

        Assert.Equal((1, 1), await Predict(Day));
        Assert.Equal((1, 1), await Predict(Day.AddDays(1)));
    }

    [Fact]
    public async Task With_nobody_in_service_the_waiting_keep_waiting()
    {
        await using var database = await Postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Ingest(PassengerSources.Api, Day, Anna);

        await Assert.ThrowsAsync<NoChampionException>(() => Predict(Day, workflow));
        Assert.Equal(0, await workflow.Count("predictions"));
    }

    [Fact]
    public async Task A_commit_with_somebody_who_still_waits_is_not_learned()
    {
        Assert.Equal(1, await Learnable());
        await Workflow.Ingest(PassengerSources.Api, Day, Anna); // commit 2
        await Workflow.Ingest(PassengerSources.Upload, Day, Anna); // commit 3
        Assert.Equal(1, await Learnable());
        await Predict(Day);
        Assert.Equal(3, await Learnable());
    }

    /// <summary>The correction is in a later commit, but the first version came with its outcome: learning it would be a leak.</summary>
    [Fact]
    public async Task Somebody_who_was_corrected_while_waiting_is_not_learned_in_the_first_version_either()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Anna); // commit 2
        await Workflow.Ingest(PassengerSources.Upload, Day, Anna); // commit 3
        await Workflow.Ingest(PassengerSources.Api, Day, Anna with { Pclass = 2 }); // commit 4

        Assert.Equal(1, await Learnable());
    }

    /// <summary>S13: in the original the predicted row had usually been learned.</summary>
    [Fact]
    public async Task An_answer_counts_as_in_sample_when_the_model_has_learned_the_passenger()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Anna);
        await Workflow.Execute("alter table training_datasets disable trigger user; update training_datasets set as_of_commit_id = 2, sources = '{titanic3,api}'");
        await Workflow.Ingest(PassengerSources.Api, Day, Anna with { Pclass = 2 }, Anna with { SourceKey = "b" });

        Assert.Equal((2, 1), await Predict(Day));

        Assert.Equal(1, await Workflow.Count("predictions a join passengers p using (passenger_id)", "p.source_key = 'a' and p.superseded_by is null and not a.is_live"));
        Assert.Equal(1, await Workflow.Count("predictions a join passengers p using (passenger_id)", "p.source_key = 'b' and a.is_live"));
    }

    /// <summary>Otherwise neither could ever begin: no prediction without a model, and no model without predictions.</summary>
    [Fact]
    public async Task A_stream_that_began_before_history_came_does_not_keep_the_first_model_from_being_trained()
    {
        await using var database = await Postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Run(PipelineNames.Feature, Day);
        await workflow.Begin();

        Assert.Equal(1309, await workflow.Scalar<int>("select rows from training_datasets"));
        Assert.Equal((10, 1), await Predict(Day, workflow));
        Assert.Equal(10, await workflow.Count("predictions", "is_live"));
    }

    private Task<(int Predicted, int? ModelVersion)> Predict(DateOnly through, TestWorkflow? workflow = null) =>
        (workflow ?? Workflow).In<BatchInference, (int, int?)>(batch => batch.PredictUnpredicted(through, null, Cancellation));

    private Task<long?> Learnable() => Workflow.In<BatchInference, long?>(batch => batch.NewestLearnableCommit(Cancellation));
}
