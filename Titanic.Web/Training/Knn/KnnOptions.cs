namespace Titanic.Web.Training.Knn;

public enum DistanceMetric
{
    /// <summary>Sum of the features' absolute differences, each in standard deviations.</summary>
    Manhattan = 0,

    /// <summary>Root of the sum of the features' squared differences, each in standard deviations.</summary>
    Euclidean = 1,
}

public enum NeighborWeights
{
    /// <summary>Every neighbour has one vote.</summary>
    Uniform = 0,

    /// <summary>A neighbour's vote is 1/distance; where rows stand at distance 0, only they vote (as in scikit-learn).</summary>
    Distance = 1,
}

/// <param name="K">At least this many nearest rows vote: all rows at the k-th distance do, so row order never matters.</param>
public sealed record KnnOptions(
    int K = 7,
    DistanceMetric Metric = DistanceMetric.Manhattan,
    NeighborWeights Weights = NeighborWeights.Uniform)
{
    /// <summary>A sentence saying what is wrong, or null; without <paramref name="trainingRows"/> only k's lower end is checked.</summary>
    public string? Problem(int? trainingRows = null)
    {
        if (K < 1 || K > trainingRows)
            return trainingRows is { } rows
                ? $"k is {K}; it must be between 1 and the number of training rows ({rows})."
                : $"k is {K}; it must be at least 1.";
        if (!Enum.IsDefined(Metric))
            return $"The metric is {(int)Metric}; it must be {string.Join(" or ", Enum.GetNames<DistanceMetric>())}.";
        if (!Enum.IsDefined(Weights))
            return $"The weights are {(int)Weights}; they must be {string.Join(" or ", Enum.GetNames<NeighborWeights>())}.";
        return null;
    }
}
