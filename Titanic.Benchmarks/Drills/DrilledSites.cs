using System.Diagnostics;
using System.Text.RegularExpressions;
using Npgsql;
using Titanic.Web.Access;

namespace Titanic.Benchmarks.Drills;

/// <summary>Processes of the product on one database. Each has an application name of its own, by which the database knows its connections.</summary>
/// <param name="connectionString">The database; null for the embedded server of the data directory in the settings.</param>
/// <param name="settings">Environment variables.</param>
internal sealed partial class DrilledSites(string? connectionString, params (string Name, string Value)[] settings) : IAsyncDisposable
{
    /// <summary>How long a page or a health check may take while the database is away.</summary>
    private const double LongestAllowedResponse = 2;

    private readonly Dictionary<string, ListeningProcess> _sites = [];
    private volatile Uri? _address;
    private int _started;
    private string _key = "";
    private TimeSpan _longestRecovery, _longestResponse;

    /// <summary>The address of a process that runs, or that ran until now.</summary>
    public Uri Address => _address ?? throw new InvalidOperationException("No process was started.");

    private ListeningProcess Any => _sites.Values.First();

    /// <summary>Starts a process, and waits until it is ready and the first start is complete.</summary>
    public async Task Start()
    {
        var name = $"drill-{++_started}";
        var site = await ProductSite.Start(SettingsOf(name));
        await ListeningProcess.WaitUntilSetUp(site.Client);
        _sites.Add(name, site);
        _address = Any.Address;
    }

    /// <summary>Starts processes, and creates an API key that may start runs.</summary>
    public async Task Start(int processes)
    {
        for (var process = 0; process < processes; process++)
            await Start();
        var output = await ProductSite.Execute(SettingsOf("command"), "api-key", "create", "--name", "drills", "--scope", "operate");
        _key = ApiKey().Match(output).Value;
    }

    /// <summary>Sends a request with the key to a process that runs.</summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content, Headers = { { ApiKeyAuthentication.Header, _key } } };
        return await Any.Client.SendAsync(request);
    }

    /// <returns>The timestamp of the kill.</returns>
    public long Kill(string name)
    {
        var killedAt = Stopwatch.GetTimestamp();
        _sites.Remove(name, out var site);
        using (site)
            site!.Kill();
        _address = _sites.Count > 0 ? Any.Address : _address;
        return killedAt;
    }

    /// <summary>Starts a process in the place of the killed one.</summary>
    /// <param name="killedAt">The timestamp of the kill.</param>
    public async Task Replace(long killedAt)
    {
        await Start();
        RecordRecovery(killedAt);
    }

    /// <summary>Requests a page and the readiness every second for some time, in which the database is away.</summary>
    public async Task Observe(TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            await Task.WhenAll(MeasureResponse("/health/ready"), MeasureResponse("/monitoring"));
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Waits until the product is ready again.</summary>
    /// <param name="since">The timestamp from which it can recover.</param>
    /// <returns>The same timestamp.</returns>
    public async Task<long> WaitUntilReady(long since)
    {
        await ListeningProcess.WaitUntilReady(Any.Client, () => false);
        RecordRecovery(since);
        return since;
    }

    /// <summary>Prints the longest times.</summary>
    public void Print(string drill)
    {
        if (_longestRecovery > TimeSpan.Zero)
            BenchmarkResult.AtMost($"drills-{drill}-ready-after", _longestRecovery.TotalSeconds, "s", 30);
        if (_longestResponse > TimeSpan.Zero)
            BenchmarkResult.AtMost($"drills-{drill}-response-meanwhile", _longestResponse.TotalSeconds, "s", LongestAllowedResponse);
    }

    /// <summary>Stops the processes; the last one stops the embedded server.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var site in _sites.Values)
        {
            using (site)
                await site.Stop();
        }
    }

    private async Task MeasureResponse(string path)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await Any.Client.GetAsync(path);
        var elapsed = Stopwatch.GetElapsedTime(started);
        _longestResponse = elapsed > _longestResponse ? elapsed : _longestResponse;
    }

    private void RecordRecovery(long since)
    {
        var elapsed = Stopwatch.GetElapsedTime(since);
        _longestRecovery = elapsed > _longestRecovery ? elapsed : _longestRecovery;
    }

    private (string Name, string Value)[] SettingsOf(string name) =>
    [
        .. DrilledWorkflow.Settings.Select(of => (of.Key.Replace(":", "__", StringComparison.Ordinal), of.Value)),
        .. settings,
        .. connectionString is null ? [] : new[] { ("ConnectionStrings__Titanic", new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = name }.ConnectionString) },
    ];

    [GeneratedRegex("titanic_[A-Za-z0-9_-]{20,}")]
    private static partial Regex ApiKey();
}
