using Microsoft.AspNetCore.Http;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Tests.Serving.Feedback;

/// <summary>Concurrent feedback on one prediction.</summary>
public sealed class FeedbackServiceTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private long _answer;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _answer = await NewPrediction(new PredictionInput(3, Sex.Male));
    }

    [Fact]
    public async Task Accepts_20_of_30_concurrent_authors()
    {
        var accepted = await Task.WhenAll(Enumerable.Range(0, 30).Select(browser => IsTaken($"browser-{browser}")));

        Assert.Equal(20, accepted.Count(isAccepted => isAccepted));
        Assert.Equal(20, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task Concurrent_feedback_of_one_author_leaves_one_entry()
    {
        var accepted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => IsTaken("the same")));

        Assert.DoesNotContain(false, accepted);
        Assert.Equal(1, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task Existing_authors_can_replace_their_feedback_at_the_limit()
    {
        for (var browser = 0; browser < 20; browser++)
            Assert.True(await IsTaken($"browser-{browser}"));

        Assert.True(await IsTaken("browser-7"));
        Assert.False(await IsTaken("browser-20"));
        Assert.Equal(20, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task Stores_a_digest_per_author_and_prediction()
    {
        var other = await NewPrediction(new PredictionInput(1, Sex.Female));
        await Give(_answer, "a secret of the browser");
        await Give(other, "a secret of the browser");

        Assert.Equal(2, await Workflow.Scalar<long>(
            "select count(distinct reader) from prediction_feedback where length(reader) = 32 and given_by = 'anonymous'"));
    }

    private async Task<long> NewPrediction(PredictionInput input) => (await Workflow.In<Predictor, PredictionResult>(predictor =>
        predictor.PredictAsync(new[] { input }, PredictionSources.Page, PredictionOptions.None, TestWorkflow.Cancellation))).Predictions[0].PredictionId;

    private async Task<bool> IsTaken(string cookie)
    {
        try
        {
            await Give(_answer, cookie);
            return true;
        }
        catch (FeedbackRefusedException rejected) when (rejected.Status == StatusCodes.Status409Conflict)
        {
            return false;
        }
    }

    private Task<PredictionFeedback> Give(long prediction, string cookie)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"{CookieAntiforgery.CookieName}={Uri.EscapeDataString(cookie)}";
        return Workflow.In<FeedbackService, PredictionFeedback>(feedback =>
            feedback.Submit(prediction, new FeedbackRequest(FeedbackKinds.Odd), FeedbackGiver.Of(context), TestWorkflow.Cancellation));
    }
}
