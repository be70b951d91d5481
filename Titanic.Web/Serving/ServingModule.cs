using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>The door of serving: the champion in memory, online and batch answers, explanations.</summary>
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
        .AddScoped<LiveAnswers>();

    public static void MapServing(this IEndpointRouteBuilder routes) => routes.MapPredictionsApi();
}
