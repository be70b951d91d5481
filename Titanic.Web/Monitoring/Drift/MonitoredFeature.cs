using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>A value of a predicted passenger whose distribution is compared with that of the training rows.</summary>
/// <param name="Name">As in the API and in <c>drift_looks.features</c>.</param>
/// <param name="Title">As on pages.</param>
/// <param name="Categories">Labels of the categories in the order of the values.</param>
/// <param name="CategoryOf">The index of a row's category.</param>
public sealed record MonitoredFeature(string Name, string Title, IReadOnlyList<string> Categories, Func<MonitoredRow, int> CategoryOf)
{
    /// <summary>The outcome, which can be known later than the inputs.</summary>
    public static MonitoredFeature Outcome { get; } = new("survived", "Outcome", ["died", "survived"], row => row.Survived ? 1 : 0);

    /// <summary>The inputs and the predicted probability.</summary>
    public static IReadOnlyList<MonitoredFeature> Inputs { get; } =
    [
        new("pclass", "Class", [.. PassengerLimits.Pclasses.Select(Format.Class)], row => row.Point.Pclass - 1),
        new("sex", "Sex", ["male", "female"], row => (int)row.Point.Sex),
        new("age", "Age group", [.. BinnedEncoder.AgeGroups.Select(group => group.Name)], row => row.Point.AgeGroup),
        new("fare", "Fare band", [.. BinnedEncoder.FareBands.Select(band => band.Name), "Unknown"],
            row => row.IsFareMissing ? BinnedEncoder.FareBands.Count : row.Point.FareBand),
        new("probability", "Predicted probability", [.. Enumerable.Range(0, CalibrationBin.Count).Select(ProbabilityRange)],
            row => CalibrationBin.FindIndex(row.Probability)),
    ];

    /// <summary>All features.</summary>
    public static IReadOnlyList<MonitoredFeature> All { get; } = [.. Inputs, Outcome];

    private static string ProbabilityRange(int bin) => $"{bin * 10}% to {(bin + 1) * 10}%";
}

/// <summary>A predicted passenger, or a training row with the prediction of the same model.</summary>
/// <param name="Point">The codes of the view <c>titanic_binned</c>.</param>
/// <param name="IsFareMissing">Whether the fare is missing, which <see cref="Point"/> does not show.</param>
/// <param name="Probability">Predicted probability of survival, 0..1.</param>
/// <param name="Survived">The outcome; false if it is not known.</param>
public readonly record struct MonitoredRow(BinnedPoint Point, bool IsFareMissing, double Probability, bool Survived);
