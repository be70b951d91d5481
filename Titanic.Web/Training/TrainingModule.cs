using Microsoft.Extensions.Options;

namespace Titanic.Web.Training;

/// <summary>
/// Registration of the Training module. Learners and evaluation are plain values and functions; only their settings are registered.
/// </summary>
public static class TrainingModule
{
    /// <summary>Binds configuration section <c>Training</c> and validates it at startup.</summary>
    public static IServiceCollection AddTraining(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TrainingOptions>().Bind(configuration.GetSection(TrainingOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TrainingOptions>, TrainingOptions.TrainingOptionsValidator>();
        return services;
    }
}
