using System.Globalization;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// Bytes that the product allocates per request. A separate process of this program calls the product's entry point, wrk generates the load
/// from outside, and the runtime's count of allocated bytes is read before and after. Allocations of background work are included.
/// </summary>
internal static class AllocationBenchmark
{
    private const int Connections = 64;
    private const string Name = "bytes-a-request";

    public static async Task Print(BenchmarkDatabase database, string log, int seconds)
    {
        var measured = await Peer.Run(
            "dotnet", typeof(AllocationBenchmark).Assembly.Location, "allocation", $"{ListeningProcess.FreeAddress()}", database.ConnectionString, log, $"{seconds}");
        if (measured?[Name].ToList() is [var bytes])
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# Serving:Log={log}: {bytes:0} bytes allocated per request"));
    }

    public static async Task Measure(string address, string connectionString, string log, int seconds)
    {
        string[] settings =
        [
            "--urls", address, "--applicationName", "Titanic.Web", "--contentRoot", ProductSite.Project, $"--ConnectionStrings:Titanic={connectionString}",
            "--Bootstrap:SimulateDays=0", $"--Serving:Log={log}", "--Access:RateLimits:PredictingPerSecond=1000000", "--Access:RateLimits:PredictingBurst=1000000",
        ];
        var product = new Thread(() => typeof(Ingestion).Assembly.EntryPoint!.Invoke(null, [settings])) { IsBackground = true }; // ends with this process
        product.Start();
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        await ListeningProcess.WaitUntilReady(client, () => !product.IsAlive);
        if (await ClosedLoopLoad.RunWrk(client.BaseAddress, Connections, seconds) is null) // warm-up; without wrk there is no result, because a load generated here would allocate, too
            return;
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var load = await ClosedLoopLoad.RunWrk(client.BaseAddress, Connections, seconds);
        var bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{Name} {bytes / (load!.RequestsPerSecond * seconds):0}"));
    }
}
