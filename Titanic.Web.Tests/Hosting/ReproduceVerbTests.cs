using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The verb on other processors, and where a server's folder was restored.</summary>
public sealed class ReproduceVerbTests(TestPostgres postgres)
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task A_process_without_wide_vectors_makes_the_same_bytes(string instructions, int mostVectorBits)
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);

        var (exitCode, output, errors) = await ProductProcess.RunOn(database, [(instructions, "0"), ("DOTNET_TieredPGO", "1")], "reproduce", "champion");

        Assert.True(exitCode == 0, output + errors);
        Assert.StartsWith("Version 1 is reproduced: 1,309 rows,", output, StringComparison.Ordinal);
        var bits = await workflow.Scalar<int>("select vector_bits from reproductions where asked_by = 'command line' and verdict = 'Reproduced'");
        Assert.True(bits <= mostVectorBits, $"{bits} bits");
    }

    [Fact]
    public async Task The_exit_code_tells_a_difference_and_a_version_that_is_not_there()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Execute("update outcomes set survived = not survived where passenger_id = 17");

        var differs = await ProductInProcess.RunOn(database, "reproduce", "1");
        var missing = await ProductInProcess.RunOn(database, "reproduce", "captain");

        Assert.Equal(1, differs.ExitCode);
        Assert.StartsWith("Version 1 differs: the training dataset, the retrained model, ", differs.Output, StringComparison.Ordinal);
        Assert.Equal((1, ""), (missing.ExitCode, missing.Output));
        Assert.Contains("There is no version or alias \"captain\"; versions are numbers, aliases champion, challenger, previous.", missing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_of_the_stopped_server_s_folder_makes_the_same_model()
    {
        using var original = TestFolder.Create();
        using var restored = TestFolder.Create();
        foreach (var verb in (string[])["run feature --backfill", "run training"])
        {
            var (exitCode, output, errors) = await ProductInProcess.RunIn(original.Path, verb.Split(' '));
            Assert.True(exitCode == 0, output + errors);
        }

        await TestFolder.CopyTree(original.In("."), restored.Path);
        var there = await ProductInProcess.RunIn(restored.Path, "reproduce", "champion");

        Assert.True(there.ExitCode == 0, there.Output + there.Errors);
        Assert.StartsWith("Version 1 is reproduced: 1,309 rows,", there.Output, StringComparison.Ordinal);
    }
}
