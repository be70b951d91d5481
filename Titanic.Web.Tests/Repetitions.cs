namespace Titanic.Web.Tests;

/// <summary>The size of repeated tests: continuous integration repeats more often than a developer.</summary>
internal static class Repetitions
{
    private static readonly bool _isContinuousIntegration = Environment.GetEnvironmentVariable("CI") == "true";

    public static int Of(int developer, int continuousIntegration) => _isContinuousIntegration ? continuousIntegration : developer;
}
