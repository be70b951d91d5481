namespace Titanic.Web.Hosting;

/// <summary>
/// Decompresses the bodies of prediction requests (gzip, deflate). The limit of the endpoint applies to the decompressed body. Uploads
/// and archives are not included: their formats have compression of their own, and their limits are settings.
/// </summary>
internal static class RequestCompression
{
    private static readonly PathString[] _paths = ["/api/predictions", "/invocations", "/v2"];

    /// <summary>Not br, for whose invalid data .NET throws an exception without a type of its own.</summary>
    public static IServiceCollection AddRequestCompression(this IServiceCollection services) =>
        services.AddRequestDecompression(options => options.DecompressionProviders.Remove("br"));

    public static void UseRequestCompression(this WebApplication app) => app.UseWhen(IsCompressed, branch =>
    {
        branch.Use(DescribeInvalidData);
        branch.UseRequestDecompression();
        branch.Use(RejectUnknownEncoding);
    });

    private static bool IsCompressed(HttpContext context) =>
        context.Request.Headers.ContentEncoding.Count > 0 && Array.Exists(_paths, path => context.Request.Path.StartsWithSegments(path));

    private static async Task DescribeInvalidData(HttpContext context, RequestDelegate next)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        try
        {
            await next(context);
        }
        catch (InvalidDataException)
        {
            throw new InvalidCompressionException($"The body is not valid {Passengers.Excerpt.Truncate(encoding)}, its content encoding.");
        }
    }

    /// <summary>The decompression removes the header of an encoding that it knows.</summary>
    private static Task RejectUnknownEncoding(HttpContext context, RequestDelegate next) => context.Request.Headers.ContentEncoding is { Count: > 0 } encoding
        ? Results.Problem(ErrorText.ContentEncoding(encoding.ToString(), ["gzip", "deflate"]), statusCode: StatusCodes.Status415UnsupportedMediaType).ExecuteAsync(context)
        : next(context);

    /// <summary>A 400 with a message for the caller.</summary>
    private sealed class InvalidCompressionException(string message) : BadHttpRequestException(message);
}
