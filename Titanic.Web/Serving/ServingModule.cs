using Microsoft.Extensions.Options;
using Titanic.Web.Registry;
using Titanic.Web.Serving.Feedback;
using Titanic.Web.Serving.Protocols;
using Titanic.Web.Serving.Receipts;
using Titanic.Web.Serving.Requests;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving;

/// <summary>The door of serving: the champion in memory, online and batch answers, explanations, receipts, feedback, standard protocols.</summary>
public static class ServingModule
{
    public static IServiceCollection AddServing(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ServingOptions>().Bind(configuration.GetSection(ServingOptions.Section)).ValidateOnStart();
        return services.AddSingleton<IValidateOptions<ServingOptions>, ServingOptions.Validator>().AddAnswering().AddProtocols();
    }

    public static void MapServing(this IEndpointRouteBuilder routes)
    {
        routes.MapPredictionsApi();
        routes.MapFeedbackApi();
        routes.MapProtocols();
    }

    private static IServiceCollection AddAnswering(this IServiceCollection services) => services
        .AddSingleton<ChampionInMemory>()
        .AddHostedService<ChampionListener>()
        .AddSingleton<PredictionLog>()
        .AddHostedService(provider => provider.GetRequiredService<PredictionLog>())
        .AddSingleton<Predictor>()
        .AddSingleton<PredictionsEndpoint>()
        .AddScoped<PredictionReader>()
        .AddScoped<Explainer>()
        .AddSingleton<ExamplePassengers>()
        .AddScoped<BatchInference>()
        .AddScoped<LiveAnswers>()
        .AddScoped<FeedbackBox>()
        .AddScoped<FeedbackReader>()
        .AddScoped<DatasetChecks>()
        .AddScoped<ReceiptVerifier>();
}
