using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The command with other instruction sets, and with a restored copy of a server's folder.</summary>
public sealed class ReproduceCommandTests(TestPostgres postgres)
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task Reproduces_the_same_bytes_without_wide_vectors(string instructions, int maxVectorBits)
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);

        var (exitCode, output, errors) = await ProductProcess.RunOn(database, [(instructions, "0"), ("DOTNET_TieredPGO", "1")], "reproduce", "champion");

        Assert.True(exitCode == 0, output + errors);
        Assert.StartsWith("Version 1 is reproduced: 1,309 rows,", output, StringComparison.Ordinal);
        var bits = await workflow.Scalar<int>("select vector_bits from reproductions where asked_by = 'command line' and verdict = 'Reproduced'");
        Assert.True(bits <= maxVectorBits, $"{bits} bits");
    }

    [Fact]
    public async Task Returns_exit_code_1_for_a_difference_and_for_an_unknown_version()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Execute("update outcomes set survived = not survived where passenger_id = 17");

        var differs = await ProductInProcess.RunOn(database, "reproduce", "1");
        var missing = await ProductInProcess.RunOn(database, "reproduce", "captain");

        Assert.Equal(1, differs.ExitCode);
        Assert.StartsWith("Version 1 differs: the training dataset, the retrained model, ", differs.Output, StringComparison.Ordinal);
        Assert.Equal((1, ""), (missing.ExitCode, missing.Output));
        Assert.Contains("There is no version or alias \"captain\"; there are version numbers, champion, challenger, previous.", missing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reproduces_the_same_model_from_a_copy_of_a_stopped_servers_folder()
    {
        using var original = TestFolder.Create();
        using var restored = TestFolder.Create();
        foreach (var command in (string[])["run feature --backfill", "run training"])
        {
            var (exitCode, output, errors) = await ProductInProcess.RunIn(original.Path, command.Split(' '));
            Assert.True(exitCode == 0, output + errors);
        }

        await TestFolder.CopyTree(original.PathTo("."), restored.Path);
        var result = await ProductInProcess.RunIn(restored.Path, "reproduce", "champion");

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.StartsWith("Version 1 is reproduced: 1,309 rows,", result.Output, StringComparison.Ordinal);
    }
}
