using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>Authenticates a client by the API key in the header <c>X-Api-Key</c>.</summary>
public sealed class ApiKeyAuthentication(
    ApiKeys keys, ApiKeyUse use, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "ApiKey";
    public const string Header = "X-Api-Key";

    /// <summary>The type of the claim with the name of the <see cref="ApiKeyScope"/>.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>Why the key of this request is not accepted. A client that sends an expired key knows it already, so the reason reveals nothing.</summary>
    private string _problem = $"The key in {Header} is unknown or revoked, or the account that created it is disabled.";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers[Header] is not [{ Length: > 0 } sent])
            return AuthenticateResult.Fail($"The header {Header} must be sent once and contain one key.");
        if (await keys.Find(sent, Context.RequestAborted) is not { } key)
            return AuthenticateResult.Fail(_problem);
        if (key.IsExpired(TimeProvider.GetUtcNow()))
            return AuthenticateResult.Fail(_problem = $"The API key {key.Name} expired at {Format.UtcTime(key.ExpiresAt)}. An administrator can create another one or change when it expires.");
        use.Record(key);

        var identity = new ClaimsIdentity(
            [new(ClaimTypes.Name, $"API key {key.Name}"), new(ScopeClaim, key.Scope.ToString())], Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Scheme;
        return AuthChallenge.Unauthorized(Context, _problem);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        AuthChallenge.Forbidden(Context, AccessPolicies.ScopeOf(Context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy) is { } scope
            ? $"This request requires an API key of scope {scope.ToString().ToLowerInvariant()}; "
                + $"the {Context.User.Identity?.Name} has scope {Context.User.FindFirstValue(ScopeClaim)?.ToLowerInvariant()}."
            : $"This request requires the sign-in of an account; the {Context.User.Identity?.Name} is not allowed.");
}

/// <summary>Leaves every request anonymous, without reading cookie, header or database.</summary>
internal sealed class AnonymousAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Anonymous";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
}
