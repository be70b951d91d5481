namespace Titanic.Web.Passengers;

/// <summary>
/// The survival model of the simulated passengers: a logistic regression with restricted cubic splines of age and log fare, in the style of
/// the published analysis of the same list (Harrell, "Regression modeling strategies", 2nd ed., 2015, chapter 12, DOI
/// 10.1007/978-3-319-19425-7). Terms: class × sex; spline of age × (sex + class); unknown age × (sex + class); log fare × class × sex and
/// its nonlinear term; log fare × age × (sex + class). Fitted once on the 1309 rows of the bundled dataset by
/// <c>Titanic.Benchmarks -- survival-model</c>.
/// </summary>
internal static class SurvivalModel
{
    /// <summary>Weight of the squared coefficients, without the intercept, in the penalized log-likelihood: Σ log p - Ridge/2 · Σ β².</summary>
    public const double Ridge = 0.01;

    /// <summary>
    /// Knots in decades: the 5th, 35th, 65th and 95th percentile of the known ages (Harrell's default for four knots).
    /// </summary>
    private static readonly double[] AgeKnots = [0.5, 2.4, 3.3, 5.7];

    /// <summary>Knots of log(1 + pounds): the 10th, 50th and 90th percentile (Harrell's default for three knots).</summary>
    private static readonly double[] FareKnots = [Math.Log(1 + 7.575), Math.Log(1 + 14.4542), Math.Log(1 + 77.9583)];

    /// <summary>Replacement of a missing fare in pounds: the median of the bundled dataset.</summary>
    private const double MissingFareInPounds = 14.4542;

    /// <summary>
    /// The terms and their coefficients. "age" is in decades from 30 years; "age'" and "age''" are the nonlinear terms of its spline; all
    /// three are 0 if the age is unknown. "fare" is log(1 + pounds) - 3, "fare'" the nonlinear term of its spline. A class or sex is 1 for its
    /// passengers, else 0.
    /// </summary>
    public static IReadOnlyList<(string Term, double Coefficient)> Coefficients { get; } =
    [
        ("intercept", 2.365895828571171),
        ("second class", -2.670294120225439),
        ("third class", -2.9402880525282753),
        ("male", -3.8476862460489056),
        ("male × second class", -0.7445724474183428),
        ("male × third class", 1.0273830009807337),
        ("age", -0.18281641386962755),
        ("age'", 1.2636902178960985),
        ("age''", -6.097268063234798),
        ("male × age", -0.4932518078102999),
        ("male × age'", 1.0307593068481884),
        ("male × age''", -4.441881336599067),
        ("second class × age", -2.324398399658239),
        ("second class × age'", 3.260166689320687),
        ("second class × age''", -9.830214390284697),
        ("third class × age", -0.32333059863845026),
        ("third class × age'", 0.43045869310318596),
        ("third class × age''", -0.5513868523383163),
        ("age unknown", 1.0516420774571553),
        ("age unknown × male", -0.21775459927272497),
        ("age unknown × second class", 2.4776270636306776),
        ("age unknown × third class", 0.3939767090185892),
        ("fare", 0.20632232253897953),
        ("fare × male", 0.6060794198008237),
        ("fare × second class", 1.3077453283002838),
        ("fare × third class", 0.38728255796197614),
        ("fare × male × second class", -1.5417634711727484),
        ("fare × male × third class", -1.2292369951256041),
        ("fare'", 0.04215779269445838),
        ("fare' × male", -1.2510747066181882),
        ("fare' × second class", -2.1485523665023534),
        ("fare' × third class", -6.04021031201214),
        ("fare' × male × third class", 8.428910129841714),
        ("fare × age", -0.14192563438717648),
        ("fare × male × age", -0.13469931042189134),
        ("fare × third class × age", 0.9352535851535545),
    ];

    private static readonly double[] Values = [.. Coefficients.Select(term => term.Coefficient)];

    /// <summary>The probability of survival, 0..1.</summary>
    public static double Probability(int pclass, Sex sex, double? ageInYears, double? fareInPounds)
    {
        Span<double> terms = stackalloc double[Values.Length];
        WriteTerms(pclass, sex, ageInYears, fareInPounds, terms);
        var logit = 0.0;
        for (var i = 0; i < Values.Length; i++)
            logit += Values[i] * terms[i];
        return 1 / (1 + Math.Exp(-logit));
    }

    /// <summary>Writes the values of the terms, in the order of <see cref="Coefficients"/>.</summary>
    public static void WriteTerms(int pclass, Sex sex, double? ageInYears, double? fareInPounds, Span<double> terms)
    {
        var second = pclass == 2 ? 1.0 : 0;
        var third = pclass == 3 ? 1.0 : 0;
        var male = sex == Sex.Male ? 1.0 : 0;
        var unknown = ageInYears is null ? 1.0 : 0;
        var logFare = Math.Log(1 + (fareInPounds ?? MissingFareInPounds));
        var (fare, fare1) = (logFare - 3, SplineTerm(logFare, FareKnots, 0));
        var (age, age1, age2) = ageInYears / 10 is { } decades
            ? (decades - 3, SplineTerm(decades, AgeKnots, 0), SplineTerm(decades, AgeKnots, 1))
            : (0, 0, 0);
        ReadOnlySpan<double> values =
        [
            1, second, third, male, male * second, male * third,
            age, age1, age2, male * age, male * age1, male * age2,
            second * age, second * age1, second * age2, third * age, third * age1, third * age2,
            unknown, unknown * male, unknown * second, unknown * third,
            fare, fare * male, fare * second, fare * third, fare * male * second, fare * male * third,
            fare1, fare1 * male, fare1 * second, fare1 * third, fare1 * male * third,
            fare * age, fare * male * age, fare * third * age,
        ];
        values.CopyTo(terms);
    }

    /// <summary>
    /// A nonlinear term of the restricted cubic spline, which is linear beyond the first and the last knot (Stone and Koo, "Additive
    /// splines in statistics", 1985; Harrell, section 2.4.5), in units of the value.
    /// </summary>
    private static double SplineTerm(double value, double[] knots, int knot)
    {
        var (last, secondLast) = (knots[^1], knots[^2]);
        var cubic = Cube(value - knots[knot])
            - (Cube(value - secondLast) * (last - knots[knot]) / (last - secondLast))
            + (Cube(value - last) * (secondLast - knots[knot]) / (last - secondLast));
        return cubic / ((last - knots[0]) * (last - knots[0]));

        static double Cube(double distance) => distance > 0 ? distance * distance * distance : 0;
    }
}
