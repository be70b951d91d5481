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
    public static Task<ListeningProcess> Start(BenchmarkDatabase database, params (string Name, string Value)[] settings) => ListeningProcess.Start(address =>
    {
        var startInfo = new ProcessStartInfo("dotnet", [typeof(Ingestion).Assembly.Location, "--urls", $"{address}"])
        {
            Environment = { ["ConnectionStrings__Titanic"] = database.ConnectionString, ["Bootstrap__SimulateDays"] = "0" },
            WorkingDirectory = Project,
        };
        foreach (var (name, value) in settings)
            startInfo.Environment[name] = value;
        return startInfo;
    });

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
