using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Titanic.Web.Training.Knn;
using static Titanic.Web.Tests.Training.Knn.TitanicDataView;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>ML.NET knows what a pipeline makes before it runs, and after; both must tell the same columns.</summary>
public sealed class KnnColumnsTests
{
    private readonly MLContext _ml = new(seed: 1912);

    [Fact]
    public void The_shape_told_before_fitting_is_that_of_the_rows_afterwards()
    {
        var told = Pipeline(_ml).GetOutputSchema(Shape());
        var made = Pipeline(_ml).Fit(Rows(_ml)).GetOutputSchema(Rows(_ml).Schema);

        Assert.Equal(
            made.Select(column => (column.Name, column.Type is VectorDataViewType, ItemOf(column.Type))).Order(),
            told.Select(column => (column.Name, column.Kind == SchemaShape.Column.VectorKind.Vector, ItemOf(column.ItemType))).Order());
        Assert.Equal(
            made.Select(column => $"{column}"),
            Pipeline(_ml).Fit(Rows(_ml)).Transform(Rows(_ml)).Schema.Select(column => $"{column}"));
    }

    /// <summary>But for the id by which ML.NET tells several sets of scores apart.</summary>
    [Fact]
    public void Answers_have_types_and_annotations_as_those_of_a_trainer_of_ML_NET()
    {
        var theirs = Features(_ml).Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression(
            new SdcaLogisticRegressionBinaryTrainer.Options { MaximumNumberOfIterations = 1, NumberOfThreads = 1 }));

        Assert.Equal(
            Answers(theirs.Fit(Rows(_ml)).GetOutputSchema(Rows(_ml).Schema)).Where(answer => !answer.EndsWith("ScoreColumnSetId", StringComparison.Ordinal)),
            Answers(Pipeline(_ml).Fit(Rows(_ml)).GetOutputSchema(Rows(_ml).Schema)));
    }

    [Fact]
    public void Answers_of_an_earlier_model_are_hidden()
    {
        var answered = Pipeline(_ml).Fit(Rows(_ml)).Transform(Rows(_ml));

        var again = Pipeline(_ml, new KnnOptions(1)).Fit(answered).Transform(answered);

        Assert.Equal(2, again.Schema.Count(column => column.Name == "Probability"));
        Assert.NotEqual(answered.GetColumn<float>("Probability"), again.GetColumn<float>("Probability"));
        Assert.Single(Pipeline(_ml).GetOutputSchema(Pipeline(_ml).GetOutputSchema(Shape())), column => column.Name == "Probability");
    }

    [Theory]
    [InlineData("Pclass", "Features", "Column 'Pclass' is Scalar of Single; it must be Boolean.")]
    [InlineData("Label", "Sex", "Column 'Sex' is Scalar of Single; it must be a vector of Single of known size.")]
    [InlineData("Label", "Deck", "There is no column 'Deck'; there are Label, ")]
    public void A_wrong_column_is_told_before_fitting(string label, string features, string sentence)
    {
        var pipeline = Features(_ml).Append(_ml.BinaryClassification.Trainers.KNearestNeighbors(null, label, features));

        var refusal = Assert.Throws<ArgumentException>(() => pipeline.GetOutputSchema(Shape()));

        Assert.StartsWith(sentence, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Of the rows; by a mapping that makes them of nothing, for ML.NET keeps the direct way to itself.</summary>
    private SchemaShape Shape() =>
        _ml.Transforms.CustomMapping<Nothing, Row>(static (_, _) => { }, contractName: null).GetOutputSchema(new SchemaShape([]));

    private static string ItemOf(DataViewType type) => $"{(type is VectorDataViewType vector ? vector.ItemType : type)}";

    private static string[] Answers(DataViewSchema schema) =>
    [
        .. from column in schema
           where column.Name is "PredictedLabel" or "Score" or "Probability"
           from annotation in column.Annotations.Schema
           let told = $"{column.Name} {column.Type} {Told(column, annotation)}"
           orderby told
           select told,
    ];

    private static string Told(DataViewSchema.Column column, DataViewSchema.Column annotation)
    {
        if (annotation.Type is not TextDataViewType)
            return annotation.Name;
        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(annotation.Name, ref text);
        return $"{annotation.Name} {text}";
    }

    private sealed class Nothing;
}
