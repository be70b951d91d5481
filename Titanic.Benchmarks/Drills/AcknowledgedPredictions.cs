using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Titanic.Benchmarks.Drills;

/// <summary>
/// Clients that predict all the time, also while the product or its database is away, and remember what was acknowledged. Each request has a
/// fare of its own, which reveals a second row for the same request.
/// </summary>
internal sealed class AcknowledgedPredictions : IAsyncDisposable
{
    private const int Clients = 2;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentBag<long> _ids = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Uri> _address;
    private readonly Task _sending;
    private int _sent;

    /// <param name="address">The address of a process of the product at this moment.</param>
    public AcknowledgedPredictions(Func<Uri> address)
    {
        _address = address;
        _sending = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(Send)));
    }

    /// <summary>Stops the clients, and prints how many predictions are lost or stored twice.</summary>
    public async Task Verify(string drill, NpgsqlDataSource database)
    {
        await _stop.CancelAsync();
        await _sending;
        long[] acknowledged = [.. _ids];
        await using var stored = database.CreateCommand("select count(*) from predictions where prediction_id = any ($1)");
        stored.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = acknowledged });
        await using var twice = database.CreateCommand("select count(*) - count(distinct fare) from predictions where source = 'api'");
        Console.WriteLine($"# {drill}: {acknowledged.Length} acknowledged predictions of {_sent} requests");
        BenchmarkResult.AtMost($"drills-{drill}-lost-acknowledged", acknowledged.Length - (long)(await stored.ExecuteScalarAsync())!, "predictions", 0);
        BenchmarkResult.AtMost($"drills-{drill}-stored-twice", (long)(await twice.ExecuteScalarAsync())!, "predictions", 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        _stop.Dispose();
    }

    private async Task Send()
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var number = Interlocked.Increment(ref _sent);
                using var response = await client.PostAsJsonAsync(
                    new Uri(_address(), "/api/predictions"), new { pclass = 1 + (number % 3), sex = "male", fare = number / 100.0 % 10_000 }, _stop.Token);
                if (response.IsSuccessStatusCode)
                    _ids.Add((await response.Content.ReadFromJsonAsync<JsonElement>(_stop.Token)).GetProperty("id").GetInt64());
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException or JsonException)
            {
                // not acknowledged; an OperationCanceledException is the time limit, or the end
            }
            await Task.Delay(_pause);
        }
    }
}
