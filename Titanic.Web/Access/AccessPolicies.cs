namespace Titanic.Web.Access;

/// <summary>The names to write after <c>RequireAuthorization</c>. Reading and predicting need none of them.</summary>
public static class AccessPolicies
{
    public const string AdminRole = "admin";

    /// <summary>The signed-in administrator only, for what a program has no business with.</summary>
    public const string Admin = "admin";

    /// <summary>Starting runs, moving aliases, changing settings: the administrator, or an API key of scope <c>operate</c>.</summary>
    public const string Operator = "operator";

    /// <summary>Bringing passengers and outcomes: the administrator, or an API key of scope <c>ingest</c>.</summary>
    public const string Ingest = "ingest";

    /// <summary>The scope whose keys a policy lets in; null for one that lets in none.</summary>
    public static ApiKeyScope? ScopeOf(string? policy) => policy switch
    {
        Operator => ApiKeyScope.Operate,
        Ingest => ApiKeyScope.Ingest,
        _ => null,
    };
}
