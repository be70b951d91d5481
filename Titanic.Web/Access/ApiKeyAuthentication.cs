using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>Knows a program by the key in its <c>X-Api-Key</c> header.</summary>
public sealed class ApiKeyAuthentication(
    ApiKeys keys, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "ApiKey";
    public const string Header = "X-Api-Key";

    /// <summary>The claim whose value is the <see cref="ApiKeyScope"/>'s name.</summary>
    public const string ScopeClaim = "scope";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers[Header] is not [{ Length: > 0 } shown])
            return AuthenticateResult.Fail($"{Header} must be sent once and hold one key.");
        if (await keys.Find(shown, Context.RequestAborted) is not { } key)
            return AuthenticateResult.Fail("The API key is unknown or revoked.");

        var identity = new ClaimsIdentity(
            [new(ClaimTypes.Name, $"API key {key.Name}"), new(ScopeClaim, key.Scope.ToString())], Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Scheme;
        return Refusal.Unauthorized(Context, $"The key in {Header} is unknown or revoked.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Refusal.Forbidden(Context, AccessPolicies.ScopeOf(Context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy) is { } scope
            ? $"This needs a key of scope {scope.ToString().ToLowerInvariant()}; the {Context.User.Identity?.Name} has scope {Context.User.FindFirstValue(ScopeClaim)?.ToLowerInvariant()}."
            : $"This needs the administrator's sign-in; the {Context.User.Identity?.Name} cannot stand in for it.");
}

/// <summary>Authenticates nobody and reads nothing.</summary>
internal sealed class AnonymousAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Anonymous";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
}
