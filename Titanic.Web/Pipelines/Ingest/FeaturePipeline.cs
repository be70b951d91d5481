using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>A day of the stream: today's passengers come in, and the outcomes that become known today.</summary>
public sealed class FeaturePipeline(PassengerStream stream, IOptions<StreamOptions> options, FeatureReader features, Ingestion ingestion) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var today = run.LogicalDate;
        var outcomesComeLater = options.Value.OutcomeDelayDays > 0;

        var arrived = await PassengersOf(today, cancellation);
        var passengers = outcomesComeLater ? [.. arrived.Select(passenger => passenger with { Survived = null })] : arrived;
        var arrivals = await Ingest(passengers, today, run, cancellation);
        run.Count("inserted", arrivals.Inserted);
        run.Count("unchanged", arrivals.Unchanged);

        if (outcomesComeLater)
        {
            var sailed = today.AddDays(-options.Value.OutcomeDelayDays);
            var outcomes = await IngestOutcomesOf(sailed, run, cancellation);
            run.Count("outcomes", outcomes.OutcomesRecorded);
            return $"Passengers of {today:yyyy-MM-dd}: {arrivals}. Outcomes of {sailed:yyyy-MM-dd}: {outcomes}.";
        }
        run.Count("outcomes", arrivals.OutcomesRecorded);
        return passengers.Count == 0
            ? $"The stream has no passenger left for {today:yyyy-MM-dd}: the scenario \"{options.Value.Scenario}\" has come to its end."
            : $"Passengers of {today:yyyy-MM-dd}: {arrivals}.";
    }

    /// <summary>
    /// New is a row (inputs and outcome) unlike that of any passenger of an earlier day, or of history; one whose outcome was not known
    /// on that day may be the same. So a day's passengers do not depend on when they are asked for.
    /// </summary>
    private async Task<IReadOnlyList<Passenger>> PassengersOf(DateOnly day, CancellationToken cancellation)
    {
        if (!options.Value.Is(StreamOptions.SeedRule))
            return stream.PassengersOf(day, isNew: _ => true); // nobody asks, so the past need not be read

        var known = await features.PointsBefore(day, cancellation);
        return stream.PassengersOf(day, passenger =>
            BinnedEncoder.Encode(passenger).Code is var code && !known.Contains((code, passenger.Survived)) && !known.Contains((code, null)));
    }

    private Task<IngestionResult> Ingest(IReadOnlyList<Passenger> passengers, DateOnly sailed, RunContext run, CancellationToken cancellation) => ingestion.Ingest(
        PassengerBatch.Of(
            PassengerStream.Source, $"{options.Value.Scenario} stream of {sailed:yyyy-MM-dd}",
            FeatureReader.StartOf(sailed), FeatureReader.StartOf(run.LogicalDate), passengers),
        run.Provenance, cancellation);

    private async Task<IngestionResult> IngestOutcomesOf(DateOnly sailed, RunContext run, CancellationToken cancellation)
    {
        var stored = await features.KeysOf(PassengerStream.Source, sailed, cancellation);
        var passengers = await PassengersOf(sailed, cancellation);
        return await Ingest([.. passengers.Where(passenger => stored.Contains(passenger.SourceKey))], sailed, run, cancellation);
    }
}
