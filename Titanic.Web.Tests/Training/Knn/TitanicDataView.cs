using Microsoft.ML;
using Microsoft.ML.Data;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>The 1,309 historical passengers as an ML.NET data view.</summary>
internal static class TitanicDataView
{
    public static IDataView Rows(MLContext ml) => ml.Data.LoadFromEnumerable(TitanicRows.All.Select(row => new DataRow
    {
        Label = row.Survived,
        Pclass = (float)row.Point[0],
        Sex = (float)row.Point[1],
        AgeGroup = (float)row.Point[2],
        FareBand = (float)row.Point[3],
    }));

    public static EstimatorChain<KnnTransformer> Pipeline(MLContext ml, KnnOptions? options = null) => Features(ml)
        .Append(ml.BinaryClassification.Trainers.KNearestNeighbors(options));

    public static IEstimator<ITransformer> Features(MLContext ml) => ml.Transforms
        .Concatenate("Features", nameof(DataRow.Pclass), nameof(DataRow.Sex), nameof(DataRow.AgeGroup), nameof(DataRow.FareBand));

    internal sealed class DataRow
    {
        public bool Label { get; set; }
        public float Pclass { get; set; }
        public float Sex { get; set; }
        public float AgeGroup { get; set; }
        public float FareBand { get; set; }
    }

    internal sealed class PredictionRow
    {
        public bool PredictedLabel { get; set; }
        public float Probability { get; set; }
    }
}
