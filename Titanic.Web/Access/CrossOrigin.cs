using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>The configuration section <c>Access:Cors</c>: scripts of other sites that may call the API and the inference protocols.</summary>
public sealed class CrossOriginOptions
{
    public const string Section = "Access:Cors";

    /// <summary>
    /// The origins, comma-separated, such as <c>https://example.org,http://localhost:3000</c>, or <c>*</c> for any. Default empty: none.
    /// </summary>
    public string Origins { get; set; } = "";

    /// <summary>The origins in the form in which browsers send them.</summary>
    internal string[] OriginList => [.. Origins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(origin => origin.TrimEnd('/'))];
}

internal sealed class CrossOriginOptionsValidator : IValidateOptions<CrossOriginOptions>
{
    public ValidateOptionsResult Validate(string? name, CrossOriginOptions options) =>
        Array.Find(options.OriginList, origin => origin != CrossOrigin.Any && !IsOrigin(origin)) is { } invalid
            ? ValidateOptionsResult.Fail(ErrorText.Invalid(
                $"{CrossOriginOptions.Section}:{nameof(options.Origins)}", invalid, "a list of origins such as https://example.org, or *"))
            : ValidateOptionsResult.Success;

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text;
}

/// <summary>
/// Cross-origin requests (CORS). Without credentials: a script of another site cannot use the cookie of an administrator, only an API key.
/// </summary>
internal static class CrossOrigin
{
    public const string Any = "*";

    public static IServiceCollection AddCrossOrigin(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<CrossOriginOptions>, CrossOriginOptionsValidator>()
            .AddOptions<CrossOriginOptions>().Bind(configuration.GetSection(CrossOriginOptions.Section)).ValidateOnStart();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<CrossOriginOptions>>((cors, options) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(options.Value.OriginList).WithMethods("GET", "HEAD", "POST", "PUT", "DELETE").AllowAnyHeader()
            .WithExposedHeaders("Location", "Link", "Retry-After", "Inference-Header-Content-Length")));
        return services;
    }

    /// <summary>Must come before authentication, because a preflight request has neither cookie nor key.</summary>
    public static void UseCrossOrigin(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IConfiguration>().GetSection(CrossOriginOptions.Section)[nameof(CrossOriginOptions.Origins)] is { Length: > 0 })
            app.UseWhen(context => AuthChallenge.IsApiPath(context.Request.Path), api => api.UseCors());
    }
}
