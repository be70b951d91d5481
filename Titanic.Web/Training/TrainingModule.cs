using Microsoft.Extensions.Options;

namespace Titanic.Web.Training;

/// <summary>The door of this folder. Learners and evaluation are plain values and functions; only their settings are registered.</summary>
public static class TrainingModule
{
    public static IServiceCollection AddTraining(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TrainingOptions>().Bind(configuration.GetSection(TrainingOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TrainingOptions>, TrainingOptions.Validator>();
        return services;
    }
}
