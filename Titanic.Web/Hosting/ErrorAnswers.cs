using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Hosting;

/// <summary>What goes wrong is told in the caller's language: problem+json (RFC 9457) for programs, a page for people.</summary>
internal static class ErrorAnswers
{
    public static IServiceCollection AddErrorAnswers(this IServiceCollection services)
    {
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // else a body that is not JSON gets an empty 400
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Type ??= "about:blank";
            context.ProblemDetails.Detail ??= DetailFor(context.HttpContext, context.ProblemDetails.Status);
        });
        return services;
    }

    public static void UseErrorAnswers(this WebApplication app)
    {
        // Only the main pipeline finds an endpoint again for another path, so people's answers stand there and programs', inside, come first.
        app.UseExceptionHandler(Options("/error", null));
        app.UseStatusCodePagesWithReExecute("/error");
        app.UseWhen(context => Refusal.IsForProgram(context.Request), programs =>
        {
            programs.UseExceptionHandler(Options(null, TellProgram));
            programs.UseStatusCodePages(pages => Results.Problem(statusCode: pages.HttpContext.Response.StatusCode).ExecuteAsync(pages.HttpContext));
        });
    }

    /// <summary>Whatever the program takes: it can be sure to find a problem.</summary>
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
        // The caller is told; the log is for what went wrong on our side.
        SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException or NoChampionException or AnswersNotStoredException,
    };

    private static int StatusFor(Exception exception) => exception switch
    {
        BadHttpRequestException refused => refused.StatusCode,
        _ when exception is NoChampionException or AnswersNotStoredException || IsDatabaseAway(exception) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Only what was written for the caller is told to the caller.</summary>
    private static string? DetailFor(HttpContext context, Endpoint? endpoint, Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } refused => RequestLimits.TooLarge(context.Request, refused.Message),
        BadHttpRequestException refused => UnreadableRequest.Sentence(context, endpoint, refused),
        NoChampionException or AnswersNotStoredException => exception.Message,
        _ when IsDatabaseAway(exception) => "The database does not answer. Nothing was changed; try again in a moment.",
        _ => null,
    };

    /// <summary>What the framework refuses without a word.</summary>
    private static string? DetailFor(HttpContext context, int? status) => status switch
    {
        StatusCodes.Status404NotFound => $"There is no {Excerpt.TruncateRecord(context.Request.Path)}.",
        StatusCodes.Status405MethodNotAllowed => $"The method is {Excerpt.Truncate(context.Request.Method)}; it must be {context.Response.Headers.Allow}.",
        StatusCodes.Status413PayloadTooLarge => RequestLimits.TooLarge(context.Request, refused: ""),
        StatusCodes.Status415UnsupportedMediaType => AcceptedContent.Sentence(context),
        _ => null,
    };

    /// <summary>Entity Framework wraps what Npgsql throws, and not always in the same way.</summary>
    private static bool IsDatabaseAway(Exception? exception) =>
        exception is NpgsqlException { IsTransient: true } || exception is not null && IsDatabaseAway(exception.InnerException);
}
