using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Registry;
using Titanic.Web.Tests.Training;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Serving;

/// <summary>Two web processes on one database, under load while the champion changes repeatedly.</summary>
public sealed class SwapUnderLoadTests(TestPostgres postgres) : IAsyncLifetime
{
    private const int Swaps = 100;
    private const int Versions = 3;

    /// <summary>Every age group and fare band of the binned view, both sexes, all classes.</summary>
    private static readonly SwapRequest[] _inputs =
    [
        .. from pclass in new[] { 1, 2, 3 }
           from sex in new[] { "male", "female" }
           from age in new double?[] { null, 5, 29, 70 }
           from fare in new double?[] { null, 5, 80, 400 }
           select new SwapRequest(pclass, sex, age, fare),
    ];

    private readonly ConcurrentDictionary<int, int> _predictionsByVersion = new();
    private TestDatabase _database = null!;
    private TestWorkflow _workflow = null!;
    private SiteOnDatabase[] _sites = [];
    private DecisionTable[] _tables = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateTrainedDatabase();
        _workflow = new TestWorkflow(_database);
        KnnModel[] others = [.. new[] { 3, 25 }.Select(k => new KnnTrainer(new KnnOptions { K = k }, BinnedEncoder.Id).Fit(TitanicRows.Points))];
        foreach (var model in others)
            await _workflow.Register(Verdict.Promote, model);
        var first = await _workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(1, Cancellation));
        _tables = [.. others.Prepend(KnnModel.Load(first!.Artifact)).Select(DecisionTable.Of)];
        _sites = [new SiteOnDatabase(postgres, _database), new SiteOnDatabase(postgres, _database)];
        foreach (var site in _sites)
            await site.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var site in _sites)
            await site.DisposeAsync();
        await _workflow.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task No_request_fails_or_mixes_versions_during_100_champion_changes()
    {
        using var swapping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var sending = _sites.SelectMany(site => new[] { SendBatches(site, swapping.Token), SendSingles(site, swapping.Token) }).ToList();
        var watch = Stopwatch.StartNew();
        var waits = new List<TimeSpan>();
        for (var swap = 0; swap < Swaps; swap++)
        {
            var version = (swap % Versions) + 1;
            await _workflow.PromoteBySql(version);
            waits.Add(await Eventually.True(() => _sites.All(site => site.ChampionVersion == version), $"version {version} serves in both processes"));
        }
        var duration = watch.Elapsed;
        await swapping.CancelAsync();
        var requests = (await Task.WhenAll(sending)).Sum();

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Swaps} swaps in {duration}, {requests} requests, predictions by version: {string.Join(", ", _predictionsByVersion)}, "
            + $"slowest swap {waits.Max()}, {waits.Count(wait => wait < TimeSpan.FromSeconds(1))} within a second");
        Assert.Equal(Versions, _predictionsByVersion.Count);
    }

    private async Task<int> SendBatches(SiteOnDatabase site, CancellationToken end)
    {
        using var client = site.NewClient();
        var requests = 0;
        for (; !end.IsCancellationRequested; requests++)
        {
            using var response = await client.PostAsJsonAsync("/api/predictions", _inputs, Cancellation);
            Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
            var predictions = (await response.Content.ReadFromJsonAsync<SwapResponse[]>(Cancellation))!;
            Assert.Equal(_inputs.Length, predictions.Length);
            RequireOneVersion(_inputs, predictions);
        }
        return requests;
    }

    private async Task<int> SendSingles(SiteOnDatabase site, CancellationToken end)
    {
        using var client = site.NewClient();
        var requests = 0;
        for (; !end.IsCancellationRequested; requests++)
        {
            var input = _inputs[requests % _inputs.Length];
            using var response = await client.PostAsJsonAsync("/api/predictions", input, Cancellation);
            Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
            RequireOneVersion([input], [(await response.Content.ReadFromJsonAsync<SwapResponse>(Cancellation))!]);
        }
        return requests;
    }

    private void RequireOneVersion(SwapRequest[] requests, SwapResponse[] responses)
    {
        var version = responses[0].ModelVersion;
        _predictionsByVersion.AddOrUpdate(version, responses.Length, (_, count) => count + responses.Length);
        var table = _tables[version - 1];
        foreach (var (input, actual) in requests.Zip(responses))
        {
            var expected = table.Predict(TrainingViews.Binned.Encode(input.Pclass, SexConverter.Parse(input.Sex), input.Age, input.Fare));
            Assert.Equal(
                (version, expected.Survived, expected.Probability, expected.Survivors, expected.Neighbors),
                (actual.ModelVersion, actual.Survived, actual.Probability, actual.Survivors, actual.Neighbors));
        }
    }

    /// <summary>A site on an existing database. Polling is effectively off, so that only notifications cause a reload.</summary>
    private sealed class SiteOnDatabase(TestPostgres postgres, TestDatabase database) : TitanicSite(
        postgres, ("ConnectionStrings:Titanic", database.ConnectionString), ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"),
        ("Serving:ChampionPollInterval", "01:00:00"))
    {
        public int? ChampionVersion => Services.GetRequiredService<ChampionCache>().Current?.Version;
    }

    private sealed record SwapRequest(int Pclass, string Sex, double? Age, double? Fare);

    private sealed record SwapResponse(int ModelVersion, bool Survived, double Probability, int Survivors, int Neighbors);
}
