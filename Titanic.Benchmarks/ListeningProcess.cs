using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Titanic.Benchmarks;

/// <summary>A program that answers HTTP on a free port of this machine; it is killed at the end.</summary>
internal sealed class ListeningProcess : IDisposable
{
    private readonly Process _process;

    private ListeningProcess(Process process, Uri address) => (_process, Client) = (process, new HttpClient { BaseAddress = address });

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    /// <param name="program">How it is started to listen at an address such as <c>http://127.0.0.1:41234</c>; once ready it answers <c>/health/ready</c> with 200.</param>
    public static async Task<ListeningProcess> Start(Func<Uri, ProcessStartInfo> program)
    {
        var address = FreeAddress();
        var how = program(address);
        how.RedirectStandardOutput = true;
        var process = Process.Start(how)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var listening = new ListeningProcess(process, address);
        await UntilReady(listening.Client, () => process.HasExited);
        return listening;
    }

    public static Uri FreeAddress()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return new Uri($"http://{free.LocalEndpoint}");
    }

    public static async Task UntilReady(HttpClient client, Func<bool> hasEnded)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1) && !hasEnded())
        {
            try
            {
                using var answer = await client.GetAsync("/health/ready");
                if (answer.IsSuccessStatusCode)
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

    /// <summary>SIGKILL on Unix: no line of the program runs any more.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        Client.Dispose();
    }
}
