namespace Titanic.Web.Passengers;

/// <summary>
/// Version 1 of the realistic population: a row of the bundled dataset with noise on age (uniform, ±2 years) and fare (log-normal, σ = 0.1)
/// and with the row's outcome. Its passengers are copies of training rows, so no new day is generated with it (ADR 0067). It remains for
/// days that it generated: their outcomes can be due later, and a repeated run must generate the same passengers. It must not change.
/// </summary>
internal sealed class ResampledPopulation(BundledDataset bundled) : IPopulation
{
    private const double AgeNoiseInYears = 2;
    private const double LogFareDeviation = 0.1;

    private readonly Lazy<Passenger[][]> _byClass = new(() =>
        [.. PassengerLimits.Pclasses.Select(pclass => bundled.Passengers.Where(passenger => passenger.Pclass == pclass).ToArray())]);

    public Passenger Draw(string sourceKey, SeededRandom random) =>
        AddNoise(bundled.Passengers[random.Next(bundled.Passengers.Count)], sourceKey, random);

    public Passenger DrawOfClass(int pclass, string sourceKey, SeededRandom random)
    {
        var ofClass = _byClass.Value[pclass - 1];
        return AddNoise(ofClass[random.Next(ofClass.Length)], sourceKey, random);
    }

    public static Passenger AddNoise(Passenger original, string sourceKey, SeededRandom random)
    {
        // Both numbers are always drawn, so that a missing value does not change the passengers after it.
        var years = AgeNoiseInYears * ((2 * random.NextDouble()) - 1);
        var factor = Math.Exp(LogFareDeviation * StreamNoise.NextNormal(random));
        return original with
        {
            SourceKey = sourceKey,
            Name = null,
            AgeInYears = original.AgeInYears is { } age ? StreamNoise.ToValidAge(age + years) : null,
            FareInPounds = original.FareInPounds is { } fare ? Math.Round(fare * factor, 4) : null,
        };
    }
}
