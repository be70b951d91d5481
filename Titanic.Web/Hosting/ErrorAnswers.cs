using System.Globalization;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Serving;

namespace Titanic.Web.Hosting;

/// <summary>What goes wrong is told in the caller's language: problem+json (RFC 9457) for programs, a page for people.</summary>
internal static class ErrorAnswers
{
    public static IServiceCollection AddErrorAnswers(this IServiceCollection services)
    {
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // else a body that is not JSON gets an empty 400
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
        {
            if (context.Exception is { } exception && DetailFor(exception) is { } detail)
                context.ProblemDetails.Detail = detail;
            if (context.ProblemDetails is { Status: StatusCodes.Status415UnsupportedMediaType, Detail: null })
                context.ProblemDetails.Detail = AcceptedContent.Sentence(context.HttpContext);
            if (context.Exception is AnswersNotStoredException)
                context.HttpContext.Response.Headers.RetryAfter = AnswersNotStoredException.RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        });
        return services;
    }

    public static void UseErrorAnswers(this WebApplication app)
    {
        // Only the main pipeline finds an endpoint again for another path, so people's answers stand there and programs', inside, come first.
        app.UseExceptionHandler(Options("/error"));
        app.UseStatusCodePagesWithReExecute("/error");
        app.UseWhen(context => Refusal.IsForProgram(context.Request), programs =>
        {
            programs.UseExceptionHandler(Options(null));
            programs.UseStatusCodePages();
        });
    }

    private static ExceptionHandlerOptions Options(string? page) => new()
    {
        ExceptionHandlingPath = page,
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
    private static string? DetailFor(Exception exception) => exception switch
    {
        BadHttpRequestException refused => UnreadableRequest.Sentence(refused),
        NoChampionException or AnswersNotStoredException => exception.Message,
        _ when IsDatabaseAway(exception) => "The database does not answer. Nothing was changed; try again in a moment.",
        _ => null,
    };

    /// <summary>Entity Framework wraps what Npgsql throws, and not always in the same way.</summary>
    private static bool IsDatabaseAway(Exception? exception) =>
        exception is NpgsqlException { IsTransient: true } || exception is not null && IsDatabaseAway(exception.InnerException);
}
