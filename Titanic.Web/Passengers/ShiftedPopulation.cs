namespace Titanic.Web.Passengers;

/// <summary>
/// The shifted population of the scenario "drift". Covariate shift: the class shares are 50%, 30% and 20% (bundled dataset: 25%, 21%,
/// 54%) and known ages are 15 years higher, at most 80. Concept shift: first class over 35 does not survive (bundled dataset: 55%
/// survived), and second and third class up to 18 survives (45% survived), as in the rule of the original. All other outcomes, sex,
/// fare and missing ages keep their distribution within each class.
/// </summary>
/// <param name="population">The population before the shift.</param>
internal sealed class ShiftedPopulation(IPopulation population) : IPopulation
{
    private const double YearsOlder = 15;

    public Passenger Draw(string sourceKey, SeededRandom random)
    {
        var tenth = random.Next(10);
        return DrawOfClass(tenth < 5 ? 1 : tenth < 8 ? 2 : 3, sourceKey, random);
    }

    public Passenger DrawOfClass(int pclass, string sourceKey, SeededRandom random)
    {
        var passenger = population.DrawOfClass(pclass, sourceKey, random);
        if (passenger.AgeInYears is not { } age)
            return passenger;

        age = Math.Min(Math.Round(age + YearsOlder), StreamNoise.HighestAgeInYears);
        return passenger with
        {
            AgeInYears = age,
            Survived = passenger.Pclass == 1
                ? age <= SeedRule.YoungAdultsEndAtYears && passenger.Survived == true
                : age <= SeedRule.TeenagersEndAtYears || passenger.Survived == true,
        };
    }
}
