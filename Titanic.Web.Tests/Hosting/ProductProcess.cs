using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Titanic.Web.Hosting;

namespace Titanic.Web.Tests.Hosting;

/// <summary>
/// The product as a process of its own, as <c>dotnet run</c> would start it, with a state folder of the test's. It trains by
/// <see cref="TestWorkflow.QuickTraining"/> where the test sets nothing else.
/// </summary>
internal sealed class ProductProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new(), _errors = new();

    private ProductProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        static void Keep(ConcurrentQueue<string> lines, string? line)
        {
            if (line is not null)
                lines.Enqueue(line);
        }
    }

    public bool HasEnded => _process.HasExited;

    public IReadOnlyList<string> Output => [.. _output];

    public IReadOnlyList<string> Errors => [.. _errors];

    /// <param name="stateFolder">For the embedded PostgreSQL; null for arguments that need none.</param>
    public static ProductProcess Start(string? stateFolder, params string[] arguments) =>
        Start(stateFolder is null ? [] : [("Titanic__DataDirectory", stateFolder)], arguments);

    private static ProductProcess Start((string Name, string Value)[] settings, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Startup).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = WebProjectFolder,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development" },
        };
        foreach (var (key, value) in TestWorkflow.QuickTraining)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return new ProductProcess(Process.Start(start)!);
    }

    /// <summary>Starts a verb on a database that is there already.</summary>
    public static ProductProcess StartOn(TestDatabase database, params string[] arguments) => StartOn(database, [], arguments);

    /// <param name="settings">As environment variables.</param>
    public static ProductProcess StartOn(TestDatabase database, (string Name, string Value)[] settings, params string[] arguments) =>
        Start([("ConnectionStrings__Titanic", database.ConnectionString), .. settings], arguments);

    /// <summary>Runs a verb to its end.</summary>
    /// <returns>The exit code, and what was written.</returns>
    public static Task<(int ExitCode, string Output, string Errors)> Run(string? stateFolder, params string[] arguments) => ToItsEnd(Start(stateFolder, arguments));

    /// <inheritdoc cref="Run"/>
    public static Task<(int ExitCode, string Output, string Errors)> RunOn(TestDatabase database, params string[] arguments) => RunOn(database, [], arguments);

    /// <inheritdoc cref="Run"/>
    public static Task<(int ExitCode, string Output, string Errors)> RunOn(TestDatabase database, (string Name, string Value)[] settings, params string[] arguments) =>
        ToItsEnd(StartOn(database, settings, arguments));

    private static async Task<(int ExitCode, string Output, string Errors)> ToItsEnd(ProductProcess started)
    {
        using var product = started;
        await product.Ended();
        return (product._process.ExitCode, string.Join('\n', product.Output), string.Join('\n', product.Errors));
    }

    /// <summary>Waits until the first start is complete.</summary>
    public Task UntilSetUp(HttpClient client) => Until(client, "/health/ready", HttpStatusCode.OK, "Ready");

    /// <summary>The site's answer once it is the expected one.</summary>
    /// <param name="text">The whole of its text; null for any.</param>
    public async Task<string> Until(HttpClient client, string path, HttpStatusCode expected, string? text = null)
    {
        var body = "";
        await Eventually.True(Answers, $"{path} answers {expected} {text}");
        return body;

        async Task<bool> Answers()
        {
            Assert.False(_process.HasExited, $"The product ended with code {(_process.HasExited ? _process.ExitCode : 0)}: {string.Join('\n', [.. Output, .. Errors])}");
            try
            {
                using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
                body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                return response.StatusCode == expected && (text ?? body) == body;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    /// <summary>Asks the product to stop, as service managers do. (A shell's background jobs do not hear Ctrl+C, nor do their children.)</summary>
    public async Task<int> Stop()
    {
        using var request = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await Ended();
        return _process.ExitCode;
    }

    /// <summary>kill -9: no line of the product runs any more.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    public async Task Ended()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Eventually.Patience);
        await _process.WaitForExitAsync(patience.Token);
    }

    /// <summary>Above the test's output folder stands the repository, and in it the pages' static files.</summary>
    private static string WebProjectFolder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Titanic.sln")))
                folder = folder.Parent;
            Assert.NotNull(folder);
            return Path.Combine(folder.FullName, "Titanic.Web");
        }
    }
}
