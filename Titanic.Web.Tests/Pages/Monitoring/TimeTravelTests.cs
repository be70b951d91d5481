using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Pages.Monitoring;

/// <summary>
/// The page as of an earlier instant equals the page that was shown at that instant: the workflow runs on a clock that stands still between
/// events, and the page is captured between them.
/// </summary>
public sealed class TimeTravelTests(TimeTravelTests.ReplaySite site) : IClassFixture<TimeTravelTests.ReplaySite>
{
    private static readonly int _days = Repetitions.Of(developer: 9, continuousIntegration: 25);
    private static readonly int _replays = Repetitions.Of(developer: 20, continuousIntegration: 100);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly SeededRandom _random = new(1912);

    private FakeTimeProvider Clock => site.Clock;

    [Fact]
    public async Task The_page_as_of_an_earlier_instant_equals_the_page_that_was_shown_then()
    {
        await using var workflow = new TestWorkflow(site.Database, Clock, ReplaySite.Stream);
        await workflow.ImportAndTrain();
        var captured = new List<(DateTimeOffset Instant, string Page)>();
        for (var number = 0; number < _days; number++)
        {
            foreach (var step in Steps(workflow, number))
            {
                await step();
                await Capture();
            }
        }

        // Every kind of change has happened, so that the equality below means something.
        foreach (var (table, condition) in ((string, string)[])
            [
                ("live_status_changes", "true"), ("drift_looks", "is_input_alarm"), ("alias_assignments", "alias = 'champion' and reason like 'Rolled back%'"),
                ("outcomes", "superseded_by is not null"), ("commits", "rows_deleted > 0"), ("predictions", "source = 'api'"), ("runs", "status = 'Failed'"), ("reproductions", "true"),
            ])
            Assert.True(await workflow.Count(table, condition) > 0, $"There are no {table} with {condition}.");
        var differences = new List<string>();
        var replays = captured.OrderBy(_ => _random.NextDouble()).Take(_replays).ToList();
        Assert.Equal(_replays, replays.Count);
        foreach (var (instant, page) in replays)
        {
            var replayed = await Read($"?asOf={Uri.EscapeDataString(instant.ToString("O", CultureInfo.InvariantCulture))}");
            if (replayed != page)
                differences.Add($"{instant:O}: {FirstDifference(page, replayed)}");
        }
        Assert.True(differences.Count == 0, $"{differences.Count} of {replays.Count} differ.\n{string.Join('\n', differences.Take(8))}");

        async Task Capture()
        {
            Clock.Advance(TimeSpan.FromSeconds(1 + _random.Next(200)));
            captured.Add((Clock.GetUtcNow(), await Read("")));
            Clock.Advance(TimeSpan.FromSeconds(1 + _random.Next(200)));
        }
    }

    /// <summary>The events of a day: its runs, and others that happen on some days.</summary>
    private IEnumerable<Func<Task>> Steps(TestWorkflow workflow, int number)
    {
        var day = TestWorkflow.FirstDay.AddDays(number);
        Clock.SetUtcNow(FeatureReader.StartOf(day).AddMinutes(5));
        yield return () => Run(PipelineNames.Feature);
        if (number % 3 == 1)
            yield return () => Predict("""{"pclass": 3, "sex": "male"}""");
        if (number == 3) // the run fails, because its pipeline cannot store the predictions
            yield return () => WithoutTable(workflow, "predictions", () => workflow.Run(PipelineNames.Inference, day));
        yield return () => Run(PipelineNames.Inference);
        if (number % 2 == 0)
            yield return () => Run(PipelineNames.Training);
        yield return () => Run(PipelineNames.Monitoring);
        switch (number % 5)
        {
            case 0 when number > 0:
                yield return () => ChangeChampion((registry, decision) => registry.RollBack(decision, Cancellation));
                break;
            case 1:
                yield return () => Delete(workflow);
                yield return () => Run(PipelineNames.Audit);
                break;
            case 2:
                yield return () => ChangeChampion(async (registry, decision) =>
                {
                    var newest = await workflow.Query(db => db.ModelVersions.MaxAsync(version => version.Version, Cancellation));
                    return await registry.Promote(newest, decision with { Force = true }, Cancellation);
                });
                break;
            case 3:
                yield return () => Correct(workflow, corrected => corrected with { Survived = !corrected.Survived });
                break;
            case 4:
                // The person of a training row: the prediction is in-sample from the next monitoring run on.
                yield return () => Correct(workflow, corrected => corrected with { Name = "Allen, Miss. Elisabeth Walton" });
                break;
        }

        Task ChangeChampion(Func<ModelRegistry, AliasDecision, Task<IReadOnlyList<AliasChange>>> change) =>
            workflow.InScope<ModelRegistry, IReadOnlyList<AliasChange>>(registry => change(registry, new AliasDecision("test", "A test.")));

        async Task Run(string pipeline) => Assert.Equal(RunStatus.Succeeded, (await workflow.Run(pipeline, day)).Status);
    }

    private async Task Predict(string input)
    {
        using var response = await site.Client.PostAsync("/api/predictions", new StringContent(input, System.Text.Encoding.UTF8, "application/json"), Cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Corrects the newest passenger with an outcome.</summary>
    private static async Task Correct(TestWorkflow workflow, Func<Passenger, Passenger> correct)
    {
        var (row, survived) = await workflow.Query(async db =>
        {
            var found = await (
                from passenger in db.Passengers
                join outcome in db.Outcomes on passenger.PassengerId equals outcome.PassengerId
                where passenger.Source == PassengerSources.Synthetic && passenger.SupersededBy == null && outcome.SupersededBy == null
                    && db.Predictions.Any(prediction => prediction.PassengerId == passenger.PassengerId && prediction.IsLive == true)
                orderby passenger.PassengerId descending
                select new { passenger, outcome.Survived }).FirstAsync(Cancellation);
            return (found.passenger, found.Survived);
        });
        var passenger = new Passenger(row.SourceKey, row.Name, row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds, survived);
        var result = await workflow.Ingest(PassengerBatch.FromPassengers(row.Source, "a correction", row.EventTime, workflow.Now, [correct(passenger)]));
        Assert.NotNull(result.CommitId);
    }

    private static async Task Delete(TestWorkflow workflow)
    {
        var key = await workflow.Query(db => db.Passengers.Where(p => p.Source == PassengerSources.Synthetic && p.SupersededBy == null)
            .OrderByDescending(p => p.PassengerId).Select(p => p.SourceKey).FirstAsync(Cancellation));
        await workflow.InScope<Ingestion, IngestionResult>(ingestion =>
            ingestion.Delete(PassengerSources.Synthetic, [key], "a deletion", new Provenance(null, "test"), Cancellation));
    }

    private static async Task WithoutTable(TestWorkflow workflow, string table, Func<Task<Run>> run)
    {
        await workflow.Execute($"alter table {table} rename to hidden");
        var failed = await run();
        await workflow.Execute($"alter table hidden rename to {table}");
        Assert.Equal(RunStatus.Failed, failed.Status);
    }

    /// <summary>
    /// The content of the page, one element or text a line. The notices about the point in time, the parameters of links that select it, and the
    /// SQL texts legitimately differ.
    /// </summary>
    private async Task<string> Read(string query)
    {
        var main = (await site.Get("/monitoring" + query)).QuerySelector("main")!;
        foreach (var notice in main.QuerySelectorAll("#as-of, #known-now, #refresh-status, script, .shown-sql").ToList())
            notice.Remove();
        foreach (var link in main.QuerySelectorAll("a[href*='?']"))
            link.SetAttribute("href", WithoutPointInTime(link.GetAttribute("href")!));
        main.QuerySelector("#performance-filter")!.RemoveAttribute("open");
        main.QuerySelector("#asOf")!.RemoveAttribute("value");
        return string.Join('\n', main.InnerHtml.Replace(">", ">\n", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    private static string WithoutPointInTime(string address)
    {
        var (path, query) = (address.Split('?')[0], address.Split('?')[1]);
        var fragment = query.Contains('#', StringComparison.Ordinal) ? query[query.IndexOf('#', StringComparison.Ordinal)..] : "";
        var parameters = query[..(query.Length - fragment.Length)].Split('&').Where(parameter => !parameter.StartsWith("asOf=", StringComparison.Ordinal));
        return $"{path}?{string.Join('&', parameters)}{fragment}";
    }

    private static string FirstDifference(string expected, string actual)
    {
        var (then, now) = (expected.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(then.Length, now.Length)).First(i => i >= then.Length || i >= now.Length || then[i] != now[i]);
        return $"line {line}: {Around(then)} <> {Around(now)}";

        string Around(string[] lines) => string.Join(' ', lines.Skip(line - 3).Take(8));
    }

    /// <summary>A site whose clock stands still, with timers in real time.</summary>
    public sealed class ReplaySite(TestPostgres postgres) : TitanicSite(
        postgres, [("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), .. TestWorkflow.FastTrainingSettings, .. Stream])
    {
        /// <summary>Passengers whose ages change on the fifth day, which raises an alarm; outcomes are known two days later.</summary>
        public static readonly (string Name, string Value)[] Stream =
        [
            ("Stream:Scenario", "drift"), ("Stream:DriftFrom", TestWorkflow.FirstDay.AddDays(2).ToString("O")), ("Stream:PassengersPerDay", "30"), ("Stream:OutcomeDelayDays", "2"),
        ];

        public FakeTimeProvider Clock { get; } = new StandingClock();

        protected override void ConfigureServices(IServiceCollection services) => services.RemoveAll<TimeProvider>().AddSingleton<TimeProvider>(Clock);

        private sealed class StandingClock() : FakeTimeProvider(FeatureReader.StartOf(TestWorkflow.FirstDay))
        {
            public override long TimestampFrequency => System.TimestampFrequency;

            public override long GetTimestamp() => System.GetTimestamp();

            public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, dueTime, period);
        }
    }
}
