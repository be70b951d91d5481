using Titanic.Web.Registry;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Serving;

/// <summary>The door of serving: the champion in memory, online and batch answers, explanations, receipts.</summary>
public static class ServingModule
{
    public static IServiceCollection AddServing(this IServiceCollection services) => services
        .AddSingleton<TryVersion>(VersionTrials.Of)
        .AddSingleton<ChampionInMemory>()
        .AddHostedService<ChampionListener>()
        .AddScoped<Predictor>()
        .AddScoped<PredictionReader>()
        .AddScoped<Explainer>()
        .AddSingleton<ExamplePassengers>()
        .AddScoped<BatchInference>()
        .AddScoped<LiveAnswers>()
        .AddScoped<DatasetChecks>()
        .AddScoped<ReceiptVerifier>();

    public static void MapServing(this IEndpointRouteBuilder routes) => routes.MapPredictionsApi();
}
