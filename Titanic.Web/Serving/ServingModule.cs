using Titanic.Web.Registry;
using Titanic.Web.Serving.Feedback;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Serving;

/// <summary>The door of serving: the champion in memory, online and batch answers, explanations, receipts, feedback.</summary>
public static class ServingModule
{
    public static IServiceCollection AddServing(this IServiceCollection services) => services
        .AddSingleton<TryVersion>(VersionTrials.Of)
        .AddSingleton<ChampionInMemory>()
        .AddHostedService<ChampionListener>()
        .AddScoped<Predictor>()
        .AddScoped<PredictionReader>()
        .AddScoped<Explainer>()
        .AddScoped<BatchInference>()
        .AddScoped<LiveAnswers>()
        .AddScoped<FeedbackBox>()
        .AddScoped<FeedbackReader>()
        .AddScoped<DatasetChecks>()
        .AddScoped<ReceiptVerifier>();

    public static void MapServing(this IEndpointRouteBuilder routes)
    {
        routes.MapPredictionsApi();
        routes.MapFeedbackApi();
    }
}
