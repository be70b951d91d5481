using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Performance;

/// <summary>What the stored evaluations of a version tell about its training rows: its calibration, and the baselines fitted on these rows.</summary>
/// <param name="Calibration">The 10 bins of its out-of-fold predictions: leave-one-out, else hold-out. Empty if they were not stored.</param>
/// <param name="Baselines">The baselines by name; empty if they were not evaluated.</param>
public sealed record VersionReference(IReadOnlyList<CalibrationBin> Calibration, IReadOnlyList<BaselinePredictions> Baselines)
{
    /// <summary>Number of out-of-fold predictions of <see cref="Calibration"/>.</summary>
    internal int CalibrationRows { get; } = Calibration.Sum(bin => bin.Rows);

    /// <summary>
    /// The baseline "female survives" predicts by sex only, so its confusion matrix over all training rows contains the number of rows by sex
    /// and outcome, which all that the baselines learn from.
    /// </summary>
    /// <param name="ofFemaleSurvives">Its confusion matrix in the cross-validation of the version.</param>
    internal static IReadOnlyList<BaselinePredictions> FitBaselines(ConfusionCounts ofFemaleSurvives)
    {
        double[] female = [(double)Sex.Female], male = [(double)Sex.Male];
        var training = WeightedSamples.FromRows(
            [BaselineRules.SexFeature],
            ((WeightedSample[])
            [
                new(female, true, Count(ofFemaleSurvives.TruePositives)), new(female, false, Count(ofFemaleSurvives.FalsePositives)),
                new(male, true, Count(ofFemaleSurvives.FalseNegatives)), new(male, false, Count(ofFemaleSurvives.TrueNegatives)),
            ]).Where(rows => rows.Rows > 0));
        return
        [
            .. BaselineRules.Of(training.FeatureNames).Select(baseline => (baseline.Name, Fitted: baseline.Fit(training)))
                .Select(baseline => new BaselinePredictions(baseline.Name, baseline.Fitted.Predict(female), baseline.Fitted.Predict(male))),
        ];

        static int Count(double rows) => (int)Math.Round(rows);
    }
}

/// <summary>The predictions of a baseline, which depend on the sex at most.</summary>
public sealed record BaselinePredictions(string Name, ClassPrediction Female, ClassPrediction Male)
{
    public ClassPrediction For(Sex sex) => sex == Sex.Female ? Female : Male;
}

/// <summary>Reads the references of versions; only the needed parts of the stored evaluations leave the database.</summary>
public sealed class VersionReferences(TitanicDb db)
{
    /// <summary>The references by version.</summary>
    public async Task<IReadOnlyDictionary<int, VersionReference>> Read(IReadOnlyCollection<int> versions, CancellationToken cancellation)
    {
        var baseline = BaselineRules.Of([BaselineRules.SexFeature])[^1].Name;
        var numbers = versions.ToArray();
        var found = await db.Database.SqlQuery<StoredReference>(
            $"""
            select version,
                   (jsonb_path_query_first(evaluations, '$[*] ? (exists (@.calibration ? (@ != null)))') -> 'calibration')::text as calibration,
                   (jsonb_path_query_first(evaluations, '$[*] ? (@.subject == $name)', jsonb_build_object('name', {baseline})) -> 'confusion')::text as confusion
            from model_versions where name = {ModelRegistry.ModelName} and version = any ({numbers})
            """).ToListAsync(cancellation);
        return found.ToDictionary(row => row.Version, row => new VersionReference(
            row.Calibration is null ? [] : JsonColumn.Deserialize<CalibrationBin[]>(row.Calibration),
            row.Confusion is null ? [] : VersionReference.FitBaselines(JsonColumn.Deserialize<ConfusionCounts>(row.Confusion))));
    }

    private sealed record StoredReference(int Version, string? Calibration, string? Confusion);
}
