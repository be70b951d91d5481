using System.Globalization;

namespace Titanic.Benchmarks;

/// <summary>The prediction requests of <c>peers/prediction_requests.lua</c>, for loads that wrk does not generate.</summary>
internal static class PredictionRequests
{
    /// <summary>The request with a number; consecutive requests differ.</summary>
    public static byte[] Post(Uri address, int number) => RawHttpConnection.Post(address, "/api/predictions", string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"pclass":{{(number % 3) + 1}},"sex":"{{(number % 2 == 0 ? "male" : "female")}}","age":{{number * 7 % 80}},"fare":{{number * 13 % 300}}}"""));
}
