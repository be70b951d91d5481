using System.Diagnostics;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Repeats the comparison with brute force in a process without wide vector instructions, as on older processors.</summary>
public sealed class NarrowVectorTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    public async Task Search_gives_the_same_bits_without_wide_vectors(string instructions)
    {
        using var tests = Process.Start(new ProcessStartInfo("dotnet", [typeof(NarrowVectorTests).Assembly.Location, "-method", $"{typeof(NeighborSearchTests).FullName}.{nameof(NeighborSearchTests.Predictions_equal_brute_force_to_the_bit)}"])
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
