using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class TrainingViewsTests
{
    public static TheoryData<string> Encoders => [.. TrainingViews.All.Select(view => view.Schema.EncoderId)];

    [Fact]
    public void Finds_a_view_by_its_encoder()
    {
        Assert.Same(TrainingViews.Binned, TrainingViews.FindByEncoder("titanic_binned/1"));
        Assert.Same(TrainingViews.Numeric, TrainingViews.FindByEncoder("titanic_numeric/1"));
        Assert.Null(TrainingViews.FindByEncoder("titanic_binned/2"));
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Axes_are_in_the_order_of_the_features(string encoder)
    {
        var view = TrainingViews.FindByEncoder(encoder)!;

        Assert.Equal(view.Schema.FeatureNames, view.Axes.Select(axis => axis.Feature));
        Assert.Equal(["pclass", "sex", "age", "fare"], view.Axes.Select(axis => axis.InputField));
    }

    [Fact]
    public void The_product_of_the_axes_of_a_finite_view_is_the_set_of_its_points()
    {
        var axes = TrainingViews.Binned.Axes;
        var spanned =
            from pclass in axes[0].Values
            from sex in axes[1].Values
            from age in axes[2].Values
            from fare in axes[3].Values
            select (double[])[pclass.Code, sex.Code, age.Code, fare.Code];

        Assert.Equal(TrainingViews.Binned.AllPoints, spanned);
        Assert.Equal(
            Enumerable.Range(0, 396), TrainingViews.Binned.AllPoints!.Select(point => (int)TrainingViews.Binned.CodeOf(point)!.Value));
    }

    /// <summary>The raw value that an explanation proposes must have the proposed code.</summary>
    [Theory]
    [MemberData(nameof(Encoders))]
    public void The_nearest_raw_value_has_the_code_of_the_axis_value(string encoder)
    {
        var view = TrainingViews.FindByEncoder(encoder)!;
        foreach (var raw in (double?[])[null, 0, 0.5, 12, 12.5, 18, 28, 35, 60, 61, 120])
        {
            Assert.All(view.Axes[2].Values, value => Assert.Equal(value.Code, view.Encode(1, Sex.Male, value.Nearest(raw), 8)[2]));
            Assert.All(view.Axes[3].Values, value => Assert.Equal(value.Code, view.Encode(1, Sex.Male, 30, value.Nearest(raw))[3]));
        }
        Assert.All(view.Axes[3].Values, value => Assert.Equal(value.Code, view.Encode(1, Sex.Male, 30, value.Nearest(10_000))[3]));
    }

    [Fact]
    public void The_nearest_raw_value_is_at_the_edge_of_the_bin()
    {
        var band = TrainingViews.Binned.Axes[3].Values[2]; // over 25 to 50

        Assert.Equal([25.01, 30, 50, 50], new double?[] { 7.25, 30, 80, null }.Select(raw => band.Nearest(raw)));
        Assert.Equal(13, TrainingViews.Binned.Axes[2].Values[2].Nearest(3));
        Assert.Equal("the fare is over £25 and up to £50", band.Clause);
    }

    [Theory]
    [InlineData("titanic_binned/1", "2nd class, female, Unknown, over £25 to £50")]
    [InlineData("titanic_numeric/1", "2nd class, female, 28 years, £31.50")]
    public void Formats_encoded_values(string encoder, string names)
    {
        var view = TrainingViews.FindByEncoder(encoder)!;
        var point = view.Encode(2, Sex.Female, null, 31.5);

        Assert.Equal(names, string.Join(", ", point.Select((value, feature) => view.NameOf(feature, value))));
    }
}
