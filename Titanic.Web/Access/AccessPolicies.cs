namespace Titanic.Web.Access;

/// <summary>
/// The names of the authorization policies, for <c>RequireAuthorization</c>. Reading and predicting require none of them.
/// </summary>
public static class AccessPolicies
{
    public const string AdminRole = "admin";

    /// <summary>The signed-in administrator only; API keys are denied.</summary>
    public const string Admin = "admin";

    /// <summary>Runs, aliases, descriptions, archives, training datasets, reproductions and feedback: the administrator, or an API key of scope <c>operate</c>.</summary>
    public const string Operator = "operator";

    /// <summary>Sending and deleting passengers, and outcomes: the administrator, or an API key of scope <c>ingest</c>.</summary>
    public const string Ingest = "ingest";

    /// <summary>The scope of the API keys that a policy allows; null if it allows none.</summary>
    public static ApiKeyScope? ScopeOf(string? policy) => policy switch
    {
        Operator => ApiKeyScope.Operate,
        Ingest => ApiKeyScope.Ingest,
        _ => null,
    };
}
