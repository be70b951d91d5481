using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Serving;

public sealed class ExplainerTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly PredictionInput Boy = new(2, Sex.Male, 3, 26);

    [Fact]
    public async Task Neighbors_count_the_training_rows_with_their_input()
    {
        var (prediction, explained) = await Explain(Boy);

        Assert.Equal((prediction.Survivors, prediction.Neighbors), (explained.Neighbors.Sum(n => n.Survived), explained.Neighbors.Sum(n => n.Died + n.Survived)));
        Assert.Equal("2nd class, male, Child, over £25 to £50", explained.Neighbors[0].Description);
        Assert.Equal(0, explained.Neighbors[0].Distance);
        foreach (var neighbor in explained.Neighbors)
        {
            var code = BinnedPoint.FromFeatures([.. neighbor.Input.Select(value => value.Value)]).Code;
            foreach (var (survived, rows) in new[] { (true, neighbor.Survived), (false, neighbor.Died) })
                Assert.Equal(rows, await Workflow.Count("passengers p join outcomes o using (passenger_id)", $"titanic_binned_v1 = {code} and survived = {survived}"));
            Assert.Equal(Math.Min(Explainer.MaximumPeoplePerNeighbor, neighbor.Died + neighbor.Survived), neighbor.People.Count);
            Assert.Equal(neighbor.Died + neighbor.Survived, neighbor.People.Count + neighbor.More);
            foreach (var person in neighbor.People)
            {
                Assert.Equal(1, await Workflow.Count(
                    "passengers p join outcomes o using (passenger_id)",
                    $"source = 'titanic3' and source_key = '{person.Key}' and name = '{person.Name.Replace("'", "''")}' and survived = {person.Survived} and titanic_binned_v1 = {code}"));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_alternative_has_the_opposite_prediction(bool isNumeric)
    {
        if (isNumeric)
            await Workflow.RegisterNumeric(Verdict.Promote);
        PredictionInput[] inputs = [Boy, new(1, Sex.Female, 29, 100), new(3, Sex.Male), new(1, Sex.Male, 47, 227.5), new(3, Sex.Female, 38, 31.3875)];
        foreach (var input in inputs)
        {
            var (prediction, explained) = await Explain(input);

            Assert.Equal(!isNumeric, explained.Change.IsExact);
            Assert.NotEmpty(explained.Change.Alternatives);
            foreach (var alternative in explained.Change.Alternatives)
            {
                var other = (await Predict(alternative.Input)).Predictions[0];
                Assert.Equal((!prediction.Survived, alternative.Probability), (other.Survived, other.Probability));
                Assert.StartsWith($"The prediction changes to {(other.Survived ? "survived" : "died")} if ", alternative.Sentence, StringComparison.Ordinal);
            }
            Assert.Equal(4, explained.Sensitivity.Count);
        }
    }

    [Fact]
    public async Task Names_passengers_with_the_exact_values_of_the_numeric_view()
    {
        await Workflow.RegisterNumeric(Verdict.Promote);

        var (prediction, explained) = await Explain(new PredictionInput(1, Sex.Female, 29, 211.3375));

        var first = explained.Neighbors[0];
        Assert.Equal((0, "1st class, female, 29 years, £211.34"), (first.Distance, first.Description));
        Assert.Equal("Allen, Miss. Elisabeth Walton", Assert.Single(first.People).Name);
        Assert.Equal(prediction.Neighbors, explained.Neighbors.Sum(n => n.Died + n.Survived));
    }

    [Fact]
    public async Task Names_only_passengers_of_the_historical_list_and_counts_the_others()
    {
        var uploaded = new Passenger("1", null, 1, Sex.Female, 70, 9, false);
        await Workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, [.. Enumerable.Range(1, 20).Select(i => uploaded with { SourceKey = $"{i}", Name = $"Private, Mr. {i}" })]);
        await Workflow.Run(PipelineNames.Training, TestWorkflow.FirstDay);
        await Workflow.Promote(2);

        var (prediction, explained) = await Explain(new PredictionInput(1, Sex.Female, 70, 9));

        Assert.Equal((2, 20), (prediction.ModelVersion, explained.Neighbors[0].Died));
        Assert.Equal((20, 0), (explained.Neighbors[0].More, explained.Neighbors[0].People.Count));
    }

    /// <summary>A correction after the commit of the training dataset does not change the rows that the model was trained on.</summary>
    [Fact]
    public async Task Names_passengers_as_of_the_commit_of_the_training_dataset()
    {
        var before = (await Explain(new PredictionInput(1, Sex.Female, 29, 211.3375))).Explained.Neighbors[0].People;
        var known = before[0];
        await Workflow.Ingest(
            PassengerSources.Titanic3, TestWorkflow.FirstDay,
            new Passenger(known.Key, "Renamed, Mrs.", 3, Sex.Male, 50, 8, !known.Survived));

        var after = (await Explain(new PredictionInput(1, Sex.Female, 29, 211.3375))).Explained.Neighbors[0].People;

        Assert.Equal(before, after);
    }

    [Theory]
    [InlineData("The prediction changes to survived if the age is up to 12 years.", 3, Sex.Male, 29.0, 8.0)]
    [InlineData("The prediction changes to died if the passenger is male.", 1, Sex.Female, 29.0, 100.0)]
    public async Task States_the_counterfactual_as_a_sentence(string sentence, int pclass, Sex sex, double age, double fare)
    {
        var (_, explained) = await Explain(new PredictionInput(pclass, sex, age, fare));

        Assert.Contains(
            sentence, explained.Change.Alternatives.Select(alternative => alternative.Sentence).Append(explained.Change.Sentence));
        Assert.Contains("All 396 possible inputs were searched", explained.Change.Scope, StringComparison.Ordinal);
    }

    [Fact]
    public async Task States_the_minimal_removal_set_as_a_sentence_with_its_counts()
    {
        var (prediction, anyRows) = await Explain(new PredictionInput(3, Sex.Male, 22, 7.25));
        var (_, nearestRows) = await Explain(new PredictionInput(1, Sex.Female, 29, 100));

        Assert.Equal(
            $"Any {anyRows.Removal.Rows} of the {prediction.Neighbors - prediction.Survivors} neighbors who died would have to be removed to flip the prediction.",
            anyRows.Removal.Sentence);
        Assert.Equal(
            $"{nearestRows.Removal.Rows} of the nearest training passengers who survived would have to be removed to flip the prediction; no smaller number is enough.",
            nearestRows.Removal.Sentence);
        Assert.Equal(nearestRows.Removal.Rows, nearestRows.Removal.Inputs.Sum(input => input.Rows));
    }

    private Task<PredictionResult> Predict(PredictionInput input) =>
        Workflow.InScope<Predictor, PredictionResult>(predictor =>
            predictor.PredictAsync(new[] { input }, PredictionSources.Api, PredictionOptions.None, Cancellation));

    private async Task<(Prediction Prediction, ExplanationResponse Explained)> Explain(PredictionInput input)
    {
        var result = await Predict(input);
        return (
            result.Predictions[0],
            await Workflow.InScope<Explainer, ExplanationResponse>(explainer => explainer.Explain(result.Model, result.Predictions[0], Cancellation)));
    }
}
