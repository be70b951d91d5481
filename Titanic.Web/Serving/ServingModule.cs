using Titanic.Web.Registry;
using Titanic.Web.Serving.Protocols;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Serving;

/// <summary>The door of serving: the champion in memory, online and batch answers, explanations, receipts, standard protocols.</summary>
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
        .AddScoped<DatasetChecks>()
        .AddScoped<ReceiptVerifier>()
        .AddProtocols();

    public static void MapServing(this IEndpointRouteBuilder routes)
    {
        routes.MapPredictionsApi();
        routes.MapMlflowApi();
        routes.MapOpenInferenceApi();
    }

    private static IServiceCollection AddProtocols(this IServiceCollection services)
    {
        services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ProtocolErrors>()); // the first writer that can is asked to write
        return services.AddSingleton<Answerability>().AddScoped<OpenInference>();
    }
}
