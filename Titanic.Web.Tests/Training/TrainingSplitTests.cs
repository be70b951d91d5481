using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;

namespace Titanic.Web.Tests.Training;

public sealed class TrainingSplitTests
{
    [Fact]
    public void Both_sides_together_are_the_dataset_and_weights_are_kept()
    {
        var (poor, rich) = (BinnedEncoder.Encode(3, Sex.Male, null, 7).Features, BinnedEncoder.Encode(1, Sex.Female, 29, 211).Features);
        var split = TrainingSplit.Of(new TrainingPoints([BinnedEncoder.Schema],
        [
            new(poor, false, false, 0, 70), new(poor, true, false, 1, 10), new(poor, false, true, 0, 20), new(rich, true, true, 0, 5),
        ]));

        Assert.Equal((105, 80, 25), (split.All.Rows, split.Training.Rows, split.HeldOut.Rows));
        Assert.Equal((2, 1, 2), (split.All.Count, split.Training.Count, split.HeldOut.Count));
        Assert.Equal((90, 10), (split.All.RowsOf(split.All.IndexOf(poor), false), split.All.RowsOf(split.All.IndexOf(poor), true)));
        Assert.Equal(["pclass", "sex", "age_group", "fare_band"], split.All.FeatureNames);
    }

    /// <summary>A missing age and the median that stands in for it are one point, though the database counts them apart.</summary>
    [Fact]
    public void Points_that_are_encoded_alike_are_one()
    {
        var split = TrainingSplit.Of(new TrainingPoints([NumericEncoder.Schema],
            [new(NumericEncoder.Encode(3, Sex.Male, null, 7).Features, false, false, 0, 3), new(NumericEncoder.Encode(3, Sex.Male, 28, 7).Features, false, false, 0, 2)]));

        Assert.Equal((1, 5), (split.All.Count, split.All.DiedRows));
    }
}
