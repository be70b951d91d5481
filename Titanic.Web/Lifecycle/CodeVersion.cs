using System.Reflection;

namespace Titanic.Web.Lifecycle;

/// <summary>Which code runs: the assembly's informational version, with the commit it was built from where that is known.</summary>
public sealed record CodeVersion(string Text)
{
    public static CodeVersion OfThisProcess { get; } = new(
        typeof(CodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");
}
