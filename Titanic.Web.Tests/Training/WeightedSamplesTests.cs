using Titanic.Web.Training;

namespace Titanic.Web.Tests.Training;

public sealed class WeightedSamplesTests
{
    private static readonly string[] Names = ["a", "b"];

    [Fact]
    public void Equal_points_are_stored_once_in_lexicographic_order()
    {
        var points = WeightedSamples.FromRows(Names,
            [new([2, 1], true), new([1, 5], false), new([2, 1], false, Rows: 3), new([2, 0], true), new([2, 1], true)]);

        Assert.Equal([1, 5, 2, 0, 2, 1], points.Codes.ToArray());
        Assert.Equal([1, 0, 3], points.Negatives.ToArray());
        Assert.Equal([0, 1, 2], points.Positives.ToArray());
        Assert.Equal((3, 7, 4, 3), (points.Count, points.Rows, points.DiedRows, points.SurvivedRows));
    }

    [Fact]
    public void Minus_zero_is_zero()
    {
        var points = WeightedSamples.FromRows(Names, [new([-0.0, 1], true), new([0.0, 1], false)]);

        Assert.Equal(1, points.Count);
        Assert.Equal(BitConverter.DoubleToInt64Bits(0.0), BitConverter.DoubleToInt64Bits(points.Point(0)[0]));
    }

    [Fact]
    public void A_later_change_of_the_given_array_changes_nothing()
    {
        double[] given = [1, 2];
        var points = WeightedSamples.FromRows(Names, [new(given, true)]);
        given[0] = 9;

        Assert.Equal([1, 2], points.Codes.ToArray());
    }

    [Fact]
    public void Finds_every_point_and_no_other()
    {
        var points = TitanicRows.Points;

        for (var index = 0; index < points.Count; index++)
            Assert.Equal(index, points.IndexOf(points.Point(index)));
        Assert.True(points.IndexOf([0, 0, 0, 0]) < 0);
        Assert.True(points.IndexOf([3, 1, 2, 0.5]) < 0);
    }

    [Fact]
    public void Without_the_last_row_of_a_point_the_point_is_gone()
    {
        var points = WeightedSamples.FromRows(Names, [new([1, 1], true), new([2, 2], false), new([2, 2], true)]);

        Assert.Equal([2, 2], points.WithoutOne(0, survived: true).Codes.ToArray());
        Assert.Equal([1, 1, 2, 2], points.WithoutOne(1, survived: true).Codes.ToArray());
        Assert.Throws<ArgumentException>(() => points.WithoutOne(0, survived: false));
        Assert.Equal(3, points.Rows);
    }

    [Theory]
    [InlineData(double.NaN, "Row 2 has NaN as 'b'; it must be a number within ±1E+100.")]
    [InlineData(double.NegativeInfinity, "Row 2 has -Infinity as 'b'; it must be a number within ±1E+100.")]
    [InlineData(2e100, "Row 2 has 2E+100 as 'b'; it must be a number within ±1E+100.")]
    public void A_value_that_has_no_distance_is_refused_with_its_place(double value, string sentence)
    {
        var refusal = Assert.Throws<TrainingRefusedException>(() =>
            WeightedSamples.FromRows(Names, [new([1, 1], true), new([1, value], false)]));

        Assert.Equal(sentence, refusal.Message);
    }

    [Fact]
    public void A_row_of_another_width_is_refused()
    {
        var refusal = Assert.Throws<TrainingRefusedException>(() => WeightedSamples.FromRows(Names, [new([1], true)]));

        Assert.Equal("Row 1 has 1 values; it must have one per feature (2).", refusal.Message);
    }

    [Fact]
    public void Features_without_a_name_are_refused()
    {
        Assert.Equal("There are 0 features; there must be 1..1024.",
            Assert.Throws<TrainingRefusedException>(() => WeightedSamples.FromRows([], [])).Message);
        Assert.Equal("A feature's name has 0 characters; it must have 1..200.",
            Assert.Throws<TrainingRefusedException>(() => WeightedSamples.FromRows(["a", ""], [])).Message);
    }

    [Fact]
    public void Values_in_a_row_give_what_their_rows_give()
    {
        var points = WeightedSamples.FromValues(Names, [2, 1, 1, 5, 2, 1], [true, false, false]);
        var fromRows = WeightedSamples.FromRows(Names, [new([2, 1], true), new([1, 5], false), new([2, 1], false)]);

        Assert.Equal(fromRows.Codes, points.Codes);
        Assert.Equal(fromRows.Negatives, points.Negatives);
        Assert.Equal(fromRows.Positives, points.Positives);
        Assert.Equal(
            "There are 3 values and 2 outcomes; there must be 2 values for each outcome.",
            Assert.Throws<TrainingRefusedException>(() => WeightedSamples.FromValues(Names, [1, 2, 3], [true, false])).Message);
    }
}
