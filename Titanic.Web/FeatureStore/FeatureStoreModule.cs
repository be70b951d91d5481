namespace Titanic.Web.FeatureStore;

/// <summary>Registers the services and endpoints of the feature store.</summary>
public static class FeatureStoreModule
{
    public static IServiceCollection AddFeatureStore(this IServiceCollection services) => services
        .AddScoped<Ingestion>()
        .AddScoped<FeatureReader>()
        .AddScoped<PassengerHistory>()
        .AddScoped<PersonRows>()
        .AddScoped<CommitChanges>()
        .AddScoped<StatisticsReader>()
        .AddScoped<TrainingDatasets>()
        .AddScoped<TrainingDatasetExport>();

    public static void MapFeatureStore(this IEndpointRouteBuilder routes)
    {
        routes.MapPassengersApi();
        routes.MapCommitsApi();
        routes.MapValidationsApi();
        routes.MapStatisticsApi();
        routes.MapFeatureViewsApi();
        routes.MapTrainingDatasetsApi();
    }
}
