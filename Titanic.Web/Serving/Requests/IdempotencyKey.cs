using System.Security.Cryptography;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Requests;

/// <summary>
/// The header <c>Idempotency-Key</c>: whoever does not know whether a request arrived sends it again with the same key and gets the same
/// answer, and one row.
/// </summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public const int MostCharacters = 255;

    /// <summary>Null where the request has none, or none that can be used: then there is a problem.</summary>
    public static (string? Key, IResult? Problem) Of(HttpRequest request)
    {
        var sent = request.Headers[Header];
        if (sent.Count == 0)
            return (null, null);
        var key = sent.ToString();
        if (sent.Count == 1 && key.Length is > 0 and <= MostCharacters && key.All(letter => letter is > ' ' and <= '~'))
            return (key, null);
        return (null, QuestionReader.Malformed(
            $"The header {Header} is {(sent.Count > 1 ? "sent more than once" : $"\"{Excerpt.Truncate(key)}\", {key.Length} characters")}; it must be sent once and have 1 to {MostCharacters} visible ASCII characters."));
    }

    /// <summary>What was asked under a key: whether with explanations, and the body as it was sent.</summary>
    public static IncrementalHash DigestOf(bool explains)
    {
        var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData([explains ? (byte)1 : (byte)0]);
        return digest;
    }

    /// <summary>Another question under a key that is in use.</summary>
    public static IResult InUse(string key) => TypedResults.Problem(
        $"The {Header} \"{Excerpt.Truncate(key)}\" was used for another request already. Send the same request to get its answer again, or another key for a new one.",
        statusCode: StatusCodes.Status422UnprocessableEntity);
}
