using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>Ingests one day of the stream: the day's passengers and the outcomes that become known on that day.</summary>
public sealed class FeaturePipeline(PassengerStream stream, IOptions<StreamOptions> options, FeatureReader features, Ingestion ingestion) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var today = run.LogicalDate;
        var areOutcomesDelayed = options.Value.OutcomeDelayDays > 0;

        run.Step("Generate the passengers of the day");
        var generated = await PassengersOf(today, cancellation);
        var passengers = areOutcomesDelayed ? [.. generated.Select(passenger => passenger with { Survived = null })] : generated;
        run.SetCount("generated", generated.Count);

        run.Step("Store the passengers");
        var ingested = await Ingest(passengers, today, run, cancellation);
        run.SetCount("inserted", ingested.Inserted);
        run.SetCount("unchanged", ingested.Unchanged);

        var note = GeneratorOf(generated) is var generator && generator == StreamGenerator.Newest(options.Value.Scenario)
            ? ""
            : $" The earlier generator {generator.Name} made this day, which keeps its passengers.";
        if (areOutcomesDelayed)
        {
            var outcomeDay = today.AddDays(-options.Value.OutcomeDelayDays);
            run.Step("Store the outcomes that became known");
            var outcomes = await IngestOutcomesOf(outcomeDay, run, cancellation);
            run.SetCount("outcomes", outcomes.OutcomesRecorded);
            return $"Passengers of {today:yyyy-MM-dd}: {ingested}.{note} Outcomes of {outcomeDay:yyyy-MM-dd}: {outcomes}.";
        }
        run.SetCount("outcomes", ingested.OutcomesRecorded);
        return passengers.Count == 0
            ? $"The stream has no passengers for {today:yyyy-MM-dd}: the scenario \"{options.Value.Scenario}\" is exhausted."
            : $"Passengers of {today:yyyy-MM-dd}: {ingested}.{note}";
    }

    /// <summary>
    /// The stream's passengers of a day. A day that an earlier version of the generator made keeps its passengers. Under the seed rule a
    /// passenger is new if no passenger of an earlier day or of a list has the same point and outcome, or the same point and no outcome yet.
    /// Only rows of earlier days are compared, so the result does not depend on when it is computed.
    /// </summary>
    private async Task<IReadOnlyList<Passenger>> PassengersOf(DateOnly day, CancellationToken cancellation)
    {
        if (!options.Value.Is(StreamOptions.SeedRule))
        {
            return stream.GenerateStored(day, await features.SourceKeysOf(PassengerStream.Source, day, cancellation))
                ?? stream.Generate(day, isNew: _ => true); // other rules do not use isNew, so stored rows need not be read
        }

        var known = await features.PointsBefore(day, cancellation);
        return stream.Generate(day, passenger =>
            BinnedEncoder.Encode(passenger).Code is var code && !known.Contains((code, passenger.Survived)) && !known.Contains((code, null)));
    }

    /// <summary>The version of the generator that made the passengers; the newest version if there are none.</summary>
    private StreamGenerator GeneratorOf(IReadOnlyList<Passenger> passengers) =>
        passengers.Select(passenger => StreamGenerator.Find(passenger.SourceKey)).FirstOrDefault() ?? StreamGenerator.Newest(options.Value.Scenario);

    private Task<IngestionResult> Ingest(IReadOnlyList<Passenger> passengers, DateOnly eventDate, RunContext run, CancellationToken cancellation) => ingestion.Ingest(
        PassengerBatch.FromPassengers(
            PassengerStream.Source, $"{GeneratorOf(passengers).Name} stream of {eventDate:yyyy-MM-dd}",
            FeatureReader.StartOf(eventDate), FeatureReader.StartOf(run.LogicalDate), passengers),
        run.Provenance, cancellation);

    private async Task<IngestionResult> IngestOutcomesOf(DateOnly eventDate, RunContext run, CancellationToken cancellation)
    {
        var stored = await features.SourceKeysOf(PassengerStream.Source, eventDate, cancellation);
        var passengers = await PassengersOf(eventDate, cancellation);
        return await Ingest([.. passengers.Where(passenger => stored.Contains(passenger.SourceKey))], eventDate, run, cancellation);
    }
}
