using System.Text.RegularExpressions;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The command <c>models</c>.</summary>
public sealed partial class ModelCommandsTests(TestPostgres postgres)
{
    [Fact]
    public async Task Lists_shows_promotes_rolls_back_and_describes_versions()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Register(Verdict.Hold);

        var listed = await RunModels(database, "list");
        Assert.Matches(@"^version 2, \S+, K-NN, cross-validated accuracy 80\.\d% \(7\d\.\d% to 8\d\.\d%\), 1,309 rows, gate HOLD$", listed[0]);
        Assert.StartsWith("version 1 (champion), ", listed[1], StringComparison.Ordinal);
        var rejected = await ProductProcess.RunOn(database, "models", "promote", "2", "--reason", "I want it");
        Assert.Equal((1, ""), (rejected.ExitCode, rejected.Output));
        Assert.EndsWith("The gate's verdict on version 2 is HOLD: decided by a test Use force to promote it anyway.", rejected.Errors, StringComparison.Ordinal);
        Assert.Equal(["champion: version 1 -> version 2", "previous: none -> version 1"], await RunModels(database, "promote", "2", "--reason", "I want it", "--force"));
        Assert.Equal(["champion: version 2 -> version 1", "previous: version 1 -> version 2"], await RunModels(database, "rollback", "--reason", "no"));
        Assert.Equal(["Version 2 is at revision 1."], await RunModels(database, "describe", "2", "--tag", "stage=canary"));
        Assert.EndsWith(", stage = canary", Assert.Single(await RunModels(database, "list", "--tag", "stage")), StringComparison.Ordinal);
        var history = await RunModels(database, "history", "champion");
        Assert.Matches(@"^champion: version 2 from \S+ until \S+ by command line, forced: I want it$", history[1]);

        await workflow.CorruptArtifact(2);
        Assert.Contains(await RunModels(database, "show", "previous"), line => line.Contains("CORRUPT: The artifact of titanic_knn version 2 has SHA-256", StringComparison.Ordinal));
    }

    /// <summary>Runs a subcommand and returns all lines of both streams, except log lines.</summary>
    private static async Task<IReadOnlyList<string>> RunModels(TestDatabase database, params string[] arguments)
    {
        var (_, output, errors) = await ProductInProcess.RunOn(database, ["models", .. arguments]);
        return [.. Lines(output), .. Lines(errors)];

        static IEnumerable<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !LogLine().IsMatch(line));
    }

    [GeneratedRegex("^[0-9:]{8} [A-Z]{3} ")]
    private static partial Regex LogLine();
}
