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
            examples.Cells.Select(example => (example.WasRight, example.SaidSurvived)));
        Assert.Equal(FamousPassengers.All.Count, examples.Famous.Count);
        foreach (var example in examples.Cells.Concat(examples.Famous))
        {
            var prediction = model.Answer(example.Question.EncodeBy(model.View));
            Assert.Equal((prediction.Survived, prediction.Probability), (example.SaidSurvived, example.Probability));
            Assert.Equal(1, await Workflow.Count(
                "passengers p join outcomes o using (passenger_id)",
                $"source = 'titanic3' and source_key = '{example.Person.SourceKey}' and name = '{example.Person.Name.Replace("'", "''")}' and survived = {example.Person.Survived}"));
        }
    }

    /// <summary>A second implementation: predicts every row of the list as stored in the database.</summary>
    [Fact]
    public async Task The_example_of_a_cell_is_its_most_confident_prediction()
    {
        var (examples, model) = await Examples();
        var all = await Workflow.Ask(db => Task.FromResult((
            from passenger in db.Passengers
            join outcome in db.Outcomes on passenger.PassengerId equals outcome.PassengerId
            orderby passenger.PassengerId
            select new { passenger, outcome.Survived }).ToList()));

        foreach (var example in examples.Cells)
        {
            var expected = all
                .Where(row => FamousPassengers.All.All(known => known.Name != row.passenger.Name))
                .Select(row => (
                    row.passenger.SourceKey, row.Survived,
                    Predicted: model.Answer(model.View.Encode(row.passenger.Pclass, row.passenger.Sex, row.passenger.AgeInYears, row.passenger.FareInPounds))))
                .Where(row => row.Survived == example.Person.Survived && row.Predicted.Survived == example.SaidSurvived)
                .OrderByDescending(row => row.Predicted.Survived ? row.Predicted.Probability : 1 - row.Predicted.Probability)
                .First();
            Assert.Equal(expected.SourceKey, example.Person.SourceKey);
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
        Assert.Same(numeric, await Workflow.The<ExamplePassengers>().Of(model, Cancellation));
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

        var model = await workflow.The<ChampionInMemory>().Reload(Cancellation);
        var examples = await workflow.The<ExamplePassengers>().Of(model!, Cancellation);

        Assert.Empty(examples.Cells);
        Assert.Empty(examples.Famous);
    }

    private async Task<(Examples Examples, ServedModel Model)> Examples()
    {
        var model = (await Workflow.The<ChampionInMemory>().Reload(Cancellation))!;
        return (await Workflow.The<ExamplePassengers>().Of(model, Cancellation), model);
    }
}
