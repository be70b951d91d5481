using FsCheck.Xunit;
using Titanic.Web.Tests.Training.Knn;
using Titanic.Web.Training.Explanations;

namespace Titanic.Web.Tests.Training.Explanations;

[Properties(Arbitrary = [typeof(KnnSample)], MaxTest = 300)]
public sealed class VotingNeighborsTests
{
    [Property]
    public void The_voters_are_those_whom_the_answer_counted(KnnSample sample)
    {
        var model = sample.Fit();
        var answer = model.Predict(sample.Query);

        var voters = VotingNeighbors.Of(new DistanceGroups(model, sample.Query), model.Options);

        Assert.Equal((answer.Survivors, answer.Neighbors), (voters.Sum(input => input.Survived), voters.Sum(input => input.Rows)));
        Assert.Equal(
            FixedScaleVote.Of(model, sample.Query).VotingNeighbors().Select(row => (row.Distance, row.Survived)).Order(),
            voters.SelectMany(input => Enumerable.Repeat((input.Distance, true), input.Survived).Concat(Enumerable.Repeat((input.Distance, false), input.Died))).Order());
    }

    [Property]
    public void They_come_nearest_first_and_each_input_once(KnnSample sample)
    {
        var model = sample.Fit();

        var voters = VotingNeighbors.Of(new DistanceGroups(model, sample.Query), model.Options);

        Assert.Equal(voters.OrderBy(input => input.Distance).Select(input => input.Distance), voters.Select(input => input.Distance));
        Assert.Equal(voters.Count, voters.Select(input => string.Join(' ', input.Point)).Distinct().Count());
        Assert.All(voters, input => Assert.Equal(
            sample.Rows.Where(row => row.Point.SequenceEqual(input.Point)).GroupBy(row => row.Survived).ToDictionary(rows => rows.Key, rows => rows.Count()).GetValueOrDefault(true),
            input.Survived));
    }
}
