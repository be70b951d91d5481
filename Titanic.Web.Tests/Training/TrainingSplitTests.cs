using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;

namespace Titanic.Web.Tests.Training;

public sealed class TrainingSplitTests
{
    [Fact]
    public void Training_and_held_out_rows_add_up_with_their_weights()
    {
        var (thirdClass, firstClass) = (BinnedEncoder.Encode(3, Sex.Male, null, 7).Features, BinnedEncoder.Encode(1, Sex.Female, 29, 211).Features);
        var split = TrainingSplit.Of(new TrainingPoints([BinnedEncoder.Schema],
        [
            new(thirdClass, false, false, 0, 70), new(thirdClass, true, false, 1, 10), new(thirdClass, false, true, 0, 20), new(firstClass, true, true, 0, 5),
        ]));

        Assert.Equal((105, 80, 25), (split.All.Rows, split.Training.Rows, split.HeldOut.Rows));
        Assert.Equal((2, 1, 2), (split.All.Count, split.Training.Count, split.HeldOut.Count));
        Assert.Equal(
            (90, 10), (split.All.RowsOf(split.All.IndexOf(thirdClass), false), split.All.RowsOf(split.All.IndexOf(thirdClass), true)));
        Assert.Equal(["pclass", "sex", "age_group", "fare_band"], split.All.FeatureNames);
    }

    /// <summary>A missing age and the median that replaces it are one point, although the database stores them separately.</summary>
    [Fact]
    public void Merges_equally_encoded_points()
    {
        var split = TrainingSplit.Of(new TrainingPoints([NumericEncoder.Schema],
            [new(NumericEncoder.Encode(3, Sex.Male, null, 7).Features, false, false, 0, 3), new(NumericEncoder.Encode(3, Sex.Male, 28, 7).Features, false, false, 0, 2)]));

        Assert.Equal((1, 5), (split.All.Count, split.All.DiedRows));
    }
}
