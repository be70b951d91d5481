using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Titanic.Web.Hosting;

/// <summary>How long a request may be where its endpoint says nothing else; lists of passengers and archives have limits of their own.</summary>
internal static class RequestLimits
{
    /// <summary>Ten thousand questions, generously written.</summary>
    public const int MostBytesOfBody = 4 * 1024 * 1024;

    public static void Apply(KestrelServerOptions kestrel) => kestrel.Limits.MaxRequestBodySize = MostBytesOfBody;

    /// <summary>"The body has …", as far as the request told its length.</summary>
    public static string TooLarge(HttpRequest request, string refused)
    {
        var allowed = new string([.. refused.Where(char.IsAsciiDigit)]); // of the server's own sentence, since an endpoint may have its own limit
        var seen = request.ContentLength is { } length ? FormattableString.Invariant($"has {length} bytes") : "is longer than is allowed";
        return $"The body {seen}; it must have at most {(allowed.Length > 0 ? allowed : MostBytesOfBody.ToString(System.Globalization.CultureInfo.InvariantCulture))} bytes. Nothing was done.";
    }
}
