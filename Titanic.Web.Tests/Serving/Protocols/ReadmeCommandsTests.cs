using System.Text.RegularExpressions;
using Titanic.Web.Tests.Repository;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>Executes the curl commands of README.md.</summary>
[Collection<OneModelSite>]
public sealed partial class ReadmeCommandsTests(ModelSite site)
{
    [Fact]
    public async Task The_commands_of_both_protocols_succeed()
    {
        var commands = Command().Matches(await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "README.md"), TestContext.Current.CancellationToken))
            .ToDictionary(command => command.Groups["path"].Value, command => command.Groups["body"].Value);

        var frame = await site.Ask("/invocations", commands["/invocations"]);
        var tensors = await site.Ask("/v2/models/titanic_knn/infer", commands["/v2/models/titanic_knn/infer"]);

        Assert.Equal([true, false], frame.GetProperty("predictions").EnumerateArray().Select(prediction => Said.Of(prediction).Survived));
        Assert.Equal("42", tensors.Text("id"));
    }

    [GeneratedRegex(@"^curl -X POST http://localhost:5000(?<path>/\S+) -H 'Content-Type: application/json' \\\s+-d '(?<body>[^']+)'$", RegexOptions.Multiline)]
    private static partial Regex Command();
}
