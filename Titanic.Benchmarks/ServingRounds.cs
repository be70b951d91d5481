using System.Globalization;

namespace Titanic.Benchmarks;

/// <summary>Loads several servers in turn, in several rounds, so that other load on the machine affects all of them.</summary>
internal sealed class ServingRounds(BenchmarkDatabase database, IReadOnlyList<(string Name, ListeningProcess Process)> servers)
{
    private const int SecondsToWarmUp = 6;

    private readonly Dictionary<string, List<Throughput>> _rounds = servers.ToDictionary(server => server.Name, _ => new List<Throughput>());

    /// <summary>Number of failed requests over all rounds and servers.</summary>
    public long Errors { get; private set; }

    /// <summary>Maximum number of PostgreSQL connections that one product process had under load.</summary>
    public long MostConnections { get; private set; }

    /// <summary>The PostgreSQL application name of a server's connections.</summary>
    public static string ApplicationName(string server) => $"titanic-{server}";

    public bool Contains(string server) => _rounds.ContainsKey(server);

    /// <summary>The median throughput of a server over the rounds.</summary>
    public double RequestsPerSecond(string server) => BenchmarkResult.Median([.. _rounds[server].Select(round => round.RequestsPerSecond)]);

    public async Task Run(int rounds, int seconds)
    {
        foreach (var (_, process) in servers)
            await ClosedLoopLoad.Run(process.Address, SecondsToWarmUp);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, process) in servers)
            {
                await database.Checkpoint();
                _rounds[name].Add(await Load(name, process, seconds));
            }
            Console.WriteLine($"# round {round + 1}, requests/s: {string.Join(", ", _rounds.Keys.Select(Format))}");
        }
    }

    private async Task<Throughput> Load(string server, ListeningProcess process, int seconds)
    {
        var load = ClosedLoopLoad.Run(process.Address, seconds);
        await Task.Delay(TimeSpan.FromSeconds(seconds / 2.0));
        MostConnections = Math.Max(MostConnections, await database.Scalar<long>($"select count(*) from pg_stat_activity where application_name = '{ApplicationName(server)}'"));
        var throughput = await load;
        Errors += throughput.Errors;
        return throughput;
    }

    private string Format(string server) => string.Create(CultureInfo.InvariantCulture, $"{server} {_rounds[server][^1].RequestsPerSecond:0}");
}
