using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>An error of the Open Inference Protocol.</summary>
public sealed record InferenceError(string Error);

/// <summary>An error of MLflow's scoring server.</summary>
/// <param name="ErrorCode">One of MLflow's own words.</param>
public sealed record MlflowError([property: JsonPropertyName("error_code")] string ErrorCode, string Message);

/// <summary>
/// Writes every problem below a protocol's paths in the protocol's own shape, whoever found it: an endpoint, routing, the web server or
/// whatever stands before them.
/// </summary>
internal sealed class ProtocolErrors(IOptions<ProblemDetailsOptions> problems) : IProblemDetailsWriter
{
    private static readonly PathString _openInference = "/v2";
    private static readonly PathString[] _mlflow = ["/invocations", "/ping", "/health", "/version"];

    public bool CanWrite(ProblemDetailsContext context) => IsOpenInference(context.HttpContext.Request) || IsMlflow(context.HttpContext.Request);

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        context.ProblemDetails.Detail ??= Sentence(request, response.StatusCode);
        problems.Value.CustomizeProblemDetails?.Invoke(context);
        var sentence = context.ProblemDetails.Detail ?? $"{ReasonPhrases.GetReasonPhrase(response.StatusCode)}.";
        return new ValueTask(IsOpenInference(request)
            ? response.WriteAsJsonAsync(new InferenceError(sentence), context.HttpContext.RequestAborted)
            : response.WriteAsJsonAsync(new MlflowError(CodeOf(response.StatusCode), sentence), context.HttpContext.RequestAborted));
    }

    private static bool IsOpenInference(HttpRequest request) => request.Path.StartsWithSegments(_openInference);

    private static bool IsMlflow(HttpRequest request) => _mlflow.Contains(request.Path);

    /// <summary>Where routing found nothing; null for anything else.</summary>
    private static string? Sentence(HttpRequest request, int status) => status == StatusCodes.Status404NotFound
        ? $"{Excerpt.Truncate(request.Method)} {Excerpt.TruncateRecord(request.Path.Value)} is not part of the protocol, or of what this server has of it."
        : null;

    /// <summary>MLflow has no words for the other refusals of HTTP, so they are bad requests.</summary>
    private static string CodeOf(int status) => status switch
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
