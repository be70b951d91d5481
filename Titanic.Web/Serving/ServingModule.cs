using Microsoft.Extensions.Options;
using Titanic.Web.Serving.Feedback;
using Titanic.Web.Serving.Protocols;
using Titanic.Web.Serving.Receipts;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving;

/// <summary>
/// Registers serving: the loaded champion, online and batch predictions, explanations, receipts, feedback and standard protocols.
/// </summary>
public static class ServingModule
{
    public static IServiceCollection AddServing(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ServingOptions>().Bind(configuration.GetSection(ServingOptions.Section)).ValidateOnStart();
        // First: ASP.NET Core uses the first writer whose CanWrite returns true.
        services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ProtocolErrors>());
        return services.AddSingleton<IValidateOptions<ServingOptions>, ServingOptionsValidator>()
            .AddSingleton<ChampionCache>()
            .AddHostedService<ChampionListener>()
            .AddSingleton<PredictionLog>()
            .AddHostedService(provider => provider.GetRequiredService<PredictionLog>())
            .AddSingleton<PredictionResponseWriter>()
            .AddSingleton<Predictor>()
            .AddSingleton<ServingReadiness>()
            .AddScoped<OpenInference>()
            .AddScoped<PredictionReader>()
            .AddScoped<Explainer>()
            .AddSingleton<ExamplePassengers>()
            .AddScoped<BatchInference>()
            .AddScoped<LivePredictions>()
            .AddScoped<FeedbackService>()
            .AddScoped<FeedbackReader>()
            .AddScoped<DatasetChecks>()
            .AddScoped<ReceiptVerifier>();
    }

    public static void MapServing(this IEndpointRouteBuilder routes)
    {
        routes.MapPredictionsApi();
        routes.MapFeedbackApi();
        routes.MapMlflowApi();
        routes.MapOpenInferenceApi();
    }
}
