using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Serving;

public sealed class PredictorTests(TestPostgres postgres)
{
    private static readonly PredictionInput FirstClass = new(1, Sex.Female, 29, 100);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stores_each_prediction_with_its_input_encoding_and_result()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);

        var predictions = await Predict(workflow, FirstClass, new PredictionInput(3, Sex.Male));

        var stored = await workflow.Query(db => db.Predictions.OrderBy(p => p.PredictionId).ToListAsync(Cancellation));
        Assert.Equal(predictions.Select(prediction => prediction.PredictionId), stored.Select(row => row.PredictionId));
        Assert.Equal((1, Sex.Female, 29.0, 100.0), ((int)stored[0].Pclass, stored[0].Sex, stored[0].AgeInYears, stored[0].FareInPounds));
        Assert.Equal((3, Sex.Male, null, null), ((int)stored[1].Pclass, stored[1].Sex, stored[1].AgeInYears, stored[1].FareInPounds));
        Assert.Equal((BinnedEncoder.Encode(3, Sex.Male, null, 14.4542).Code, null), (stored[1].PointCode, stored[1].Encoded));
        Assert.Equal((true, false), (stored[0].Survived, stored[1].Survived));
        Assert.All(stored, row =>
        {
            Assert.Equal(("api", 1, TestWorkflow.FirstDay, workflow.Now), (row.Source, row.ModelVersion, row.LogicalDate, row.CreatedAt));
            Assert.Equal((null, null), (row.PassengerId, row.IsLive));
            Assert.Equal((row.Survivors + 1.0) / (row.Neighbors + 2.0), row.Probability);
            Assert.InRange(row.Neighbors, 7, 1309);
        });
    }

    [Fact]
    public async Task Throws_without_a_champion_and_stores_nothing()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);

        var failure = await Assert.ThrowsAsync<NoChampionException>(() => Predict(workflow, FirstClass));

        Assert.Contains("There is no champion model yet", failure.Message);
        Assert.Equal(0, await workflow.Count("predictions"));
    }

    [Fact]
    public async Task Stores_the_encoded_values_for_an_infinite_view()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.RegisterNumeric(Verdict.Promote);

        await Predict(workflow, FirstClass);

        var stored = await workflow.Query(db => db.Predictions.SingleAsync(Cancellation));
        Assert.Equal((2, null), (stored.ModelVersion, stored.PointCode));
        Assert.Equal([1, 1, 29, Math.Round(Math.Log(101), 9)], stored.Encoded!);
    }

    [Fact]
    public async Task The_database_requires_exactly_one_encoding()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await Predict(workflow, FirstClass);

        foreach (var change in (string[])["encoded = '{1,1,29,4.6}'", "point_code = null"])
            Assert.Equal("ck_predictions_encoded", (await Assert.ThrowsAsync<PostgresException>(() => workflow.Execute($"update predictions set {change}"))).ConstraintName);
    }

    [Theory]
    [InlineData("update predictions set model_version = 2", "23503")]
    [InlineData(
        "insert into predictions (created_at, source, logical_date, pclass, sex, point_code, model_name, model_version, survived, probability, survivors, neighbors) "
        + "select created_at, source, logical_date, pclass, sex, point_code, model_name, 2, survived, probability, survivors, neighbors from predictions",
        "23503")]
    [InlineData("delete from model_versions", "23000")]
    [InlineData("update model_versions set version = 2", "23000")]
    public async Task The_database_requires_the_model_version_of_a_prediction(string change, string sqlState)
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await Predict(workflow, FirstClass);

        Assert.Equal(sqlState, (await Assert.ThrowsAsync<PostgresException>(() => workflow.Execute(change))).SqlState);
    }

    private static async Task<IReadOnlyList<Prediction>> Predict(TestWorkflow workflow, params PredictionInput[] inputs) =>
        (await workflow.InScope<Predictor, PredictionResult>(predictor =>
            predictor.PredictAsync(inputs, PredictionSources.Api, PredictionOptions.None, Cancellation))).Predictions;
}
