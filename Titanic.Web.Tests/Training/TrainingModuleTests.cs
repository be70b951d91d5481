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
    public void Without_configuration_the_defaults_hold()
    {
        var options = OptionsFrom([]);

        Assert.Equal(new KnnOptions(7, DistanceMetric.Manhattan, NeighborWeights.Uniform), options.ToKnn());
        Assert.Equal(new CrossValidationOptions(10, 5, 1912), options.ToCrossValidation());
    }

    [Fact]
    public void Configuration_is_taken_over()
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
    [InlineData("Training:CrossValidation:Folds", "1", "Cross-validation has 1 folds; it must be at least 2.")]
    [InlineData("Training:CrossValidation:Repeats", "0", "Cross-validation has 0 repeats; it must be 1..1000.")]
    public void A_wrong_setting_stops_the_start_with_a_sentence(string key, string value, string sentence)
    {
        using var services = Services(new() { [key] = value });

        var refusal = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());

        Assert.Equal($"Configuration section 'Training': {sentence}", Assert.Single(refusal.Failures));
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
