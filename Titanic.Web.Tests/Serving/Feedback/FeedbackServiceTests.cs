using Microsoft.AspNetCore.Http;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Tests.Serving.Feedback;

/// <summary>Concurrent feedback on one prediction.</summary>
public sealed class FeedbackServiceTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private long _predictionId;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _predictionId = await NewPrediction(new PredictionInput(3, Sex.Male));
    }

    [Fact]
    public async Task Accepts_20_of_30_concurrent_authors()
    {
        var accepted = await Task.WhenAll(Enumerable.Range(0, 30).Select(browser => TrySubmit($"browser-{browser}")));

        Assert.Equal(20, accepted.Count(isAccepted => isAccepted));
        Assert.Equal(20, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task Concurrent_feedback_of_one_author_leaves_one_entry()
    {
        var accepted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TrySubmit("the same")));

        Assert.DoesNotContain(false, accepted);
        Assert.Equal(1, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task Existing_authors_can_replace_their_feedback_at_the_limit()
    {
        for (var browser = 0; browser < 20; browser++)
            Assert.True(await TrySubmit($"browser-{browser}"));

        Assert.True(await TrySubmit("browser-7"));
        Assert.False(await TrySubmit("browser-20"));
        Assert.Equal(20, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task Stores_a_digest_per_author_and_prediction()
    {
        var other = await NewPrediction(new PredictionInput(1, Sex.Female));
        await Submit(_predictionId, "a secret of the browser");
        await Submit(other, "a secret of the browser");

        Assert.Equal(2, await Workflow.Scalar<long>(
            "select count(distinct reader) from prediction_feedback where length(reader) = 32 and given_by = 'anonymous'"));
    }

    private async Task<long> NewPrediction(PredictionInput input) => (await Workflow.InScope<Predictor, PredictionResult>(predictor =>
        predictor.PredictAsync(new[] { input }, PredictionSources.Page, PredictionOptions.None, TestWorkflow.Cancellation))).Predictions[0].PredictionId;

    private async Task<bool> TrySubmit(string cookie)
    {
        try
        {
            await Submit(_predictionId, cookie);
            return true;
        }
        catch (FeedbackRejectedException rejected) when (rejected.Status == StatusCodes.Status409Conflict)
        {
            return false;
        }
    }

    private Task<PredictionFeedback> Submit(long prediction, string cookie)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"{CookieAntiforgery.CookieName}={Uri.EscapeDataString(cookie)}";
        return Workflow.InScope<FeedbackService, PredictionFeedback>(feedback =>
            feedback.Submit(prediction, new FeedbackRequest(FeedbackKinds.Odd), FeedbackAuthor.Of(context), TestWorkflow.Cancellation));
    }
}
