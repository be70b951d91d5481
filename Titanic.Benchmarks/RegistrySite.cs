using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>The product's own web process on a database that is there.</summary>
internal sealed class RegistrySite : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;

    private RegistrySite(Process process, HttpClient client) => (_process, _client) = (process, client);

    public static async Task<RegistrySite> Start(BenchmarkDatabase database)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = $"http://{free.LocalEndpoint}";
        free.Stop();
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Ingestion).Assembly.Location, "--urls", address, "--roles", "web"])
        {
            Environment = { ["ConnectionStrings__Titanic"] = database.ConnectionString, ["Bootstrap__SimulateDays"] = "0", ["Logging__LogLevel__Default"] = "None" },
            WorkingDirectory = Path.GetFullPath("Titanic.Web"),
            RedirectStandardOutput = true,
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var site = new RegistrySite(process, new HttpClient { BaseAddress = new Uri(address) });
        await site.UntilReady();
        return site;
    }

    public async Task<double> Milliseconds(string path)
    {
        var start = Stopwatch.GetTimestamp();
        using var answer = await _client.GetAsync(path);
        await answer.Content.ReadAsByteArrayAsync();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return answer.IsSuccessStatusCode ? elapsed : throw new InvalidOperationException($"{path} answered {answer.StatusCode}.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    private async Task UntilReady()
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1) && !_process.HasExited)
        {
            try
            {
                using var answer = await _client.GetAsync("/health/ready");
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
            await Task.Delay(50);
        }
        throw new TimeoutException("The site was not ready within a minute.");
    }
}
