using Microsoft.AspNetCore.Http;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Tests.Serving.Feedback;

/// <summary>Many readers of one answer at the same time.</summary>
public sealed class FeedbackServiceTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private long _answer;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var answered = await Workflow.In<Predictor, PredictionResult>(predictor => predictor.PredictAsync(new[] { new PredictionInput(3, Sex.Male) }, PredictionSources.Page, PredictionOptions.None, TestWorkflow.Cancellation));
        _answer = answered.Predictions[0].PredictionId;
    }

    [Fact]
    public async Task Thirty_browsers_at_once_leave_twenty_words()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 30).Select(browser => IsTaken($"browser-{browser}")));

        Assert.Equal(20, taken.Count(isTaken => isTaken));
        Assert.Equal(20, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task One_browser_that_sends_many_at_once_has_one_word()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => IsTaken("the same")));

        Assert.DoesNotContain(false, taken);
        Assert.Equal(1, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task A_full_answer_still_lets_its_readers_change_their_minds()
    {
        for (var browser = 0; browser < 20; browser++)
            Assert.True(await IsTaken($"browser-{browser}"));

        Assert.True(await IsTaken("browser-7"));
        Assert.False(await IsTaken("browser-20"));
        Assert.Equal(20, await Workflow.Count("prediction_feedback"));
    }

    [Fact]
    public async Task What_is_stored_of_a_browser_says_nothing_of_it_and_differs_from_answer_to_answer()
    {
        var other = await Workflow.In<Predictor, PredictionResult>(predictor => predictor.PredictAsync(new[] { new PredictionInput(1, Sex.Female) }, PredictionSources.Page, PredictionOptions.None, TestWorkflow.Cancellation));
        await Give(_answer, "a secret of the browser");
        await Give(other.Predictions[0].PredictionId, "a secret of the browser");

        Assert.Equal(2, await Workflow.Scalar<long>("select count(distinct reader) from prediction_feedback where length(reader) = 32 and given_by = 'anonymous'"));
    }

    private async Task<bool> IsTaken(string cookie)
    {
        try
        {
            await Give(_answer, cookie);
            return true;
        }
        catch (FeedbackRefusedException refused) when (refused.Status == StatusCodes.Status409Conflict)
        {
            return false;
        }
    }

    private Task<PredictionFeedback> Give(long prediction, string cookie)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"{CookieAntiforgery.CookieName}={Uri.EscapeDataString(cookie)}";
        return Workflow.In<FeedbackService, PredictionFeedback>(feedback => feedback.Submit(prediction, new FeedbackRequest(FeedbackKinds.Odd), FeedbackGiver.Of(context), TestWorkflow.Cancellation));
    }
}
