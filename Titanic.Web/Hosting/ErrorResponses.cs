using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Hosting;

/// <summary>The error responses: problem+json (RFC 9457) for API clients, an error page for browsers.</summary>
internal static class ErrorResponses
{
    public static IServiceCollection AddErrorResponses(this IServiceCollection services)
    {
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // else malformed JSON gets an empty 400
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Type ??= "about:blank";
            context.ProblemDetails.Detail ??= DetailFor(context.HttpContext, context.ProblemDetails.Status);
        });
        return services;
    }

    public static void UseErrorResponses(this WebApplication app)
    {
        // Re-execution for the error page requires the main pipeline, so the page's handlers are there; the API's handlers, in a branch
        // inside it, handle an error first.
        app.UseExceptionHandler(CreateOptions("/error", null));
        app.UseStatusCodePagesWithReExecute("/error");
        app.UseWhen(context => AuthChallenge.IsApiRequest(context.Request), api =>
        {
            api.UseExceptionHandler(CreateOptions(null, WriteProblem));
            api.UseStatusCodePages(status => Results.Problem(statusCode: status.HttpContext.Response.StatusCode).ExecuteAsync(status.HttpContext));
        });
    }

    /// <summary>Always writes a problem, whatever media types the client accepts.</summary>
    private static Task WriteProblem(HttpContext context)
    {
        var feature = context.Features.Get<IExceptionHandlerFeature>()!;
        var exception = feature.Error;
        if (RetryAfter(exception) is { } delay)
            context.Response.Headers.RetryAfter = delay.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return Results.Problem(DetailFor(context, feature.Endpoint, exception), statusCode: context.Response.StatusCode).ExecuteAsync(context);
    }

    private static TimeSpan? RetryAfter(Exception exception) => exception switch
    {
        PredictionsNotStoredException => PredictionsNotStoredException.RetryAfter,
        FirstStartIncompleteException => FirstStartIncompleteException.RetryAfter,
        _ => null,
    };

    private static ExceptionHandlerOptions CreateOptions(string? page, RequestDelegate? handler) => new()
    {
        ExceptionHandlingPath = page,
        ExceptionHandler = handler,
        StatusCodeSelector = StatusFor,
        // Errors that the response fully describes are not logged; the log is for failures of the server.
        SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException or NoChampionException or PredictionsNotStoredException,
    };

    private static int StatusFor(Exception exception) => exception switch
    {
        BadHttpRequestException badRequest => badRequest.StatusCode,
        _ when exception is NoChampionException or PredictionsNotStoredException || IsDatabaseUnavailable(exception) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The detail of a problem: only messages that are written for the client, never those of other exceptions.</summary>
    private static string? DetailFor(HttpContext context, Endpoint? endpoint, Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } tooLarge => RequestLimits.TooLarge(context.Request, tooLarge.Message),
        BadHttpRequestException badRequest => MalformedRequest.Describe(context, endpoint, badRequest),
        NoChampionException or PredictionsNotStoredException => exception.Message,
        _ when IsDatabaseUnavailable(exception) => "The database does not respond. Nothing was changed; try again in a moment.",
        _ => null,
    };

    /// <summary>The detail of a problem for which the framework sets only a status.</summary>
    private static string? DetailFor(HttpContext context, int? status) => status switch
    {
        StatusCodes.Status404NotFound => $"There is no resource at {Excerpt.TruncateRecord(context.Request.Path)}.",
        StatusCodes.Status405MethodNotAllowed => $"The method is {Excerpt.Truncate(context.Request.Method)}; it must be {ErrorText.OneOf(context.Response.Headers.Allow.ToString().Split(", "))}.",
        StatusCodes.Status413PayloadTooLarge => RequestLimits.TooLarge(context.Request, serverMessage: ""),
        StatusCodes.Status415UnsupportedMediaType => ContentTypeErrors.UnsupportedMediaType(context),
        _ => null,
    };

    /// <summary>Entity Framework wraps the exceptions of Npgsql at varying depths, so all inner exceptions are examined.</summary>
    private static bool IsDatabaseUnavailable(Exception? exception) =>
        exception is NpgsqlException { IsTransient: true } || exception is not null && IsDatabaseUnavailable(exception.InnerException);
}
