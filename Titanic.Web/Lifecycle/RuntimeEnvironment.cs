using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Titanic.Web.Lifecycle;

/// <summary>Properties of this machine that floating-point results could depend on. Reproductions record them.</summary>
internal static class RuntimeEnvironment
{
    /// <summary>Operating system and processor architecture, such as "linux-x64".</summary>
    public static string Platform { get; } =
        $"{(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : OperatingSystem.IsLinux() ? "linux" : "unix")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>Width of the widest accelerated vectors in bits: 512, 256, 128, or 0 for none.</summary>
    public static int VectorBits { get; } =
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
}

/// <summary>
/// The version of the running code: the assembly's informational version, which contains the source commit if the build knows it.
/// </summary>
public sealed record CodeVersion(string Text)
{
    public static CodeVersion OfThisProcess { get; } = new(
        typeof(CodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");
}
