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
    public void Composes_in_a_pipeline_and_agrees_with_the_model_on_all_rows()
    {
        var transformed = Pipeline(_ml).Append(_ml.Transforms.CopyColumns("Copied", "Probability")).Fit(Rows(_ml)).Transform(Rows(_ml));

        Assert.Equal(Expected.Select(answer => answer.Survived), transformed.GetColumn<bool>("PredictedLabel"));
        Assert.Equal(Expected.Select(answer => (float)answer.Probability), transformed.GetColumn<float>("Probability"));
        Assert.Equal(Expected.Select(answer => (float)(answer.Probability - 0.5)), transformed.GetColumn<float>("Score"));
        Assert.Equal(transformed.GetColumn<float>("Probability"), transformed.GetColumn<float>("Copied"));
        Assert.Equal(TitanicRows.All.Select(row => row.Survived), transformed.GetColumn<bool>("Label"));
    }

    [Fact]
    public void Answers_one_passenger_at_a_time()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Row, Answer>(Pipeline(_ml).Fit(Rows(_ml)));

        Assert.True(engine.Predict(new Row { Pclass = 1, Sex = 1, AgeGroup = 3, FareBand = 4 }).PredictedLabel);
        Assert.False(engine.Predict(new Row { Pclass = 3, Sex = 0, AgeGroup = 3, FareBand = 0 }).PredictedLabel);
    }

    [Fact]
    public void A_loaded_model_goes_back_into_its_pipeline()
    {
        var fitted = Pipeline(_ml).Fit(Rows(_ml));

        var loaded = Features(_ml).Fit(Rows(_ml)).Append(new KnnTransformer(KnnModel.Load(fitted.LastTransformer.Model.Save())));

        Assert.Equal(fitted.Transform(Rows(_ml)).GetColumn<float>("Probability"), loaded.Transform(Rows(_ml)).GetColumn<float>("Probability"));
    }

    [Fact]
    public void Sparse_rows_are_answered_like_dense_ones()
    {
        // Codes of 0 are left out.
        var sparse = _ml.Data.LoadFromEnumerable(TitanicRows.All.Select(row =>
        {
            var kept = Enumerable.Range(0, 4).Where(feature => row.Point[feature] != 0).ToArray();
            return new Vector { Features = new VBuffer<float>(4, kept.Length, [.. kept.Select(feature => (float)row.Point[feature])], kept) };
        }));

        Assert.Equal(
            Expected.Select(answer => (float)answer.Probability),
            new KnnTransformer(Model).Transform(sparse).GetColumn<float>("Probability"));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_row_without_a_number_is_told_by_its_place_and_the_features_name(float value)
    {
        Vector[] rows = [Dense(3, 0, 1, 0), Dense(1, 1, value, 2)];
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable(rows));

        var refusal = Assert.Throws<InvalidDataException>(() => transformed.GetColumn<bool>("PredictedLabel").ToArray());

        Assert.Equal(
            FormattableString.Invariant($"Row 2 has {value} as 'age_group' in column 'Features'; it must be a number within ±1E+100."), refusal.Message);
    }

    [Fact]
    public void Rows_cost_no_memory()
    {
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable(Repeated(20_000)));
        var few = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable(Repeated(10)));
        Allocated(few);

        // Less than a byte for each: a single array per row would be half a megabyte.
        Assert.InRange(Allocated(transformed) - Allocated(few), -20_000, 20_000);
    }

    [Fact]
    public void Rows_are_answered_only_where_an_answer_is_asked_for()
    {
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable([Dense(1, 1, float.NaN, 2)]));

        Assert.Single(transformed.GetColumn<VBuffer<float>>("Features"));
        using var cursor = transformed.GetRowCursor([transformed.Schema["Features"]]);
        Assert.False(cursor.IsColumnActive(transformed.Schema["Score"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(transformed.Schema["Score"]));
    }

    [Fact]
    public void An_answer_of_another_type_is_refused()
    {
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.LoadFromEnumerable([Dense(1, 1, 2, 2)]));
        using var cursor = transformed.GetRowCursor(transformed.Schema);

        var refusal = Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<double>(transformed.Schema["Score"]));

        Assert.Equal("Column 'Score' is Single; it was asked for as Double.", refusal.Message);
    }

    [Fact]
    public void A_vector_of_another_length_is_refused()
    {
        var rows = _ml.Data.LoadFromEnumerable([new Short()]);

        var refusal = Assert.Throws<ArgumentException>(() => new KnnTransformer(Model).Transform(rows));

        Assert.Equal("Column 'Features' is Vector<Single, 3>; it must be a vector of 4 values, as in training.", refusal.Message);
    }

    [Fact]
    public void Many_threads_read_one_view_and_get_the_same_answers()
    {
        var transformed = Pipeline(_ml).Fit(Rows(_ml)).Transform(Rows(_ml));

        Parallel.For(0, 16, _ => Assert.Equal(Expected.Select(answer => (float)answer.Probability), transformed.GetColumn<float>("Probability")));
    }

    [Fact]
    public void A_set_of_cursors_shares_the_rows_among_threads()
    {
        var transformed = new KnnTransformer(Model).Transform(_ml.Data.Cache(_ml.Data.LoadFromEnumerable(
            TitanicRows.All.Select(row => Dense([.. row.Point.Select(value => (float)value)])))));
        var answers = new float[TitanicRows.All.Length];

        Parallel.ForEach(transformed.GetRowCursorSet([transformed.Schema["Probability"]], 4), cursor =>
        {
            using (cursor)
            {
                var (probabilityOf, idOf) = (cursor.GetGetter<float>(cursor.Schema["Probability"]), cursor.GetIdGetter());
                DataViewRowId id = default;
                while (cursor.MoveNext())
                {
                    idOf(ref id);
                    probabilityOf(ref answers[id.Low]);
                }
            }
        });

        Assert.Equal(Expected.Select(answer => (float)answer.Probability), answers);
    }

    [Fact]
    public void Saving_into_an_ml_net_file_is_refused_and_says_what_to_do()
    {
        var model = Pipeline(_ml).Fit(Rows(_ml));
        using var stream = new MemoryStream();

        var refusal = Assert.Throws<NotSupportedException>(() => _ml.Model.Save(model, Rows(_ml).Schema, stream));

        Assert.Contains("KnnModel.Save", refusal.Message, StringComparison.Ordinal);
    }

    private static Vector Dense(params float[] values) => new() { Features = new VBuffer<float>(values.Length, values) };

    private static IEnumerable<Vector> Repeated(int rows) => Enumerable.Repeat(Dense(3, 0, 1, 0), rows);

    private static long Allocated(IDataView rows)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        using (var cursor = rows.GetRowCursor(rows.Schema))
        {
            var probabilityOf = cursor.GetGetter<float>(rows.Schema["Probability"]);
            var survivedOf = cursor.GetGetter<bool>(rows.Schema["PredictedLabel"]);
            var (probability, survived) = (0f, false);
            while (cursor.MoveNext())
            {
                probabilityOf(ref probability);
                survivedOf(ref survived);
            }
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class Vector
    {
        [VectorType(4)]
        public VBuffer<float> Features { get; set; }
    }

    private sealed class Short
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [1, 2, 3];
    }
}
