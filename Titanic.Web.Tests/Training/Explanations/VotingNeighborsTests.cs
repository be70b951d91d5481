using FsCheck.Xunit;
using Titanic.Web.Tests.Training.Knn;
using Titanic.Web.Training.Explanations;

namespace Titanic.Web.Tests.Training.Explanations;

[Properties(Arbitrary = [typeof(KnnSample)], MaxTest = 300)]
public sealed class VotingNeighborsTests
{
    [Property]
    public void Voting_rows_equal_those_counted_by_the_prediction(KnnSample sample)
    {
        var model = sample.Fit();
        var prediction = model.Predict(sample.Query);

        var neighbors = VotingNeighbors.Of(new DistanceGroups(model, sample.Query), model.Options);

        Assert.Equal(
            (prediction.Survivors, prediction.Neighbors), (neighbors.Sum(input => input.Survived), neighbors.Sum(input => input.Rows)));
        Assert.Equal(
            FixedScaleVote.Of(model, sample.Query).VotingNeighbors().Select(row => (row.Distance, row.Survived)).Order(),
            neighbors.SelectMany(input => Enumerable.Repeat((input.Distance, true), input.Survived).Concat(Enumerable.Repeat((input.Distance, false), input.Died))).Order());
    }

    [Property]
    public void Neighbors_are_sorted_by_distance_and_distinct(KnnSample sample)
    {
        var model = sample.Fit();

        var neighbors = VotingNeighbors.Of(new DistanceGroups(model, sample.Query), model.Options);

        Assert.Equal(neighbors.OrderBy(input => input.Distance).Select(input => input.Distance), neighbors.Select(input => input.Distance));
        Assert.Equal(neighbors.Count, neighbors.Select(input => string.Join(' ', input.Point)).Distinct().Count());
        Assert.All(neighbors, input => Assert.Equal(
            sample.Rows.Where(row => row.Point.SequenceEqual(input.Point)).GroupBy(row => row.Survived).ToDictionary(rows => rows.Key, rows => rows.Count()).GetValueOrDefault(true),
            input.Survived));
    }
}
