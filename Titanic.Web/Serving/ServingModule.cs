using Microsoft.Extensions.Options;
using Titanic.Web.Serving.Feedback;
using Titanic.Web.Serving.Protocols;
using Titanic.Web.Serving.Receipts;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving;

/// <summary>Registration of serving: the champion in memory, online and batch predictions, explanations, receipts, feedback, standard protocols.</summary>
public static class ServingModule
{
    public static IServiceCollection AddServing(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ServingOptions>().Bind(configuration.GetSection(ServingOptions.Section)).ValidateOnStart();
        services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ProtocolErrors>()); // the first writer that can is asked to write
        return services.AddSingleton<IValidateOptions<ServingOptions>, ServingOptions.Validator>()
            .AddSingleton<ChampionInMemory>()
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
            .AddScoped<LiveAnswers>()
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
