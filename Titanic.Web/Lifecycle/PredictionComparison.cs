using System.Globalization;
using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Lifecycle;

/// <summary>Predictions of two versions for the same inputs.</summary>
/// <param name="IsExact">True when the inputs are all possible inputs of the view; false for a fixed grid.</param>
/// <param name="Inputs">Number of compared inputs.</param>
/// <param name="FlipCount">Number of inputs whose predicted class flips.</param>
/// <param name="DifferenceCount">Number of inputs whose prediction differs in any part: class, probability or neighbors.</param>
/// <param name="Sentence">A summary for people.</param>
/// <param name="Flips">The inputs whose predicted class flips, in grid order.</param>
/// <param name="Grid">All predictions.</param>
public sealed record PredictionComparison(
    bool IsExact, int Inputs, [property: JsonPropertyName("changedFates")] int FlipCount, [property: JsonPropertyName("changedAnswers")] int DifferenceCount, string Sentence, [property: JsonPropertyName("fates")] IReadOnlyList<ComparedPrediction> Flips, [property: JsonIgnore] ComparedGrid Grid);

/// <summary>Predictions in one panel for each class and sex.</summary>
/// <param name="Ages">The ages, one for each row of a panel.</param>
/// <param name="Fares">The fares, one for each column of a panel.</param>
public sealed record ComparedGrid(IReadOnlyList<string> Ages, IReadOnlyList<string> Fares, IReadOnlyList<ComparedPanel> Panels);

/// <summary>The predictions for one class and sex.</summary>
/// <param name="Rows">One row for each age, with one cell for each fare.</param>
public sealed record ComparedPanel(string Pclass, string Sex, IReadOnlyList<IReadOnlyList<ComparedPrediction>> Rows);

/// <summary>One input with the predictions of both versions. The input is given as texts for people.</summary>
/// <param name="Age">A group such as "Young adult", or years.</param>
/// <param name="Fare">A band, or pounds.</param>
public sealed record ComparedPrediction(string Pclass, string Sex, string Age, string Fare, VersionPrediction First, VersionPrediction Second)
{
    /// <summary>Whether the predicted class flips.</summary>
    [JsonIgnore]
    public bool Flips => First.Survived != Second.Survived;

    /// <summary>Whether the predictions differ in any part.</summary>
    [JsonIgnore]
    public bool IsDifferent => First != Second;
}

/// <summary>The prediction of one version.</summary>
/// <param name="Probability">Probability of survival, 0..1.</param>
/// <param name="Survivors">Number of voting neighbors that survived; null for models without neighbors.</param>
/// <param name="Neighbors">Number of voting neighbors; null for models without neighbors.</param>
public sealed record VersionPrediction(bool Survived, double Probability, int? Survivors = null, int? Neighbors = null)
{
    internal static VersionPrediction Of(ClassPrediction prediction) => prediction.Neighbors == 0
        ? new(prediction.Survived, prediction.Probability)
        : new(prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors);
}

/// <summary>
/// Compares the predictions of two versions. For two K-NN models of the same finite view it compares their decision tables, which contain
/// all possible inputs; otherwise it predicts a fixed grid of inputs, each version through its own encoder.
/// </summary>
internal static class InputGrid
{
    private static readonly double?[] _ages = [null, 2, 6, 10, 14, 18, 22, 26, 30, 34, 38, 42, 46, 50, 54, 58, 62, 66, 70, 75];
    private static readonly double?[] _fares = [null, 0, 5, 7.5, 8, 10, 13, 15, 20, 26, 30, 40, 50, 60, 75, 100, 125, 150, 200, 250, 400];

    public static PredictionComparison Compare(PredictingVersion first, PredictingVersion second) =>
        first.Table is { } before && second.Table is { } after && first.View == second.View
            ? Exact(first.View, before, after)
            : Sampled(first, second);

    private static PredictionComparison Exact(ITrainingView view, DecisionTable before, DecisionTable after)
    {
        var changes = before.CompareWith(after);
        var (ages, fares) = (view.Axes[2].Values, view.Axes[3].Values);
        var grid = Fill([.. ages.Select(age => age.Name)], [.. fares.Select(fare => fare.Name)], (pclass, sex, age, fare) =>
        {
            var code = view.CodeOf([pclass.Code, sex.Code, ages[age].Code, fares[fare].Code])!.Value;
            return (VersionPrediction.Of(before.Predictions[code]), VersionPrediction.Of(after.Predictions[code]));
        });
        var flips = changes.Count(change => change.IsFlip);
        return new PredictionComparison(
            true, before.Predictions.Count, flips, changes.Count,
            Invariant($"{flips:#,##0} of {before.Predictions.Count:#,##0} predictions {(flips == 1 ? "flips" : "flip")}. The comparison covers all possible inputs of {view.Schema}."),
            FlipsOf(grid), grid);
    }

    private static PredictionComparison Sampled(PredictingVersion first, PredictingVersion second)
    {
        string[] ages = [.. _ages.Select(age => age is null ? "Unknown" : Format.Age(age))];
        string[] fares = [.. _fares.Select(fare => fare is null ? "unknown" : Format.Pounds(fare))];
        var grid = Fill(ages, fares, (pclass, sex, age, fare) =>
            (Predict(first, pclass, sex, _ages[age], _fares[fare]), Predict(second, pclass, sex, _ages[age], _fares[fare])));
        var cells = Cells(grid).ToList();
        var flips = cells.Count(cell => cell.Flips);
        return new PredictionComparison(
            false, cells.Count, flips, cells.Count(cell => cell.IsDifferent),
            Invariant($"{flips:#,##0} of {cells.Count:#,##0} predictions for a fixed grid of inputs {(flips == 1 ? "flips" : "flip")}. The versions do not share a finite view, so each predicts through its own encoder."),
            FlipsOf(grid), grid);
    }

    private static VersionPrediction Predict(PredictingVersion version, AxisValue pclass, AxisValue sex, double? ageInYears, double? fareInPounds) =>
        version.Predict(version.View.Encode((int)pclass.Code, (Sex)(int)sex.Code, ageInYears, fareInPounds));

    private static ComparedGrid Fill(
        IReadOnlyList<string> ages, IReadOnlyList<string> fares, Func<AxisValue, AxisValue, int, int, (VersionPrediction First, VersionPrediction Second)> predict) => new(ages, fares,
        [
            .. from pclass in FeatureAxis.Pclass.Values
               from sex in FeatureAxis.Sex.Values
               select new ComparedPanel(pclass.Name, sex.Name, [.. ages.Select((nameOfAge, age) => (IReadOnlyList<ComparedPrediction>)[.. fares.Select((nameOfFare, fare) =>
               {
                   var (first, second) = predict(pclass, sex, age, fare);
                   return new ComparedPrediction(pclass.Name, sex.Name, nameOfAge, nameOfFare, first, second);
               })])]),
        ]);

    private static IEnumerable<ComparedPrediction> Cells(ComparedGrid grid) => grid.Panels.SelectMany(panel => panel.Rows).SelectMany(row => row);

    private static ComparedPrediction[] FlipsOf(ComparedGrid grid) => [.. Cells(grid).Where(cell => cell.Flips)];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A loaded model of any algorithm that can predict.</summary>
/// <param name="View">Encodes the inputs.</param>
/// <param name="Predict">Predicts an encoded input.</param>
/// <param name="Table">The decision table of a K-NN model of a finite view; null for other models.</param>
internal sealed record PredictingVersion(ITrainingView View, Func<double[], VersionPrediction> Predict, DecisionTable? Table)
{
    /// <summary>Loads a version after verifying its digest.</summary>
    /// <exception cref="InvalidDataException">The stored bytes are corrupt, or this code cannot read the model.</exception>
    /// <exception cref="LearnerUnavailableException">The native library of the algorithm cannot be loaded on this machine.</exception>
    public static PredictingVersion Of(ModelVersion version)
    {
        version.RequireRegisteredBytes();
        var model = LearnerCatalog.Load(version.Algorithm, version.Artifact);
        return new PredictingVersion(model.Trainer.View, point => VersionPrediction.Of(model.Predict(point)), model.ToDecisionTable());
    }
}
