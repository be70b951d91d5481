using System.Net;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using IPNetwork = System.Net.IPNetwork; // HttpOverrides has an obsolete type of this name

namespace Titanic.Web.Hosting;

/// <summary>The configuration section <c>Network</c>: the reverse proxies before this process.</summary>
public sealed class NetworkOptions
{
    public const string Section = "Network";

    /// <summary>
    /// The addresses and networks of the proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are trusted, comma-separated, such as
    /// <c>127.0.0.1,10.1.0.0/16</c>. Default empty: none is trusted.
    /// </summary>
    public string KnownProxies { get; set; } = "";

    /// <summary>The networks of <see cref="KnownProxies"/>; an address is a network of one.</summary>
    internal IEnumerable<IPNetwork> ProxyNetworks => Items.Select(item => TryParse(item)!.Value);

    private IEnumerable<string> Items => KnownProxies.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static IPNetwork? TryParse(string item) =>
        IPNetwork.TryParse(item, out var network) ? network
        : IPAddress.TryParse(item, out var address) ? new IPNetwork(address, 8 * address.GetAddressBytes().Length)
        : null;

    /// <summary>Also checks the setting <see cref="AllowedHosts"/>, which has no section.</summary>
    internal sealed class NetworkOptionsValidator(IConfiguration configuration) : IValidateOptions<NetworkOptions>
    {
        public ValidateOptionsResult Validate(string? name, NetworkOptions options)
        {
            var invalid = options.Items.Where(item => TryParse(item) is null)
                .Select(item => ErrorText.Invalid($"{Section}:{nameof(KnownProxies)}", item, "an address or a network such as 10.1.0.0/16"))
                .Concat(AllowedHosts.Configured(configuration).Where(host => !AllowedHosts.IsValid(host))
                    .Select(host => ErrorText.Invalid(AllowedHosts.Setting, host, "a host name or an address without scheme and port, *.example.com, or *")))
                .ToList();
            return invalid.Count > 0 ? ValidateOptionsResult.Fail(invalid) : ValidateOptionsResult.Success;
        }
    }
}

/// <summary>The addresses, schemes and host names of requests: which proxies, hosts and cookies are accepted.</summary>
internal static class Network
{
    public static IServiceCollection AddNetwork(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<NetworkOptions>, NetworkOptions.NetworkOptionsValidator>()
            .AddOptions<NetworkOptions>().Bind(configuration.GetSection(NetworkOptions.Section)).ValidateOnStart();
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<NetworkOptions>>((forwarded, network) =>
        {
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear(); // loopback by default
            foreach (var proxies in network.Value.ProxyNetworks)
                forwarded.KnownIPNetworks.Add(proxies);
            // Without networks the middleware would trust every sender.
            forwarded.ForwardedHeaders = forwarded.KnownIPNetworks.Count > 0 ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto : ForwardedHeaders.None;
            forwarded.ForwardLimit = null; // the client is the last address that is not a known proxy
        });
        // AllowedHosts replaces the host filter of WebApplication, whose response does not say what was seen and which cannot omit paths.
        services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = ["*"]);
        services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        return services;
    }

    /// <summary>Must come before all other middleware: it changes the address of the client and the scheme.</summary>
    public static void UseForwardedRequests(this WebApplication app) => app.UseForwardedHeaders();

    /// <summary>Must come after the path base is removed and after the security headers are added.</summary>
    public static void UseNetwork(this WebApplication app)
    {
        app.UseHsts(); // under HTTPS, and not for loopback names
        app.UseAllowedHosts();
        app.UseSecureCookies();
    }
}

/// <summary>
/// Rejects requests to host names that are neither loopback nor configured: a site of another origin whose name resolves to this process
/// (DNS rebinding) could read it with the browser of a visitor, and links would contain any name that a client sends.
/// </summary>
internal static class AllowedHosts
{
    /// <summary>The setting of ASP.NET Core, separated by semicolons.</summary>
    public const string Setting = "AllowedHosts";

    private const string Any = "*";

    private static readonly string[] _loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Probes and scrapers use the address of a container, which no one knows in advance. These responses contain no data.</summary>
    private static readonly PathString[] _anyHost = ["/health", Telemetry.MetricsPath];

    public static IEnumerable<string> Configured(IConfiguration configuration) =>
        configuration[Setting]?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    public static bool IsValid(string host) => host == Any
        || (Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) is not UriHostNameType.Unknown
            && (!host.Contains(':', StringComparison.Ordinal) || host.StartsWith('['))); // an IPv6 address has brackets in a URL

    public static void UseAllowedHosts(this WebApplication app)
    {
        if (Configured(app.Configuration).Contains(Any))
            return;
        StringSegment[] allowed = [.. _loopback.Concat(Configured(app.Configuration)).Select(host => new StringSegment(new HostString(host).ToUriComponent()))];
        app.Use((context, next) =>
        {
            var host = context.Request.Headers.Host.ToString(); // as sent: Request.Host decodes international names
            return host.Length == 0 // only clients of HTTP/1.0 omit it
                || HostString.MatchesAny(host, allowed)
                || Array.Exists(_anyHost, path => context.Request.Path.StartsWithSegments(path))
                    ? next(context)
                    : Reject(context, host);
        });
    }

    private static Task Reject(HttpContext context, string host)
    {
        var detail = $"The host of the request is \"{Excerpt.Truncate(host)}\"; it must be localhost, 127.0.0.1, [::1] or a name in the setting {Setting} of the server.";
        if (AuthChallenge.IsApiRequest(context.Request))
            return Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync(detail, context.RequestAborted);
    }
}

/// <summary>
/// Under HTTPS all cookies of the product have the attribute <c>Secure</c> and a prefix with which browsers accept them from this host over
/// HTTPS only; cookies without the prefix are ignored. Under HTTP the names have no prefix, because browsers would reject the cookies.
/// </summary>
/// <remarks><c>__Host-</c> requires the path /. Below a path base, where other programs share the host, the cookies keep their path and have the prefix <c>__Secure-</c>.</remarks>
internal static class SecureCookies
{
    public static void UseSecureCookies(this WebApplication app) => app.UseWhen(context => context.Request.IsHttps, https =>
    {
        https.Use((context, next) =>
        {
            RemovePrefixes(context.Request);
            return next(context);
        });
        https.UseCookiePolicy(new CookiePolicyOptions
        {
            Secure = CookieSecurePolicy.Always,
            OnAppendCookie = cookie => cookie.CookieName = Prefix(cookie.Context.Request) + cookie.CookieName,
            OnDeleteCookie = cookie => cookie.CookieName = Prefix(cookie.Context.Request) + cookie.CookieName,
        });
    });

    private static string Prefix(HttpRequest request) => request.PathBase.HasValue ? "__Secure-" : "__Host-";

    private static void RemovePrefixes(HttpRequest request)
    {
        var prefix = Prefix(request);
        var cookies = request.Headers.Cookie.SelectMany(header => header?.Split(';', StringSplitOptions.TrimEntries) ?? [])
            .Where(cookie => cookie.StartsWith(prefix, StringComparison.Ordinal)).Select(cookie => cookie[prefix.Length..]).ToList();
        request.Headers.Cookie = cookies.Count > 0 ? string.Join("; ", cookies) : default(StringValues);
    }
}
