namespace Titanic.Web.Registry;

/// <summary>The registry did not do what was asked, and changed nothing; the message says what was seen and what is allowed.</summary>
public sealed class RegistryRefusedException(RefusalKind kind, string message) : Exception(message)
{
    public RefusalKind Kind => kind;
}

public enum RefusalKind
{
    /// <summary>What was asked cannot be understood.</summary>
    Unclear,

    /// <summary>There is no such version, or no such alias.</summary>
    Missing,

    /// <summary>It does not go with how things stand: the gate's verdict, or what somebody else has changed meanwhile.</summary>
    Conflict,

    /// <summary>The version's bytes cannot serve.</summary>
    Unfit,
}
