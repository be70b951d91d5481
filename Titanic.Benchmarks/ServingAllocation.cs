using System.Globalization;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// How many bytes a request makes the product allocate. A process of this very program starts the product by the product's own entry point, wrk asks
/// from outside, and the runtime's count of allocated bytes is read before and after. What the product allocates besides is counted with it.
/// </summary>
internal static class ServingAllocation
{
    private const int Connections = 64;
    private const string Name = "bytes-a-request";

    public static async Task Tell(BenchmarkDatabase database, string log, int seconds)
    {
        var measured = await Peer.Run(
            "dotnet", typeof(ServingAllocation).Assembly.Location, "allocation", $"{ListeningProcess.FreeAddress()}", database.ConnectionString, log, $"{seconds}");
        if (measured?[Name].ToList() is [var bytes])
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# Log={log}: {bytes:0} bytes allocated for each request"));
    }

    public static async Task Measure(string address, string connectionString, string log, int seconds)
    {
        string[] settings =
        [
            "--urls", address, "--applicationName", "Titanic.Web", "--contentRoot", ProductSite.Project, $"--ConnectionStrings:Titanic={connectionString}",
            "--Bootstrap:SimulateDays=0", $"--Serving:Log={log}", "--Access:RateLimits:PredictingPerSecond=1000000", "--Access:RateLimits:PredictingBurst=1000000",
        ];
        var product = new Thread(() => typeof(Ingestion).Assembly.EntryPoint!.Invoke(null, [settings])) { IsBackground = true }; // it ends with this process
        product.Start();
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        await ListeningProcess.UntilReady(client, () => !product.IsAlive);
        if (await ClosedLoop.Wrk(client.BaseAddress, Connections, seconds) is null) // warms up; a load of our own would allocate here, too
            return;
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var load = await ClosedLoop.Wrk(client.BaseAddress, Connections, seconds);
        var bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{Name} {bytes / (load!.RequestsPerSecond * seconds):0}"));
    }
}
