using System.Security.Claims;

namespace Titanic.Web.Access;

/// <summary>The roles of accounts. An account has one role; each role includes the permissions of those before it.</summary>
public static class AccountRoles
{
    /// <summary>May read.</summary>
    public const string Viewer = "viewer";

    /// <summary>May also do what <see cref="AccessPolicies.Operator"/> and <see cref="AccessPolicies.Ingest"/> permit.</summary>
    public const string Operator = "operator";

    /// <summary>May also manage accounts, API keys, webhooks and jobs, and read the audit log.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Viewer, Operator, Admin];
}

/// <summary>
/// The authorization policies, for <c>RequireAuthorization</c> and <c>[Authorize]</c>, and the only definition of which roles and which API
/// keys they allow. Reading and predicting require none of them.
/// </summary>
public static class AccessPolicies
{
    /// <summary>Any signed-in account; API keys are denied.</summary>
    public const string SignedIn = "signed-in";

    /// <summary>Runs, aliases, descriptions, archives, training datasets, reproductions, alerts and feedback.</summary>
    public const string Operator = "operator";

    /// <summary>Sending and deleting passengers, and outcomes.</summary>
    public const string Ingest = "ingest";

    /// <summary>Accounts, API keys, the audit log, webhooks and jobs; API keys are denied.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [SignedIn, Operator, Ingest, Admin];

    /// <summary>The roles that a policy allows; all roles without a policy.</summary>
    public static IReadOnlyList<string> RolesOf(string? policy) => policy switch
    {
        Admin => [AccountRoles.Admin],
        Operator or Ingest => [AccountRoles.Operator, AccountRoles.Admin],
        _ => AccountRoles.All,
    };

    /// <summary>The scope of the API keys that a policy allows; null if it allows none.</summary>
    public static ApiKeyScope? ScopeOf(string? policy) => policy switch
    {
        Operator => ApiKeyScope.Operate,
        Ingest => ApiKeyScope.Ingest,
        _ => null,
    };

    /// <summary>Whether a policy allows a user: an account by its role, an API key by its scope.</summary>
    internal static bool Allows(string policy, ClaimsPrincipal user) =>
        RolesOf(policy).Any(user.IsInRole)
        || (ScopeOf(policy) is { } scope && user.HasClaim(ApiKeyAuthentication.ScopeClaim, scope.ToString()));
}
