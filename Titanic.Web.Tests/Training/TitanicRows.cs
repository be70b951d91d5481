using System.Globalization;
using Titanic.Web.Passengers;
using Titanic.Web.Training;

namespace Titanic.Web.Tests.Training;

/// <summary>
/// The 1,309 historical passengers as encoded rows, parsed and binned by a second, simpler implementation than the product's: both must
/// give the golden numbers.
/// </summary>
internal static class TitanicRows
{
    public const int SexFeature = 1;

    public static readonly string[] FeatureNames = ["pclass", "sex", "age_group", "fare_band"];

    public static readonly WeightedSample[] All = [.. File.ReadLines(CsvPath()).Skip(1).Select(Cells).Select(Encode)];

    public static readonly WeightedSamples Points = WeightedSamples.FromRows(FeatureNames, All);

    /// <summary>The historical passengers before encoding.</summary>
    public static IEnumerable<(int Pclass, Sex Sex, double? Age, double? Fare, bool Survived)> Raw() =>
        from cells in File.ReadLines(CsvPath()).Skip(1).Select(Cells)
        select (
            int.Parse(cells[2], CultureInfo.InvariantCulture), cells[4] == "female" ? Sex.Female : Sex.Male, NumberOrNull(cells[5]), NumberOrNull(cells[9]), cells[1] == "1");

    /// <summary>Every input of the finite view: 3 classes x 2 sexes x 6 age groups x 11 fare bands.</summary>
    public static IEnumerable<double[]> Inputs() =>
        from pclass in Enumerable.Range(1, 3)
        from sex in Enumerable.Range(0, 2)
        from age in Enumerable.Range(0, 6)
        from fare in Enumerable.Range(0, 11)
        select new double[] { pclass, sex, age, fare };

    private static WeightedSample Encode(string[] cells)
    {
        var age = NumberOrNull(cells[5]);
        var fare = NumberOrNull(cells[9]) ?? 14.4542;
        double[] ageEdges = [12, 18, 35, 60];
        double[] fareEdges = [10, 25, 50, 75, 100, 125, 150, 200, 250, 300];
        return new WeightedSample(
            [
                double.Parse(cells[2], CultureInfo.InvariantCulture),
                cells[4] == "female" ? 1 : 0,
                age is { } years ? 1 + ageEdges.Count(edge => years > edge) : 0,
                fareEdges.Count(edge => fare > edge),
            ],
            cells[1] == "1");
    }

    private static double? NumberOrNull(string cell) => cell == "" ? null : double.Parse(cell, CultureInfo.InvariantCulture);

    private static string[] Cells(string line)
    {
        var quoted = false;
        var separated = string.Concat(line.Select(letter =>
        {
            if (letter == '"')
                quoted = !quoted;
            return letter == ',' && !quoted ? '\t' : letter;
        }));
        return separated.Split('\t');
    }

    private static string CsvPath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "Titanic.Web", "Passengers", "titanic.csv");
            if (File.Exists(path))
                return path;
        }
        throw new FileNotFoundException($"No parent directory of {AppContext.BaseDirectory} contains Titanic.Web/Passengers/titanic.csv.");
    }
}
