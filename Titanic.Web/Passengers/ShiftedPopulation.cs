namespace Titanic.Web.Passengers;

/// <summary>
/// What the scenario "drift" turns to. Covariates shift: the classes come 50 : 30 : 20 (history 25 : 21 : 54) and everybody whose age
/// is known is 15 years older, up to 80. The concept shifts: outcomes follow the original's contrary rule where it speaks: first
/// class over 35 perishes (history: 55 % survived), second and third class up to 18 survives (history: 45 %). All others keep their
/// historical outcome; sex, fare and the missing ages stay as they were within each class.
/// </summary>
internal sealed class ShiftedPopulation(BundledDataset history)
{
    private const double YearsOlder = 15;

    private readonly Lazy<Passenger[][]> _byClass = new(() =>
        [.. Enumerable.Range(1, 3).Select(pclass => history.Passengers.Where(passenger => passenger.Pclass == pclass).ToArray())]);

    public Passenger Draw(string sourceKey, SeededRandom random)
    {
        var lot = random.Next(10);
        var ofClass = _byClass.Value[lot < 5 ? 0 : lot < 8 ? 1 : 2];
        var person = RealisticPopulation.Shake(ofClass[random.Next(ofClass.Length)], sourceKey, random);
        if (person.AgeInYears is not { } age)
            return person;

        age = Math.Min(Math.Round(age + YearsOlder), RealisticPopulation.HighestAgeInYears);
        return person with
        {
            AgeInYears = age,
            Survived = person.Pclass == 1
                ? age <= SeedRule.YoungAdultsEndAtYears && person.Survived == true
                : age <= SeedRule.TeenagersEndAtYears || person.Survived == true,
        };
    }
}
