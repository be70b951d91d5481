namespace Titanic.Web.Serving.Protocols;

/// <summary>The protocols that clients of other servers speak. Each answer by them is an answer like any other: judged, stored and given alike.</summary>
internal static class StandardProtocols
{
    public static IServiceCollection AddProtocols(this IServiceCollection services)
    {
        services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ProtocolErrors>()); // the first writer that can is asked to write
        return services.AddSingleton<Answerability>().AddScoped<OpenInference>();
    }

    public static void MapProtocols(this IEndpointRouteBuilder routes)
    {
        routes.MapMlflowApi();
        routes.MapOpenInferenceApi();
    }
}
