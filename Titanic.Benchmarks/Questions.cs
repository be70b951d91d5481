using System.Globalization;

namespace Titanic.Benchmarks;

/// <summary>The questions that <c>peers/questions.lua</c> asks, for the loads that are not wrk's.</summary>
internal static class Questions
{
    /// <summary>The request numbered so, each unlike the one before.</summary>
    public static byte[] Post(Uri address, int number) => HttpLine.Post(address, "/api/predictions", string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"pclass":{{(number % 3) + 1}},"sex":"{{(number % 2 == 0 ? "male" : "female")}}","age":{{number * 7 % 80}},"fare":{{number * 13 % 300}}}"""));
}
