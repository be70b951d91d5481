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

        Assert.Equal([1, 5, 2, 0, 2, 1], points.Values.ToArray());
        Assert.Equal([1, 0, 3], points.Negatives.ToArray());
        Assert.Equal([0, 1, 2], points.Positives.ToArray());
        Assert.Equal((3, 7, 4, 3), (points.Count, points.Rows, points.DiedRows, points.SurvivedRows));
    }

    [Fact]
    public void Stores_minus_zero_as_plus_zero()
    {
        var points = WeightedSamples.FromRows(Names, [new([-0.0, 1], true), new([0.0, 1], false)]);

        Assert.Equal(1, points.Count);
        Assert.Equal(BitConverter.DoubleToInt64Bits(0.0), BitConverter.DoubleToInt64Bits(points.Point(0)[0]));
    }

    [Fact]
    public void Copies_the_given_arrays()
    {
        double[] point = [1, 2];
        var points = WeightedSamples.FromRows(Names, [new(point, true)]);
        point[0] = 9;

        Assert.Equal([1, 2], points.Values.ToArray());
    }

    [Fact]
    public void IndexOf_finds_exactly_the_existing_points()
    {
        var points = TitanicRows.Points;

        for (var index = 0; index < points.Count; index++)
            Assert.Equal(index, points.IndexOf(points.Point(index)));
        Assert.True(points.IndexOf([0, 0, 0, 0]) < 0);
        Assert.True(points.IndexOf([3, 1, 2, 0.5]) < 0);
    }

    [Fact]
    public void WithoutOne_removes_a_point_with_its_last_row()
    {
        var points = WeightedSamples.FromRows(Names, [new([1, 1], true), new([2, 2], false), new([2, 2], true)]);

        Assert.Equal([2, 2], points.WithoutOne(0, survived: true).Values.ToArray());
        Assert.Equal([1, 1, 2, 2], points.WithoutOne(1, survived: true).Values.ToArray());
        Assert.Throws<ArgumentException>(() => points.WithoutOne(0, survived: false));
        Assert.Equal(3, points.Rows);
    }

    [Theory]
    [InlineData(double.NaN, "Row 2 has NaN as \"b\"; it must be a number within ±1E+100.")]
    [InlineData(double.NegativeInfinity, "Row 2 has -Infinity as \"b\"; it must be a number within ±1E+100.")]
    [InlineData(2e100, "Row 2 has 2E+100 as \"b\"; it must be a number within ±1E+100.")]
    public void Rejects_an_invalid_value_with_row_and_feature(double value, string message)
    {
        var exception = Assert.Throws<TrainingFailedException>(() =>
            WeightedSamples.FromRows(Names, [new([1, 1], true), new([1, value], false)]));

        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void Rejects_a_row_with_the_wrong_number_of_values()
    {
        var exception = Assert.Throws<TrainingFailedException>(() => WeightedSamples.FromRows(Names, [new([1], true)]));

        Assert.Equal("Row 1 has 1 value; it must have 2, one per feature.", exception.Message);
    }

    [Fact]
    public void Rejects_missing_and_empty_feature_names()
    {
        Assert.Equal("The number of features is 0; it must be between 1 and 1,024.",
            Assert.Throws<TrainingFailedException>(() => WeightedSamples.FromRows([], [])).Message);
        Assert.Equal("A feature name has 0 characters; it must have 1 to 200.",
            Assert.Throws<TrainingFailedException>(() => WeightedSamples.FromRows(["a", ""], [])).Message);
    }

    [Fact]
    public void FromValues_equals_FromRows()
    {
        var points = WeightedSamples.FromValues(Names, [2, 1, 1, 5, 2, 1], [true, false, false]);
        var fromRows = WeightedSamples.FromRows(Names, [new([2, 1], true), new([1, 5], false), new([2, 1], false)]);

        Assert.Equal(fromRows.Values, points.Values);
        Assert.Equal(fromRows.Negatives, points.Negatives);
        Assert.Equal(fromRows.Positives, points.Positives);
        Assert.Equal(
            "The number of values is 3; it must be 4: 2 features x 2 rows.",
            Assert.Throws<TrainingFailedException>(() => WeightedSamples.FromValues(Names, [1, 2, 3], [true, false])).Message);
    }
}
