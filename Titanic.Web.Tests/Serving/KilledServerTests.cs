using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Tests.Hosting;

namespace Titanic.Web.Tests.Serving;

/// <summary>The product as a process of its own, killed with SIGKILL while it answers: whatever it has said is stored, and nothing is twice.</summary>
public sealed class KilledServerTests(TestPostgres postgres)
{
    private const int Kills = 2, Askers = 8, AnswersBeforeKill = 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_answer_is_lost_or_stored_twice_however_often_the_process_is_killed()
    {
        await using var database = await postgres.CreateDatabase();
        var acknowledged = new ConcurrentBag<long>();
        var asked = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ProductProcess.FreePort()}") };
            using var server = ProductProcess.StartOn(database, [("Bootstrap__SimulateDays", "0"), ("Training__Selection__Enabled", "false"), ("Access__RateLimits__PredictingPerSecond", "1000000"), ("Access__RateLimits__PredictingBurst", "1000000")], "--urls", client.BaseAddress.ToString());
            await server.UntilSetUp(client);
            var until = acknowledged.Count + AnswersBeforeKill;
            var asking = Task.WhenAll(Enumerable.Range(0, Askers).Select(_ => AskUntilItIsKilled(client, acknowledged, () => Interlocked.Increment(ref asked))));
            await Eventually.True(() => acknowledged.Count >= until, "questions are answered");
            server.Kill();
            await asking;
        }

        long[] given = [.. acknowledged];
        Assert.Equal(given.Length, given.Distinct().Count());
        await using var find = database.DataSource.CreateCommand("select count(*), (select count(*) - count(distinct fare) from predictions) from predictions where prediction_id = any ($1)");
        find.Parameters.Add(new() { Value = given });
        await using var found = await find.ExecuteReaderAsync(Cancellation);
        await found.ReadAsync(Cancellation);
        Assert.Equal((given.Length, 0), (found.GetInt64(0), found.GetInt64(1)));
    }

    /// <summary>Each question has a fare of its own, by which a second row for it would be seen.</summary>
    private static async Task AskUntilItIsKilled(HttpClient client, ConcurrentBag<long> acknowledged, Func<int> next)
    {
        try
        {
            while (true)
            {
                var question = new { pclass = 3, sex = "male", fare = decimal.Parse($"{next()}e-2", NumberStyles.Float, CultureInfo.InvariantCulture) };
                using var answer = await client.PostAsJsonAsync("/api/predictions", question, Cancellation);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                    continue; // not acknowledged: the database was too slow to be waited for
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                acknowledged.Add((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetInt64());
            }
        }
        catch (Exception end) when (end is HttpRequestException or IOException)
        {
            // the process has been killed
        }
    }
}
