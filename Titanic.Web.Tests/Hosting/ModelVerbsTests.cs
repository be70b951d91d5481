using System.Text.RegularExpressions;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The command <c>models</c>.</summary>
public sealed partial class ModelVerbsTests(TestPostgres postgres)
{
    [Fact]
    public async Task Models_are_listed_shown_promoted_rolled_back_and_described()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Register(Verdict.Hold);

        var listed = await Told(database, "list");
        Assert.Matches(@"^version 2, \S+, K-nearest neighbours, all ties vote, accuracy 0\.80\d\d, 1309 rows, gate HOLD$", listed[0]);
        Assert.StartsWith("version 1 (champion), ", listed[1], StringComparison.Ordinal);
        var refused = await ProductProcess.RunOn(database, "models", "promote", "2", "--reason", "I want it");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.EndsWith("The gate's verdict on version 2 is HOLD: decided by a test Use force to promote it anyway.", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(["champion: version 1 before, version 2 now", "previous: no version before, version 1 now"], await Told(database, "promote", "2", "--reason", "I want it", "--force"));
        Assert.Equal(["champion: version 2 before, version 1 now", "previous: version 1 before, version 2 now"], await Told(database, "rollback", "--reason", "no"));
        Assert.Equal(["Version 2 is at revision 1."], await Told(database, "describe", "2", "--tag", "stage=canary"));
        Assert.EndsWith(", stage = canary", Assert.Single(await Told(database, "list", "--tag", "stage")), StringComparison.Ordinal);
        var history = await Told(database, "history", "champion");
        Assert.Matches(@"^champion version 2 from \S+ until \S+ by command line, forced: I want it$", history[1]);

        await workflow.Damage(2);
        Assert.Contains(await Told(database, "show", "previous"), line => line.Contains("DAMAGED: The artifact of titanic_knn version 2 has SHA-256", StringComparison.Ordinal));
    }

    /// <summary>Every line on either stream but the log.</summary>
    private static async Task<IReadOnlyList<string>> Told(TestDatabase database, params string[] arguments)
    {
        var (_, output, errors) = await ProductInProcess.RunOn(database, ["models", .. arguments]);
        return [.. Lines(output), .. Lines(errors)];

        static IEnumerable<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !LogLine().IsMatch(line));
    }

    [GeneratedRegex("^[0-9:]{8} [A-Z]{3} ")]
    private static partial Regex LogLine();
}
