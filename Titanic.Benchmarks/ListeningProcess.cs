using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Titanic.Benchmarks;

/// <summary>A process that serves HTTP on a free port of this machine. It is killed on dispose.</summary>
internal sealed class ListeningProcess : IDisposable
{
    private readonly Process _process;

    private ListeningProcess(Process process, Uri address) => (_process, Client) = (process, new HttpClient { BaseAddress = address });

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    /// <summary>CPU time of all threads since the start of the process.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a process and waits until <c>/health/ready</c> returns 200.</summary>
    /// <param name="program">Returns the start information for an address such as <c>http://127.0.0.1:41234</c>.</param>
    /// <exception cref="TimeoutException">The process ended, or was not ready within a minute.</exception>
    public static async Task<ListeningProcess> Start(Func<Uri, ProcessStartInfo> program)
    {
        var address = FreeAddress();
        var startInfo = program(address);
        startInfo.RedirectStandardOutput = true;
        var process = Process.Start(startInfo)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var listening = new ListeningProcess(process, address);
        await WaitUntilReady(listening.Client, () => process.HasExited);
        return listening;
    }

    public static Uri FreeAddress()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return new Uri($"http://{free.LocalEndpoint}");
    }

    /// <summary>Waits until the first start is complete. <c>/health/ready</c> returns 200 before, when the list and the first model are there.</summary>
    public static async Task WaitUntilSetUp(HttpClient client)
    {
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(50))
        {
            using var response = await client.GetAsync("/health/ready");
            var progress = await response.Content.ReadAsStringAsync();
            if (progress == "Ready")
                return;
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(2))
                throw new TimeoutException($"{client.BaseAddress} was not set up within two minutes: {progress}");
        }
    }

    public static async Task WaitUntilReady(HttpClient client, Func<bool> hasEnded)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1) && !hasEnded())
        {
            try
            {
                using var response = await client.GetAsync("/health/ready");
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
            await Task.Delay(50);
        }
        throw new TimeoutException($"{client.BaseAddress} was not ready within a minute.");
    }

    /// <summary>Kills the process, with SIGKILL on Unix, and waits until it has ended.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Sends SIGTERM, as service managers do, and waits until the process has ended.</summary>
    public async Task Stop()
    {
        using var signal = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        Client.Dispose();
    }
}
