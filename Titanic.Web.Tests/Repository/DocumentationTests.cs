using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Hosting;
using Titanic.Web.Tests.Hosting;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Repository;

/// <summary>The documents' links, settings and commands. The commands run against a site of their own, because they change it.</summary>
public sealed partial class DocumentationTests(FullSite site) : IClassFixture<FullSite>
{
    private const string SiteAddress = "http://localhost:5000";
    private const string ProductCommand = "dotnet run --project Titanic.Web -- ";
    private const string BenchmarkCommand = "dotnet run -c Release --project Titanic.Benchmarks -- ";

    /// <summary>These commands are run by <c>.ci/run</c>, or are <c>.ci/run</c>.</summary>
    private static readonly string[] _commandsOfCi = ["dotnet run --project Titanic.Web", "dotnet test", "dotnet build Titanic.sln", ".ci/run"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static IReadOnlyList<string> Documents { get; } =
    [
        .. Directory.EnumerateFiles(RepositoryFolder.Root, "*.md"),
        .. Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Root, "docs"), "*.md", SearchOption.AllDirectories),
        Path.Combine(RepositoryFolder.Root, "Titanic.Benchmarks", "README.md"),
    ];

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading()
    {
        var broken = new List<string>();
        foreach (var document in Documents)
        {
            foreach (var target in Link().Matches(File.ReadAllText(document)).Select(link => link.Groups["target"].Value).Where(target => !target.Contains("://", StringComparison.Ordinal)))
            {
                var (path, anchor) = target.Split('#') is [var file, var heading] ? (file, heading) : (target, null);
                var linked = path.Length == 0 ? document : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, path));
                if (!File.Exists(linked) || (anchor is not null && !Anchors(linked).Contains(anchor)))
                    broken.Add($"{Path.GetRelativePath(RepositoryFolder.Root, document)}: {target}");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    [Fact]
    public void README_has_at_most_150_lines() => Assert.InRange(File.ReadLines(Path.Combine(RepositoryFolder.Root, "README.md")).Count(), 1, 150);

    [Fact]
    public void README_lists_every_module_once() => Assert.Equal(
        RepositoryFolder.Modules.Select(module => $"{module}/"),
        ModuleRow().Matches(File.ReadAllText(Path.Combine(RepositoryFolder.Root, "README.md"))).Select(row => row.Groups["module"].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void The_index_lists_every_decision_record()
    {
        var folder = Path.Combine(RepositoryFolder.Root, "docs", "adr");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));

        Assert.All(Directory.EnumerateFiles(folder, "0*.md").Select(Path.GetFileName), record => Assert.Contains($"({record})", index, StringComparison.Ordinal));
    }

    [Fact]
    public void The_configuration_lists_every_setting_and_no_other()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "configuration.md"));

        Assert.Equal(
            SettingNames.All,
            Setting().Matches(text).Select(setting => SettingNames.WithoutIndexes(setting.Groups["name"].Value)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_command_succeeds()
    {
        using var folder = TestFolder.Create();
        var keys = new Dictionary<ApiKeyScope, string> { [ApiKeyScope.Ingest] = await NewKey(ApiKeyScope.Ingest), [ApiKeyScope.Operate] = await NewKey(ApiKeyScope.Operate) };
        var failures = new List<string>();
        foreach (var document in Documents)
        {
            var text = await File.ReadAllTextAsync(document, Cancellation);
            if (CsvBlock().Match(text) is { Success: true } list)
                await File.WriteAllTextAsync(Path.Combine(folder.Path, "list.csv"), list.Groups["content"].Value, Cancellation);
            foreach (var line in ConsoleBlock().Matches(text).SelectMany(block => block.Groups["content"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
            {
                if (await Problem(line, folder.Path, keys) is { } problem)
                    failures.Add($"{Path.GetFileName(document)}: {line}\n{problem}");
                // A command can queue runs; the next one must not find its pipeline busy.
                await Eventually.True(AreRunsCompleted, "no run is queued or running");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private async Task<bool> AreRunsCompleted()
    {
        await using var command = site.Database.DataSource.CreateCommand("select not exists (select from runs where status in ('Queued', 'Running'))");
        return (bool)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private async Task<string> NewKey(ApiKeyScope scope)
    {
        await using var services = site.Services.CreateAsyncScope();
        return await services.ServiceProvider.GetRequiredService<ApiKeys>().Create($"documents, {scope}", scope, "a test", Cancellation);
    }

    /// <returns>Why the command failed; null if it succeeded.</returns>
    private async Task<string?> Problem(string line, string folder, IReadOnlyDictionary<ApiKeyScope, string> keys)
    {
        if (_commandsOfCi.Contains(line))
            return null;
        if (line.StartsWith("docker compose ", StringComparison.Ordinal))
            return await ProblemOfCompose(line);
        if (line.StartsWith(BenchmarkCommand, StringComparison.Ordinal))
            return await ProblemOfBenchmark(line[BenchmarkCommand.Length..].Split(' ')[0]);
        var arguments = ArgumentsOf(line.Replace(SiteAddress, site.BaseAddress.ToString().TrimEnd('/'), StringComparison.Ordinal))
            .Select(word => word is "list.csv" or "version.zip" ? Path.Combine(folder, word) : word).ToArray();
        if (line.StartsWith(ProductCommand, StringComparison.Ordinal))
        {
            var (exitCode, output, errors) = await ProductInProcess.RunOn(site.Database, arguments[ArgumentsOf(ProductCommand).Count..]);
            return exitCode == 0 ? null : $"Exit code {exitCode}: {output}\n{errors}";
        }
        return arguments[0] == "curl" ? await ProblemOfCurl(arguments, folder, keys) : "No rule says how this command is run.";
    }

    private static async Task<string?> ProblemOfCompose(string line)
    {
        var services = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "docker-compose.yml"), Cancellation);
        var service = ComposeService().Match(line) is { Success: true } named ? named.Groups["service"].Value : null;
        return service is null || services.Contains($"\n  {service}:\n", StringComparison.Ordinal) ? null : $"docker-compose.yml has no service {service}.";
    }

    private static async Task<string?> ProblemOfBenchmark(string name)
    {
        var program = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "Titanic.Benchmarks", "Program.cs"), Cancellation);
        return program.Contains($"\"{name}\"", StringComparison.Ordinal) ? null : $"Titanic.Benchmarks has no benchmark {name}.";
    }

    private async Task<string?> ProblemOfCurl(string[] arguments, string folder, IReadOnlyDictionary<ApiKeyScope, string> keys)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, arguments.Single(word => word.StartsWith("http", StringComparison.Ordinal)));
        var headers = new List<string>();
        string? file = null;
        for (var i = 1; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "-X": request.Method = new HttpMethod(arguments[++i]); break;
                case "-H": headers.Add(arguments[++i]); break;
                case "-o": file = arguments[++i]; break;
                case "-d": request.Content = new StringContent(arguments[++i]); break;
                case "--data-binary": request.Content = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(folder, arguments[++i].TrimStart('@')), Cancellation)); break;
                case var option when option.StartsWith('-'): return $"No rule says what {option} means.";
            }
        }
        string[] operated = ["/api/pipelines/", "/api/runs/", "/api/schedules/"];
        var scope = operated.Any(path => request.RequestUri!.AbsolutePath.StartsWith(path, StringComparison.Ordinal)) ? ApiKeyScope.Operate : ApiKeyScope.Ingest;
        foreach (var header in headers.Select(header => header.Split(": ", 2)))
        {
            if (header[0] == "Content-Type")
                request.Content!.Headers.ContentType = new(header[1]);
            else
                request.Headers.Add(header[0], header[1].Replace("$KEY", keys[scope], StringComparison.Ordinal));
        }
        using var response = await site.Client.SendAsync(request, Cancellation);
        if (file is not null)
            await File.WriteAllBytesAsync(file, await response.Content.ReadAsByteArrayAsync(Cancellation), Cancellation);
        return response.IsSuccessStatusCode ? null : $"{response.StatusCode}: {await response.Content.ReadAsStringAsync(Cancellation)}";
    }

    /// <summary>Splits a command line at spaces, with single and double quotes as a shell reads them.</summary>
    private static List<string> ArgumentsOf(string line) => [.. Word().Matches(line).Select(word => word.Value.Replace("'", "", StringComparison.Ordinal))
        .Select(word => word.StartsWith('"') ? word.Trim('"') : word)];

    private static IEnumerable<string> Anchors(string document) => File.ReadLines(document).Where(line => line.StartsWith('#'))
        .Select(line => new string([.. line.TrimStart('#', ' ').ToLowerInvariant().Replace(' ', '-').Where(character => char.IsLetterOrDigit(character) || character == '-')]));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\| `(?<module>[A-Z]\w+/)`", RegexOptions.Multiline)]
    private static partial Regex ModuleRow();

    [GeneratedRegex(@"`(?<name>AllowedHosts|[A-Z]\w+(:([A-Z]\w*|\d))+)`")]
    private static partial Regex Setting();

    [GeneratedRegex(@"^```console\n(?<content>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ConsoleBlock();

    [GeneratedRegex(@"^```csv\n(?<content>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CsvBlock();

    [GeneratedRegex(@"(logs|--scale) (?<service>\w+)")]
    private static partial Regex ComposeService();

    [GeneratedRegex("""'[^']*'|"[^"]*"|[^\s'"]+""")]
    private static partial Regex Word();
}
