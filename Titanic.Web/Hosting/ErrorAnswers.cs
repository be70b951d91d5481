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
internal static class ErrorAnswers
{
    public static IServiceCollection AddErrorAnswers(this IServiceCollection services)
    {
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // else malformed JSON gets an empty 400
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Type ??= "about:blank";
            context.ProblemDetails.Detail ??= DetailFor(context.HttpContext, context.ProblemDetails.Status);
        });
        return services;
    }

    public static void UseErrorAnswers(this WebApplication app)
    {
        // Re-execution for the error page requires the main pipeline, so the page's handlers are there; the API's handlers, in a branch
        // inside it, handle an error first.
        app.UseExceptionHandler(Options("/error", null));
        app.UseStatusCodePagesWithReExecute("/error");
        app.UseWhen(context => Refusal.IsForProgram(context.Request), api =>
        {
            api.UseExceptionHandler(Options(null, TellProgram));
            api.UseStatusCodePages(status => Results.Problem(statusCode: status.HttpContext.Response.StatusCode).ExecuteAsync(status.HttpContext));
        });
    }

    /// <summary>Always writes a problem, whatever media types the client accepts.</summary>
    private static Task TellProgram(HttpContext context)
    {
        var feature = context.Features.Get<IExceptionHandlerFeature>()!;
        var exception = feature.Error;
        if (RetryAfter(exception) is { } delay)
            context.Response.Headers.RetryAfter = delay.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return Results.Problem(DetailFor(context, feature.Endpoint, exception), statusCode: context.Response.StatusCode).ExecuteAsync(context);
    }

    private static TimeSpan? RetryAfter(Exception exception) => exception switch
    {
        AnswersNotStoredException => AnswersNotStoredException.RetryAfter,
        FirstStartUnfinishedException => FirstStartUnfinishedException.RetryAfter,
        _ => null,
    };

    private static ExceptionHandlerOptions Options(string? page, RequestDelegate? tell) => new()
    {
        ExceptionHandlingPath = page,
        ExceptionHandler = tell,
        StatusCodeSelector = StatusFor,
        // Errors that the response fully describes are not logged; the log is for failures of the server.
        SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException or NoChampionException or AnswersNotStoredException,
    };

    private static int StatusFor(Exception exception) => exception switch
    {
        BadHttpRequestException badRequest => badRequest.StatusCode,
        _ when exception is NoChampionException or AnswersNotStoredException || IsDatabaseAway(exception) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The detail of a problem: only messages that are written for the client, never those of other exceptions.</summary>
    private static string? DetailFor(HttpContext context, Endpoint? endpoint, Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } tooLarge => RequestLimits.TooLarge(context.Request, tooLarge.Message),
        BadHttpRequestException badRequest => UnreadableRequest.Sentence(context, endpoint, badRequest),
        NoChampionException or AnswersNotStoredException => exception.Message,
        _ when IsDatabaseAway(exception) => "The database does not respond. Nothing was changed; try again in a moment.",
        _ => null,
    };

    /// <summary>The detail of a problem for which the framework sets only a status.</summary>
    private static string? DetailFor(HttpContext context, int? status) => status switch
    {
        StatusCodes.Status404NotFound => $"There is no resource at {Excerpt.TruncateRecord(context.Request.Path)}.",
        StatusCodes.Status405MethodNotAllowed => $"The method is {Excerpt.Truncate(context.Request.Method)}; it must be {context.Response.Headers.Allow}.",
        StatusCodes.Status413PayloadTooLarge => RequestLimits.TooLarge(context.Request, refused: ""),
        StatusCodes.Status415UnsupportedMediaType => AcceptedContent.Sentence(context),
        _ => null,
    };

    /// <summary>Entity Framework wraps the exceptions of Npgsql at varying depths, so all inner exceptions are examined.</summary>
    private static bool IsDatabaseAway(Exception? exception) =>
        exception is NpgsqlException { IsTransient: true } || exception is not null && IsDatabaseAway(exception.InnerException);
}
