using System.Globalization;
using Titanic.Web.Passengers;

namespace Titanic.Benchmarks;

/// <summary>
/// A generated, reproducible passenger list of any length: passengers drawn like those of the stream scenario "realistic", each with a
/// name, a ticket and a consecutive ID.
/// </summary>
internal static class GeneratedPassengers
{
    private const ulong Seed = 1912;

    public static IEnumerable<Passenger> Generate(long firstId, int rows)
    {
        var population = new RealisticPopulation(new BundledDataset());
        var random = new SeededRandom(Seed + (ulong)firstId);
        for (var id = firstId; id < firstId + rows; id++)
        {
            var key = id.ToString(CultureInfo.InvariantCulture);
            yield return population.Draw(key, random) with { Name = $"Passenger, Mx. Number {key}" };
        }
    }

    public static void WriteCsv(string path, int rows)
    {
        using var file = new StreamWriter(path);
        file.NewLine = "\n";
        file.WriteLine("PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked");
        foreach (var person in Generate(1, rows))
        {
            file.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{person.SourceKey},{(person.Survived == true ? 1 : 0)},{person.Pclass},\"{person.Name}\",{SexConverter.Format(person.Sex)},{person.AgeInYears},0,0,T {person.SourceKey},{person.FareInPounds},,S"));
        }
    }
}
