using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Serving;

public sealed class ExamplePassengersTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    [Fact]
    public async Task Returns_an_example_with_its_prediction_and_outcome_for_each_cell_of_the_confusion_matrix()
    {
        var (examples, model) = await Examples();

        Assert.Equal(
            [(true, true), (true, false), (false, true), (false, false)],
            examples.MostConfident.Select(example => (example.IsCorrect, example.PredictedSurvived)));
        Assert.Equal(FamousPassengers.All.Count, examples.Famous.Count);
        foreach (var example in examples.MostConfident.Concat(examples.Famous))
        {
            var prediction = model.Predict(example.Input.EncodeBy(model.View));
            Assert.Equal((prediction.Survived, prediction.Probability), (example.PredictedSurvived, example.Probability));
            Assert.Equal(1, await Workflow.Count(
                "passengers p join outcomes o using (passenger_id)",
                $"source = 'titanic3' and source_key = '{example.Passenger.SourceKey}' and name = '{example.Passenger.Name.Replace("'", "''")}' and survived = {example.Passenger.Survived}"));
        }
    }

    /// <summary>A second implementation: predicts every row of the list as stored in the database.</summary>
    [Fact]
    public async Task The_example_of_a_cell_is_its_most_confident_prediction()
    {
        var (examples, model) = await Examples();
        var all = await Workflow.Query(db => Task.FromResult((
            from passenger in db.Passengers
            join outcome in db.Outcomes on passenger.PassengerId equals outcome.PassengerId
            orderby passenger.PassengerId
            select new { passenger, outcome.Survived }).ToList()));

        foreach (var example in examples.MostConfident)
        {
            var expected = all
                .Where(row => FamousPassengers.All.All(known => known.Name != row.passenger.Name))
                .Select(row => (
                    row.passenger.SourceKey, row.Survived,
                    Predicted: model.Predict(model.View.Encode(row.passenger.Pclass, row.passenger.Sex, row.passenger.AgeInYears, row.passenger.FareInPounds))))
                .Where(row => row.Survived == example.Passenger.Survived && row.Predicted.Survived == example.PredictedSurvived)
                .OrderByDescending(row => row.Predicted.Survived ? row.Predicted.Probability : 1 - row.Predicted.Probability)
                .First();
            Assert.Equal(expected.SourceKey, example.Passenger.SourceKey);
        }
    }

    [Fact]
    public async Task Caches_the_examples_of_a_version()
    {
        var (first, _) = await Examples();
        await Workflow.RegisterNumeric(Verdict.Promote);

        var (numeric, model) = await Examples();

        Assert.Equal((1, 2), (first.ModelVersion, numeric.ModelVersion));
        await Workflow.Execute("update passengers set name = 'Nobody'");
        Assert.Same(numeric, await Workflow.GetRequired<ExamplePassengers>().Of(model, Cancellation));
    }

    [Fact]
    public async Task Returns_no_examples_without_the_historical_list()
    {
        await using var empty = await Postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(empty);
        await workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, [.. Enumerable.Range(1, 120).Select(i =>
            new Passenger($"{i}", i == 1 ? "Astor, Col. John Jacob" : $"Somebody {i}", 1 + (i % 3), i % 2 == 0 ? Sex.Male : Sex.Female, i % 60, i, i % 3 == 1))]);
        Assert.Null((await workflow.Run(PipelineNames.Training, TestWorkflow.FirstDay)).Error);
        await workflow.Promote(1, force: true);

        var model = await workflow.GetRequired<ChampionCache>().Reload(Cancellation);
        var examples = await workflow.GetRequired<ExamplePassengers>().Of(model!, Cancellation);

        Assert.Empty(examples.MostConfident);
        Assert.Empty(examples.Famous);
    }

    private async Task<(ExamplePredictions Examples, LoadedModel Model)> Examples()
    {
        var model = (await Workflow.GetRequired<ChampionCache>().Reload(Cancellation))!;
        return (await Workflow.GetRequired<ExamplePassengers>().Of(model, Cancellation), model);
    }
}
