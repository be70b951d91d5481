using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Titanic.Web.Serving;

namespace Titanic.Web.Hosting;

/// <summary>The default limit of a request body. Endpoints for passenger lists and archives have their own limits.</summary>
internal static class RequestLimits
{
    private const int MaximumBodyBytes = PredictionRequestReader.MaximumBodyBytes;
    private const int MaximumDrainedBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan _drainTimeout = TimeSpan.FromSeconds(10);

    public static void Apply(KestrelServerOptions kestrel) => kestrel.Limits.MaxRequestBodySize = MaximumBodyBytes;

    /// <summary>
    /// Reads and discards an oversized body, up to 64 MiB and 10 seconds, before the error response is sent. A client that does not send
    /// <c>Expect: 100-continue</c> is still sending its body when the request is rejected; over HTTP/1, closing the connection at that
    /// moment makes the client report a broken connection instead of the error response.
    /// </summary>
    public static void UseRequestDraining(this WebApplication app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            if (TryLiftLimit(context))
                await DrainRequestBody(context);
            throw;
        }
        // The framework sets the status without throwing when it binds a JSON body. The server itself drains bodies that were rejected
        // unread for another reason, within its own limit.
        if (TryLiftLimit(context) && context.Response is { StatusCode: StatusCodes.Status413PayloadTooLarge, HasStarted: false })
            await DrainRequestBody(context);
    });

    /// <summary>Lifts the body limit of the request if its body is between the two limits and has not been read yet.</summary>
    /// <returns>True if the body can be drained.</returns>
    private static bool TryLiftLimit(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength is not (> MaximumBodyBytes and <= MaximumDrainedBytes) || request.Headers.Expect.Count > 0
            || !request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal)
            || context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } limit)
            return false;
        limit.MaxRequestBodySize = null;
        return true;
    }

    private static async Task DrainRequestBody(HttpContext context)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timeout.CancelAfter(_drainTimeout);
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, timeout.Token);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // The client disconnected or is too slow; the error response is sent in both cases.
        }
    }

    /// <summary>The detail of status 413: the length of the body, if the request states it, and the limit.</summary>
    /// <param name="serverMessage">The web server's message, which contains the limit of the endpoint; empty if there is none.</param>
    public static string TooLarge(HttpRequest request, string serverMessage)
    {
        var limit = new string([.. serverMessage.Where(char.IsAsciiDigit)]);
        var maximum = limit.Length == 0 ? MaximumBodyBytes : long.Parse(limit, System.Globalization.CultureInfo.InvariantCulture);
        return ErrorText.BodyTooLarge(request.ContentLength, maximum);
    }
}
