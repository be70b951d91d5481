using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>The body of an error response of the Open Inference Protocol.</summary>
public sealed record InferenceError(string Error);

/// <summary>The body of an error response of MLflow's scoring server.</summary>
/// <param name="ErrorCode">One of MLflow's error codes, such as BAD_REQUEST.</param>
public sealed record MlflowError([property: JsonPropertyName("error_code")] string ErrorCode, string Message);

/// <summary>
/// Writes every error at the paths of a protocol in the format of that protocol, also errors of routing, middleware and the web server.
/// </summary>
internal sealed class ProtocolErrors(IOptions<ProblemDetailsOptions> problems) : IProblemDetailsWriter
{
    private static readonly PathString _openInference = "/v2";
    private static readonly PathString[] _mlflow = ["/invocations", "/ping", "/health", "/version"];

    public bool CanWrite(ProblemDetailsContext context) => IsOpenInference(context.HttpContext.Request) || IsMlflow(context.HttpContext.Request);

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        context.ProblemDetails.Detail ??= NotFoundDetail(request, response.StatusCode);
        problems.Value.CustomizeProblemDetails?.Invoke(context);
        var message = context.ProblemDetails.Detail ?? $"{ReasonPhrases.GetReasonPhrase(response.StatusCode)}.";
        return new ValueTask(IsOpenInference(request)
            ? response.WriteAsJsonAsync(new InferenceError(message), context.HttpContext.RequestAborted)
            : response.WriteAsJsonAsync(new MlflowError(MlflowErrorCode(response.StatusCode), message), context.HttpContext.RequestAborted));
    }

    private static bool IsOpenInference(HttpRequest request) => request.Path.StartsWithSegments(_openInference);

    private static bool IsMlflow(HttpRequest request) => _mlflow.Contains(request.Path);

    /// <summary>The detail of a 404 by routing, which sets none; null for other errors.</summary>
    private static string? NotFoundDetail(HttpRequest request, int status) => status == StatusCodes.Status404NotFound
        ? $"There is no endpoint {Excerpt.Truncate(request.Method)} {Excerpt.TruncateRecord(request.Path.Value)}; check the method and the path."
        : null;

    /// <summary>
    /// The error code of MLflow for an HTTP status. MLflow has no code for other client errors, so they are bad requests.
    /// </summary>
    private static string MlflowErrorCode(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "UNAUTHENTICATED",
        StatusCodes.Status403Forbidden => "PERMISSION_DENIED",
        StatusCodes.Status404NotFound => "ENDPOINT_NOT_FOUND",
        StatusCodes.Status429TooManyRequests => "REQUEST_LIMIT_EXCEEDED",
        StatusCodes.Status503ServiceUnavailable => "TEMPORARILY_UNAVAILABLE",
        >= 500 => "INTERNAL_ERROR",
        _ => "BAD_REQUEST",
    };
}
