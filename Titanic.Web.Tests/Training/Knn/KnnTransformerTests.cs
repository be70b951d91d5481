using Microsoft.ML;
using Microsoft.ML.Data;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;
using static Titanic.Web.Tests.Training.Knn.TitanicDataView;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnTransformerTests
{
    private static readonly KnnModel Model = new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(TitanicRows.Points);
    private static readonly ClassPrediction[] Expected = [.. TitanicRows.All.Select(row => Model.Predict(row.Point))];

    private readonly MLContext _ml = new(seed: 1912);

    [Fact]
    public void Pipeline_predictions_equal_the_model_on_all_rows()
    {
        var transformed = Pipeline(_ml).Append(_ml.Transforms.CopyColumns("Copied", "Probability")).Fit(Rows(_ml)).Transform(Rows(_ml));

        Assert.Equal(Expected.Select(prediction => prediction.Survived), transformed.GetColumn<bool>("PredictedLabel"));
        Assert.Equal(Expected.Select(prediction => (float)prediction.Probability), transformed.GetColumn<float>("Probability"));
        Assert.Equal(Expected.Select(prediction => (float)(prediction.Probability - 0.5)), transformed.GetColumn<float>("Score"));
        Assert.Equal(transformed.GetColumn<float>("Probability"), transformed.GetColumn<float>("Copied"));
        Assert.Equal(TitanicRows.All.Select(row => row.Survived), transformed.GetColumn<bool>("Label"));
    }

    [Fact]
    public void Prediction_engine_predicts_single_rows()
    {
        using var engine = _ml.Model.CreatePredictionEngine<DataRow, PredictionRow>(Pipeline(_ml).Fit(Rows(_ml)));

        Assert.True(engine.Predict(new DataRow { Pclass = 1, Sex = 1, AgeGroup = 3, FareBand = 4 }).PredictedLabel);
        Assert.False(engine.Predict(new DataRow { Pclass = 3, Sex = 0, AgeGroup = 3, FareBand = 0 }).PredictedLabel);
    }

    [Fact]
    public void Loaded_model_works_in_a_pipeline()
    {
        var fitted = Pipeline(_ml).Fit(Rows(_ml));

        var loaded = Features(_ml).Fit(Rows(_ml)).Append(new KnnTransformer(KnnModel.Load(fitted.LastTransformer.Model.Save())));

        Assert.Equal(
            fitted.Transform(Rows(_ml)).GetColumn<float>("Probability"), loaded.Transform(Rows(_ml)).GetColumn<float>("Probability"));
    }

    [Fact]
    public void Sparse_rows_are_predicted_like_dense_rows()
    {
        // Zero values are omitted.
        var sparse = _ml.Data.LoadFromEnumerable(TitanicRows.All.Select(row =>
        {
            var kept = Enumerable.Range(0, 4).Where(feature => row.Point[feature] != 0).ToArray();
            return new FourFeatureRow { Features = new VBuffer<float>(4, kept.Length, [.. kept.Select(feature => (float)row.Point[feature])], kept) };
        }));

        Assert.Equal(
            Expected.Select(prediction => (float)prediction.Probability),
            new KnnTransformer(Model).Transform(sparse).GetColumn<float>("Probability"));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Rejects_an_invalid_value_with_row_and_feature(float value)
    {
        FourFeatureRow[] rows = [Dense(3, 0, 1, 0), Dense(1, 1, value, 2)];
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable(rows));

        var exception = Assert.Throws<InvalidDataException>(() => transformed.GetColumn<bool>("PredictedLabel").ToArray());

        Assert.Equal(
            FormattableString.Invariant($"Row 2 has {value} as \"age_group\" in column \"Features\"; it must be a number within ±1E+100."), exception.Message);
    }

    [Fact]
    public void Predicting_rows_does_not_allocate()
    {
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable(Repeated(20_000)));
        var few = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable(Repeated(10)));
        AllocatedBytes(few);

        // Less than one byte per row; one array per row would be half a megabyte.
        Assert.InRange(AllocatedBytes(transformed) - AllocatedBytes(few), -20_000, 20_000);
    }

    [Fact]
    public void Predicts_only_if_a_prediction_column_is_active()
    {
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable([Dense(1, 1, float.NaN, 2)]));

        Assert.Single(transformed.GetColumn<VBuffer<float>>("Features"));
        using var cursor = transformed.GetRowCursor([transformed.Schema["Features"]]);
        Assert.False(cursor.IsColumnActive(transformed.Schema["Score"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(transformed.Schema["Score"]));
    }

    [Fact]
    public void Rejects_a_getter_of_the_wrong_type()
    {
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable([Dense(1, 1, 2, 2)]));
        using var cursor = transformed.GetRowCursor(transformed.Schema);

        var exception = Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<double>(transformed.Schema["Score"]));

        Assert.Equal("The column \"Score\" is Single; it was requested as Double.", exception.Message);
    }

    [Fact]
    public void Rejects_a_vector_of_the_wrong_length()
    {
        var rows = _ml.Data.LoadFromEnumerable([new ThreeFeatureRow()]);

        var exception = Assert.Throws<ArgumentException>(() => new KnnTransformer(Model).Transform(rows));

        Assert.Equal("The column \"Features\" is Vector<Single, 3>; it must be a vector of 4 values, as in training.", exception.Message);
    }

    [Fact]
    public void Concurrent_readers_get_equal_predictions()
    {
        var transformed = Pipeline(_ml).Fit(Rows(_ml)).Transform(Rows(_ml));

        Parallel.For(0, 16, _ => Assert.Equal(Expected.Select(prediction => (float)prediction.Probability), transformed.GetColumn<float>("Probability")));
    }

    [Fact]
    public void Cursor_set_splits_the_rows_among_threads()
    {
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.Cache(_ml.Data.LoadFromEnumerable(
            TitanicRows.All.Select(row => Dense([.. row.Point.Select(value => (float)value)])))));
        var probabilities = new float[TitanicRows.All.Length];

        Parallel.ForEach(transformed.GetRowCursorSet([transformed.Schema["Probability"]], 4), cursor =>
        {
            using (cursor)
            {
                var (readProbability, readId) = (cursor.GetGetter<float>(cursor.Schema["Probability"]), cursor.GetIdGetter());
                DataViewRowId id = default;
                while (cursor.MoveNext())
                {
                    readId(ref id);
                    readProbability(ref probabilities[id.Low]);
                }
            }
        });

        Assert.Equal(Expected.Select(prediction => (float)prediction.Probability), probabilities);
    }

    [Fact]
    public void Saving_to_an_ML_NET_file_is_not_supported()
    {
        var model = Pipeline(_ml).Fit(Rows(_ml));
        using var stream = new MemoryStream();

        var exception = Assert.Throws<NotSupportedException>(() => _ml.Model.Save(model, Rows(_ml).Schema, stream));

        Assert.Contains("KnnModel.Save", exception.Message, StringComparison.Ordinal);
    }

    private static FourFeatureRow Dense(params float[] values) => new() { Features = new VBuffer<float>(values.Length, values) };

    private static IEnumerable<FourFeatureRow> Repeated(int rows) => Enumerable.Repeat(Dense(3, 0, 1, 0), rows);

    private static long AllocatedBytes(IDataView rows)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        using (var cursor = rows.GetRowCursor(rows.Schema))
        {
            var readProbability = cursor.GetGetter<float>(rows.Schema["Probability"]);
            var readSurvived = cursor.GetGetter<bool>(rows.Schema["PredictedLabel"]);
            var (probability, survived) = (0f, false);
            while (cursor.MoveNext())
            {
                readProbability(ref probability);
                readSurvived(ref survived);
            }
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class FourFeatureRow
    {
        [VectorType(4)]
        public VBuffer<float> Features { get; set; }
    }

    private sealed class ThreeFeatureRow
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [1, 2, 3];
    }
}
