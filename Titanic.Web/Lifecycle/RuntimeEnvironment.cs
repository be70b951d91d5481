using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Titanic.Web.Lifecycle;

/// <summary>Where this process computes: what arithmetic could depend on, and must not.</summary>
internal static class RuntimeEnvironment
{
    /// <summary>"linux-x64".</summary>
    public static string Platform { get; } =
        $"{(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : OperatingSystem.IsLinux() ? "linux" : "unix")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>Width of the widest vectors that are used: 512, 256, 128, or 0 without any.</summary>
    public static int VectorBits { get; } =
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
}

/// <summary>Which code runs: the assembly's informational version, with the commit it was built from where that is known.</summary>
public sealed record CodeVersion(string Text)
{
    public static CodeVersion OfThisProcess { get; } = new(
        typeof(CodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");
}
