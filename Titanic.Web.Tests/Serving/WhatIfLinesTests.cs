using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Serving;

public sealed class WhatIfLinesTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    /// <summary>Compares each point of each line with a separate prediction for its input.</summary>
    [Theory]
    [InlineData(false, 29.0, 100.0)]
    [InlineData(false, null, null)]
    [InlineData(true, 29.0, 512.3292)]
    [InlineData(true, 0.1667, 7.225)]
    [InlineData(true, null, null)]
    public async Task Every_point_is_the_prediction_for_its_input(bool isNumeric, double? age, double? fare)
    {
        if (isNumeric)
            await Workflow.RegisterNumeric(Verdict.Promote);
        var input = new PredictionInput(2, Sex.Female, age, fare);
        var result = await Predict(input);
        var (model, predictions) = (result.Model, result.Predictions);
        var (overAge, overFare) = (WhatIfLines.OverAge(model, predictions[0]), WhatIfLines.OverFare(model, predictions[0]));

        Assert.Equal(["male", "female"], overAge.Lines.Select(line => line.Name));
        Assert.Equal(["1st class", "2nd class", "3rd class"], overFare.Lines.Select(line => line.Name));
        foreach (var (lines, others) in new[]
        {
            (overAge, (PredictionInput[])[new PredictionInput(2, Sex.Male, age, fare), input]),
            (overFare, [new PredictionInput(1, Sex.Female, age, fare), input, new PredictionInput(3, Sex.Female, age, fare)]),
        })
        {
            Assert.Equal(1, lines.Lines.ToList().FindIndex(line => line.IsRequested));
            Assert.Equal(lines.Values.OrderBy(value => value.Lowest ?? -1), lines.Values);
            Assert.Equal(predictions[0].Probability, lines.Lines[1].Predictions[lines.RequestedIndex].Probability);
            foreach (var (line, other) in lines.Lines.Zip(others))
            {
                var expected = await Predict([.. lines.Values.Select(value => other.With(lines.Field, value))]);
                Assert.Equal(
                    expected.Predictions.Select(prediction => (prediction.Survived, prediction.Probability, prediction.Neighbors)),
                    line.Predictions.Select(prediction => (prediction.Survived, prediction.Probability, prediction.Neighbors)));
            }
        }
    }

    [Fact]
    public async Task The_requested_value_is_inserted_in_order_into_the_grid()
    {
        await Workflow.RegisterNumeric(Verdict.Promote);
        var result = await Predict(new PredictionInput(1, Sex.Male, 47, null));
        var (model, predictions) = (result.Model, result.Predictions);

        var lines = WhatIfLines.OverAge(model, predictions[0]);
        Assert.Equal(["45 years", "47 years", "50 years"], lines.Values.Skip(lines.RequestedIndex - 1).Take(3).Select(value => value.Name));
        var unknown = WhatIfLines.OverFare(model, predictions[0]);
        Assert.Equal((0, null, "unknown, imputed as £14.45"), (unknown.RequestedIndex, unknown.RequestedValue, unknown.Values[0].Name));
    }

    private Task<PredictionResult> Predict(params PredictionInput[] inputs) =>
        Workflow.InScope<Predictor, PredictionResult>(predictor =>
            predictor.PredictAsync(inputs, PredictionSources.Api, PredictionOptions.None, Cancellation));
}
