using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Titanic.Web.Training.Knn;
using static Titanic.Web.Tests.Training.Knn.TitanicDataView;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>ML.NET reads output columns before and after fitting; both must be the same.</summary>
public sealed class KnnColumnsTests
{
    private readonly MLContext _ml = new(seed: 1912);

    [Fact]
    public void Output_schema_before_fitting_matches_the_transformed_rows()
    {
        var shape = Pipeline(_ml).GetOutputSchema(Shape());
        var schema = Pipeline(_ml).Fit(Rows(_ml)).GetOutputSchema(Rows(_ml).Schema);

        Assert.Equal(
            schema.Select(column => (column.Name, column.Type is VectorDataViewType, ItemOf(column.Type))).Order(),
            shape.Select(column => (column.Name, column.Kind == SchemaShape.Column.VectorKind.Vector, ItemOf(column.ItemType))).Order());
        Assert.Equal(
            schema.Select(column => $"{column}"),
            Pipeline(_ml).Fit(Rows(_ml)).Transform(Rows(_ml)).Schema.Select(column => $"{column}"));
    }

    /// <summary>Except the id by which ML.NET distinguishes several sets of score columns.</summary>
    [Fact]
    public void Prediction_columns_match_those_of_an_ML_NET_trainer()
    {
        var reference = Features(_ml).Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression(
            new SdcaLogisticRegressionBinaryTrainer.Options { MaximumNumberOfIterations = 1, NumberOfThreads = 1 }));

        Assert.Equal(
            DescribePredictionColumns(reference.Fit(Rows(_ml)).GetOutputSchema(Rows(_ml).Schema)).Where(column => !column.EndsWith("ScoreColumnSetId", StringComparison.Ordinal)),
            DescribePredictionColumns(Pipeline(_ml).Fit(Rows(_ml)).GetOutputSchema(Rows(_ml).Schema)));
    }

    [Fact]
    public void Predictions_of_an_earlier_model_are_hidden()
    {
        var predicted = Pipeline(_ml).Fit(Rows(_ml)).Transform(Rows(_ml));

        var predictedTwice = Pipeline(_ml, new KnnOptions(1)).Fit(predicted).Transform(predicted);

        Assert.Equal(2, predictedTwice.Schema.Count(column => column.Name == "Probability"));
        Assert.NotEqual(predicted.GetColumn<float>("Probability"), predictedTwice.GetColumn<float>("Probability"));
        Assert.Single(Pipeline(_ml).GetOutputSchema(Pipeline(_ml).GetOutputSchema(Shape())), column => column.Name == "Probability");
    }

    [Theory]
    [InlineData("Pclass", "Features", "The column \"Pclass\" is Scalar of Single; it must be Boolean.")]
    [InlineData("Label", "Sex", "The column \"Sex\" is Scalar of Single; it must be a vector of Single of known size.")]
    [InlineData("Label", "Deck", "There is no column \"Deck\"; there are Label, ")]
    public void Rejects_a_wrong_column_before_fitting(string label, string features, string message)
    {
        var pipeline = Features(_ml).Append(_ml.BinaryClassification.Trainers.KNearestNeighbors(null, label, features));

        var exception = Assert.Throws<ArgumentException>(() => pipeline.GetOutputSchema(Shape()));

        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Shape of the rows, created by a custom mapping, because ML.NET's conversion is internal.</summary>
    private SchemaShape Shape() =>
        _ml.Transforms.CustomMapping<EmptyRow, DataRow>(static (_, _) => { }, contractName: null).GetOutputSchema(new SchemaShape([]));

    private static string ItemOf(DataViewType type) => $"{(type is VectorDataViewType vector ? vector.ItemType : type)}";

    private static string[] DescribePredictionColumns(DataViewSchema schema) =>
    [
        .. from column in schema
           where column.Name is "PredictedLabel" or "Score" or "Probability"
           from annotation in column.Annotations.Schema
           let description = $"{column.Name} {column.Type} {DescribeAnnotation(column, annotation)}"
           orderby description
           select description,
    ];

    private static string DescribeAnnotation(DataViewSchema.Column column, DataViewSchema.Column annotation)
    {
        if (annotation.Type is not TextDataViewType)
            return annotation.Name;
        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(annotation.Name, ref text);
        return $"{annotation.Name} {text}";
    }

    private sealed class EmptyRow;
}
