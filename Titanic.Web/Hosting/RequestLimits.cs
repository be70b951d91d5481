using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Titanic.Web.Hosting;

/// <summary>How long a request may be where its endpoint says nothing else; lists of passengers and archives have limits of their own.</summary>
internal static class RequestLimits
{
    /// <summary>Ten thousand questions, generously written.</summary>
    public const int MostBytesOfBody = 4 * 1024 * 1024;

    private const int MostBytesHeardOut = 64 * 1024 * 1024;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    public static void Apply(KestrelServerOptions kestrel) => kestrel.Limits.MaxRequestBodySize = MostBytesOfBody;

    /// <summary>
    /// Whoever sends a body that is too long without having asked whether it is welcome is still sending when they are refused, for its length or
    /// for anything else. HTTP/1 can interrupt them only by breaking the connection, and then that is all they see, and not why. So they are
    /// heard out first, up to a point, and what they send is thrown away.
    /// </summary>
    public static void UseHearingOut(this WebApplication app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            if (MayFinish(context))
                await HearOut(context);
            throw;
        }
        // The framework, which reads JSON for an endpoint, throws nothing. What was refused unread for another reason is heard out by the server, where it may.
        if (MayFinish(context) && context.Response is { StatusCode: StatusCodes.Status413PayloadTooLarge, HasStarted: false })
            await HearOut(context);
    });

    /// <summary>Lifts the limit for a body that nobody has begun to read.</summary>
    private static bool MayFinish(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength is not (> MostBytesOfBody and <= MostBytesHeardOut) || request.Headers.Expect.Count > 0
            || !request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal)
            || context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } limit)
            return false;
        limit.MaxRequestBodySize = null;
        return true;
    }

    private static async Task HearOut(HttpContext context)
    {
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        impatience.CancelAfter(_patience);
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, impatience.Token);
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException)
        {
            // They have gone, or take too long: they are told all the same.
        }
    }

    /// <summary>"The body has …", as far as the request told its length.</summary>
    /// <param name="refused">The server's own sentence; empty where it said none.</param>
    public static string TooLarge(HttpRequest request, string refused)
    {
        var allowed = new string([.. refused.Where(char.IsAsciiDigit)]); // of the server's own sentence, since an endpoint may have its own limit
        var seen = request.ContentLength is { } length ? FormattableString.Invariant($"has {length} bytes") : "is longer than is allowed";
        return $"The body {seen}; it must have at most {(allowed.Length > 0 ? allowed : MostBytesOfBody.ToString(System.Globalization.CultureInfo.InvariantCulture))} bytes. Nothing was done.";
    }
}
