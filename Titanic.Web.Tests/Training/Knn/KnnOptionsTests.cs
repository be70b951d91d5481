using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnOptionsTests
{
    [Theory]
    [InlineData(0, "k is 0; it must be between 1 and the number of training rows (712).")]
    [InlineData(713, "k is 713; it must be between 1 and the number of training rows (712).")]
    [InlineData(1, null)]
    [InlineData(712, null)]
    public void Validates_k_against_the_number_of_rows(int k, string? message) =>
        Assert.Equal(message, new KnnOptions(k).Validate(trainingRows: 712));

    [Fact]
    public void Defaults_are_k_7_Manhattan_and_uniform() =>
        Assert.Equal(new KnnOptions(7, DistanceMetric.Manhattan, NeighborWeights.Uniform), new KnnOptions());
}
