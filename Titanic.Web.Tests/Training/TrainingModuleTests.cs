using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training;

public sealed class TrainingModuleTests
{
    [Fact]
    public void Uses_defaults_without_configuration()
    {
        var options = OptionsFrom([]);

        Assert.Equal(new KnnOptions(7, DistanceMetric.Manhattan, NeighborWeights.Uniform), options.ToKnn());
        Assert.Equal(new CrossValidationOptions(10, 5, 1912), options.ToCrossValidation());
    }

    [Fact]
    public void Reads_the_configuration()
    {
        var options = OptionsFrom(new()
        {
            ["Training:K"] = "3",
            ["Training:Metric"] = "euclidean",
            ["Training:Weights"] = "Distance",
            ["Training:CrossValidation:Repeats"] = "2",
            ["Training:CrossValidation:Folds"] = "4",
            ["Training:CrossValidation:Seed"] = "99",
        });

        Assert.Equal(new KnnOptions(3, DistanceMetric.Euclidean, NeighborWeights.Distance), options.ToKnn());
        Assert.Equal(new CrossValidationOptions(2, 4, 99), options.ToCrossValidation());
    }

    [Theory]
    [InlineData("Training:K", "0", "k is 0; it must be at least 1.")]
    [InlineData("Training:Metric", "9", "The metric is 9; it must be Manhattan or Euclidean.")]
    [InlineData("Training:Weights", "7", "The weights are 7; they must be Uniform or Distance.")]
    [InlineData("Training:CrossValidation:Folds", "1", "The number of cross-validation folds is 1; it must be at least 2.")]
    [InlineData("Training:CrossValidation:Repeats", "0", "The number of cross-validation repeats is 0; it must be between 1 and 1,000.")]
    public void Invalid_setting_fails_startup_with_a_message(string key, string value, string message)
    {
        using var services = Services(new() { [key] = value });

        var exception = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());

        Assert.Equal($"Training: {message}", Assert.Single(exception.Failures));
    }

    private static TrainingOptions OptionsFrom(Dictionary<string, string?> settings)
    {
        using var services = Services(settings);
        return services.GetRequiredService<IOptions<TrainingOptions>>().Value;
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddTraining(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .BuildServiceProvider();
}
