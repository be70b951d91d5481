using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Monitoring.Rollups;

/// <summary>
/// Property test: after every step of random histories, what is counted plus what has changed since equals counts of the predictions and
/// their current outcomes.
/// </summary>
public sealed class RollupSnapshotTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private const int Steps = 60;

    private static readonly PredictionFilter _all = new(From: TestWorkflow.FirstDay.AddDays(-30), To: TestWorkflow.FirstDay.AddDays(60));

    private readonly List<(string Key, DateOnly Day)> _passengers = [];
    private Random _random = new(0);

    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, Repetitions.Of(developer: 2, continuousIntegration: 10))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Counted_and_changed_predictions_equal_the_rows(int seed)
    {
        _random = new Random(seed);
        var steps = new List<string>();
        for (var step = 0; step < Steps; step++)
        {
            steps.Add(await TakeStep());
            var history = string.Join(", ", steps) + "\n";

            await using var now = await Workflow.InScope<RollupReader, RollupSnapshot>(rollups => rollups.Open(Cancellation));
            Assert.Equal(history + await CountCells(), history + await ReadCells(now, _all));
            Assert.Equal(history + await CountCells("and pclass = 3 and sex = 'male' and source = 'batch'"), history + await ReadCells(now, _all with { Segment = "class3-male", Source = "batch" }));
            Assert.Equal(history + await CountDays(), history + await ReadDays(now));
            Assert.Equal(history + await CountVolume(), history + await ReadVolume(now));
            Assert.All(await Workflow.InScope<RollupVerification, IReadOnlyList<VerifiedRollup>>(rollups => rollups.Verify(Cancellation)), rollup => Assert.Equal((history, 0L), (history, rollup.Differences)));
        }
        Assert.True(steps.Distinct().Count() >= 7, string.Join(", ", steps.Distinct()));
    }

    private async Task<string> TakeStep()
    {
        switch (_random.Next(9))
        {
            case 0 or 1:
                await Ingest(() => (FormattableString.Invariant($"p{_passengers.Count}"), Workflow.Today.AddDays(-_random.Next(3))), isNew: true);
                return "passengers";
            case 2 or 3 when _passengers.Count > 0:
                await Ingest(() => _passengers[_random.Next(_passengers.Count)], isNew: false);
                return "outcomes";
            case 4 when _passengers.Count > 0:
                var key = _passengers[_random.Next(_passengers.Count)].Key;
                await Workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Api, [key], "a test", new Provenance(null, "test"), Cancellation));
                return "deletion";
            case 5:
                await Workflow.InScope<BatchInference, (int, int?)>(inference => inference.PredictUnpredicted(Workflow.Today, null, Cancellation));
                return "inference";
            case 6:
                await PredictOnline();
                return "online";
            case 7:
                await Workflow.InScope<PredictionRollup, RefreshedDays>(rollup => rollup.Refresh(_random.Next(2) == 0 ? null : Workflow.Today, Cancellation));
                return "monitoring";
            default:
                Workflow.Clock.Advance(TimeSpan.FromHours(_random.Next(1, 20)));
                return "time";
        }
    }

    /// <summary>Ingests some passengers, new ones or stored ones with other outcomes; an outcome is unknown, known or corrected.</summary>
    private async Task Ingest(Func<(string Key, DateOnly Day)> choose, bool isNew)
    {
        var chosen = new Dictionary<string, DateOnly>();
        for (var count = _random.Next(1, 6); count > 0; count--)
        {
            var (key, day) = choose();
            chosen[key] = day;
            if (isNew)
                _passengers.Add((key, day));
        }
        foreach (var day in chosen.GroupBy(passenger => passenger.Value))
            await Workflow.Ingest(PassengerSources.Api, day.Key, Workflow.Today, [.. day.Select(passenger => CreatePassenger(passenger.Key))]);
    }

    /// <summary>The key decides the values, so that the same key is a corrected or late outcome, not a corrected passenger.</summary>
    private Passenger CreatePassenger(string key)
    {
        var number = int.Parse(key.AsSpan(1), CultureInfo.InvariantCulture);
        return new Passenger(key, null, 1 + (number % 3), number % 2 == 0 ? Sex.Female : Sex.Male, 10 + (number % 5), 20, _random.Next(3) switch { 0 => null, 1 => false, _ => true });
    }

    private Task PredictOnline() => Workflow.Execute(FormattableString.Invariant(
        $"""
        insert into predictions (created_at, source, logical_date, pclass, sex, point_code, model_name, model_version, survived, probability, survivors, neighbors)
        select now(), '{(_random.Next(2) == 0 ? "ui" : "api")}', '{Workflow.Today:yyyy-MM-dd}', {_random.Next(1, 4)}, 'female', 0, 'titanic_knn', 1, true, {_random.Next(1, 9)} / 10.0, 1, 8
        """));

    private const string AsKnownNow = "from predictions a left join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null where true";

    private Task<string> CountCells(string condition = "") => Workflow.Scalar<string>(
        $"""
        select coalesce(string_agg(line, E'\n' order by line collate "C"), '') from (
            select concat_ws(' ', a.source, a.is_live::text, a.model_version, a.pclass, a.sex, a.survived::text, a.probability, count(*), count(*) filter (where not o.survived), count(*) filter (where o.survived)) as line
            {AsKnownNow} {condition} group by a.source, a.is_live, a.model_version, a.pclass, a.sex, a.survived, a.probability) cells
        """);

    private static async Task<string> ReadCells(RollupSnapshot now, PredictionFilter filter) => Lines(
        (await now.ReadCells(filter, Cancellation)).GroupBy(cell => cell with { Rows = 0, Died = 0, Survived = 0 })
        .Select(equal => equal.Key with { Rows = equal.Sum(cell => cell.Rows), Died = equal.Sum(cell => cell.Died), Survived = equal.Sum(cell => cell.Survived) })
        .Select(cell => string.Join(' ', ((object?[])
        [
            cell.Source, cell.IsLive, cell.Version, cell.Pclass, SexConverter.Format(cell.Sex), cell.Predicted, cell.Probability, cell.Rows, cell.Died, cell.Survived,
        ]).Where(value => value is not null).Select(Text))));

    private Task<string> CountDays() => Workflow.Scalar<string>(
        $"""
        select coalesce(string_agg(line, E'\n' order by line collate "C"), '') from (
            select concat_ws(' ', to_char(a.logical_date, 'YYYY-MM-DD'), a.is_live::text, count(*), count(*) filter (where not a.survived and not o.survived), count(*) filter (where a.survived and not o.survived),
                             count(*) filter (where not a.survived and o.survived), count(*) filter (where a.survived and o.survived), round(coalesce(sum(power(a.probability - o.survived::int, 2)), 0)::numeric, 9)) as line
            {AsKnownNow} and a.passenger_id is not null group by a.logical_date, a.is_live) days
        """);

    private static async Task<string> ReadDays(RollupSnapshot now) => Lines(
        (await now.ReadDays(null, Cancellation)).Select(day => FormattableString.Invariant(
            $"{day.LogicalDate:yyyy-MM-dd} {Text(day.IsLive)} {day.Predictions} {day.TrueNegatives} {day.FalsePositives} {day.FalseNegatives} {day.TruePositives} {Math.Abs(day.SquaredError):0.000000000}")));

    private Task<string> CountVolume() => Workflow.Scalar<string>(
        $"""
        select coalesce(string_agg(line, E'\n' order by line collate "C"), '') from (
            select concat_ws(' ', to_char(a.logical_date, 'YYYY-MM-DD'), a.source, count(*), count(*) filter (where a.survived), round(sum(a.probability)::numeric, 9)) as line
            from predictions a group by a.logical_date, a.source) days
        """);

    private static async Task<string> ReadVolume(RollupSnapshot now) => Lines(
        (await now.ReadVolume(_all.From!.Value, _all.To!.Value, Cancellation)).Select(day => FormattableString.Invariant(
            $"{day.Day:yyyy-MM-dd} {day.Source} {day.Metrics.Predictions} {day.Metrics.PredictedSurvivors} {day.Metrics.ProbabilitySum:0.000000000}")));

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    private static string Text(object? value) => value is bool truth ? truth ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
