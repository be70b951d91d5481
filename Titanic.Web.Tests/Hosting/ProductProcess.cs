using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Titanic.Web.Hosting;

namespace Titanic.Web.Tests.Hosting;

/// <summary>
/// The product as a separate process, as <c>dotnet run</c> starts it, with a state folder of the test. The settings
/// <see cref="TestWorkflow.FastTrainingSettings"/> apply unless the test sets others.
/// </summary>
internal sealed class ProductProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new(), _errors = new();

    private ProductProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        static void Add(ConcurrentQueue<string> lines, string? line)
        {
            if (line is not null)
                lines.Enqueue(line);
        }
    }

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Output => [.. _output];

    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>Starts the product.</summary>
    /// <param name="stateFolder">The folder of the embedded PostgreSQL; null for commands without a database.</param>
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
        foreach (var (key, value) in TestWorkflow.FastTrainingSettings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return new ProductProcess(Process.Start(start)!);
    }

    /// <summary>Starts a command with an existing database.</summary>
    public static ProductProcess StartOn(TestDatabase database, params string[] arguments) => StartOn(database, [], arguments);

    /// <summary>Starts a command with an existing database and settings.</summary>
    /// <param name="settings">The names and values of environment variables.</param>
    public static ProductProcess StartOn(TestDatabase database, (string Name, string Value)[] settings, params string[] arguments) =>
        Start([("ConnectionStrings__Titanic", database.ConnectionString), .. settings], arguments);

    /// <summary>Runs a command to its end.</summary>
    /// <returns>The exit code, standard output and standard error.</returns>
    public static Task<(int ExitCode, string Output, string Errors)> Run(string? stateFolder, params string[] arguments) => RunToExit(Start(stateFolder, arguments));

    /// <inheritdoc cref="Run"/>
    public static Task<(int ExitCode, string Output, string Errors)> RunOn(TestDatabase database, params string[] arguments) => RunOn(database, [], arguments);

    /// <inheritdoc cref="Run"/>
    public static Task<(int ExitCode, string Output, string Errors)> RunOn(TestDatabase database, (string Name, string Value)[] settings, params string[] arguments) =>
        RunToExit(StartOn(database, settings, arguments));

    private static async Task<(int ExitCode, string Output, string Errors)> RunToExit(ProductProcess started)
    {
        using var product = started;
        await product.WaitForExit();
        return (product._process.ExitCode, string.Join('\n', product.Output), string.Join('\n', product.Errors));
    }

    /// <summary>Waits until the first start is complete.</summary>
    public Task WaitUntilReady(HttpClient client) => WaitForResponse(client, "/health/ready", HttpStatusCode.OK, "Ready");

    /// <summary>Repeats a GET request until the response is the expected one.</summary>
    /// <param name="expected">The expected status.</param>
    /// <param name="text">The expected body; null for any.</param>
    /// <returns>The body.</returns>
    public async Task<string> WaitForResponse(HttpClient client, string path, HttpStatusCode expected, string? text = null)
    {
        var body = "";
        await Eventually.True(ReturnsExpected, $"{path} returns {expected} {text}");
        return body;

        async Task<bool> ReturnsExpected()
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

    /// <summary>Sends SIGTERM, as service managers do, and waits for the exit. (Background jobs of a shell ignore SIGINT.)</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Sends SIGKILL: the product cannot run any more code.</summary>
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

    public async Task WaitForExit()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Eventually.Timeout);
        await _process.WaitForExitAsync(timeout.Token);
    }

    /// <summary>The folder of the web project, which contains the static files; found from the output folder of the tests.</summary>
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
