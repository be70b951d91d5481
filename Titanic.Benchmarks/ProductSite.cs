using System.Diagnostics;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>The product's own process on a database that is there.</summary>
internal static class ProductSite
{
    /// <summary>The folder of the product's project, as seen from the repository's root.</summary>
    public static string Project { get; } = Path.GetFullPath("Titanic.Web");

    /// <param name="settings">Besides: no history is simulated. Names are written as for environment variables.</param>
    public static Task<ListeningProcess> Start(BenchmarkDatabase database, params (string Name, string Value)[] settings) => ListeningProcess.Start(address =>
    {
        var how = new ProcessStartInfo("dotnet", [typeof(Ingestion).Assembly.Location, "--urls", $"{address}"])
        {
            Environment = { ["ConnectionStrings__Titanic"] = database.ConnectionString, ["Bootstrap__SimulateDays"] = "0" },
            WorkingDirectory = Project,
        };
        foreach (var (name, value) in settings)
            how.Environment[name] = value;
        return how;
    });

    /// <summary>How long an answer takes, its last byte included.</summary>
    public static async Task<double> Milliseconds(this ListeningProcess site, string path)
    {
        var start = Stopwatch.GetTimestamp();
        using var answer = await site.Client.GetAsync(path);
        await answer.Content.ReadAsByteArrayAsync();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return answer.IsSuccessStatusCode ? elapsed : throw new InvalidOperationException($"{path} answered {answer.StatusCode}.");
    }
}
