using System.Diagnostics;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>The search beside brute force once more in a process that may not use this processor's wide vectors, as on an older or another one.</summary>
public sealed class OtherProcessorsTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    public async Task The_search_gives_the_same_bits_without(string instructions)
    {
        using var tests = Process.Start(new ProcessStartInfo("dotnet", [typeof(OtherProcessorsTests).Assembly.Location, "-method", $"{typeof(NeighborSearchTests).FullName}.{nameof(NeighborSearchTests.Answers_to_the_bit_as_brute_force_does)}"])
        {
            Environment = { [instructions] = "0" },
            RedirectStandardOutput = true,
        })!;
        var output = await tests.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tests.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(tests.ExitCode == 0, output);
        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Total: 0", output, StringComparison.Ordinal);
    }
}
