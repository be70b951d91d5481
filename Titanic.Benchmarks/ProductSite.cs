using System.Diagnostics;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>Starts the product as a separate process on an existing database.</summary>
internal static class ProductSite
{
    /// <summary>The folder of the product's project; the current folder must be the repository's root.</summary>
    public static string Project { get; } = Path.GetFullPath("Titanic.Web");

    /// <param name="database">The database to use.</param>
    /// <param name="settings">Additional settings, named as environment variables. By default no days are simulated.</param>
    public static Task<ListeningProcess> Start(BenchmarkDatabase database, params (string Name, string Value)[] settings) =>
        Start([("ConnectionStrings__Titanic", database.ConnectionString), .. settings]);

    /// <summary>Starts the product with the database of the settings.</summary>
    /// <param name="settings">Environment variables. By default no days are simulated.</param>
    public static Task<ListeningProcess> Start(params (string Name, string Value)[] settings) =>
        ListeningProcess.Start(address => CreateStartInfo(settings, "--urls", $"{address}"));

    /// <summary>Executes a command of the product.</summary>
    /// <returns>Its output.</returns>
    public static async Task<string> Execute((string Name, string Value)[] settings, params string[] arguments)
    {
        var startInfo = CreateStartInfo(settings, arguments);
        startInfo.RedirectStandardOutput = true;
        using var command = Process.Start(startInfo)!;
        var output = await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        return command.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {command.ExitCode}: {output}");
    }

    private static ProcessStartInfo CreateStartInfo((string Name, string Value)[] settings, params string[] arguments)
    {
        var startInfo = new ProcessStartInfo("dotnet", [typeof(Ingestion).Assembly.Location, .. arguments])
        {
            Environment = { ["Bootstrap__SimulateDays"] = "0" },
            WorkingDirectory = Project,
        };
        foreach (var (name, value) in settings)
            startInfo.Environment[name] = value;
        return startInfo;
    }

    /// <summary>The time of a GET request in milliseconds, up to the last byte of the response.</summary>
    public static async Task<double> MeasureMilliseconds(this ListeningProcess site, string path)
    {
        var start = Stopwatch.GetTimestamp();
        using var response = await site.Client.GetAsync(path);
        await response.Content.ReadAsByteArrayAsync();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return response.IsSuccessStatusCode ? elapsed : throw new InvalidOperationException($"{path} returned {response.StatusCode}.");
    }
}
