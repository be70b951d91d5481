using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Serving;

public sealed class WhatIfLinesTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    /// <summary>Each point of each line is what somebody gets who asks for it.</summary>
    [Theory]
    [InlineData(false, 29.0, 100.0)]
    [InlineData(false, null, null)]
    [InlineData(true, 29.0, 512.3292)]
    [InlineData(true, 0.1667, 7.225)]
    [InlineData(true, null, null)]
    public async Task Every_point_is_the_answer_to_its_own_question(bool isNumeric, double? age, double? fare)
    {
        if (isNumeric)
            await Workflow.RegisterNumeric(Verdict.Promote);
        var question = new PredictionInput(2, Sex.Female, age, fare);
        var result = await Answer(question);
        var (model, predictions) = (result.Model, result.Predictions);
        var (overAge, overFare) = (WhatIfLines.OverAge(model, predictions[0]), WhatIfLines.OverFare(model, predictions[0]));

        Assert.Equal(["male", "female"], overAge.Lines.Select(line => line.Name));
        Assert.Equal(["1st class", "2nd class", "3rd class"], overFare.Lines.Select(line => line.Name));
        foreach (var (lines, others) in new[]
        {
            (overAge, (PredictionInput[])[new PredictionInput(2, Sex.Male, age, fare), question]),
            (overFare, [new PredictionInput(1, Sex.Female, age, fare), question, new PredictionInput(3, Sex.Female, age, fare)]),
        })
        {
            Assert.Equal(1, lines.Lines.ToList().FindIndex(line => line.IsAsked));
            Assert.Equal(lines.Values.OrderBy(value => value.Lowest ?? -1), lines.Values);
            Assert.Equal(predictions[0].Probability, lines.Lines[1].Answers[lines.AskedAt].Probability);
            foreach (var (line, other) in lines.Lines.Zip(others))
            {
                var asked = await Answer([.. lines.Values.Select(value => other.With(lines.Member, value))]);
                Assert.Equal(
                    asked.Predictions.Select(prediction => (prediction.Survived, prediction.Probability, prediction.Neighbors)),
                    line.Answers.Select(answer => (answer.Survived, answer.Probability, answer.Neighbors)));
            }
        }
    }

    [Fact]
    public async Task What_was_asked_stands_in_its_place_among_fixed_values()
    {
        await Workflow.RegisterNumeric(Verdict.Promote);
        var result = await Answer(new PredictionInput(1, Sex.Male, 47, null));
        var (model, predictions) = (result.Model, result.Predictions);

        var lines = WhatIfLines.OverAge(model, predictions[0]);
        Assert.Equal(["45 years", "47 years", "50 years"], lines.Values.Skip(lines.AskedAt - 1).Take(3).Select(value => value.Name));
        var unknown = WhatIfLines.OverFare(model, predictions[0]);
        Assert.Equal((0, null, "unknown, counts as £14.45"), (unknown.AskedAt, unknown.Asked, unknown.Values[0].Name));
    }

    private Task<PredictionResult> Answer(params PredictionInput[] questions) =>
        Workflow.In<Predictor, PredictionResult>(predictor => predictor.PredictAsync(questions, PredictionSources.Api, PredictionOptions.None, Cancellation));
}
