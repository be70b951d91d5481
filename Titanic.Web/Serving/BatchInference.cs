using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Serving;

/// <summary>Predicts every passenger of the stream who has no prediction yet, however long ago they came.</summary>
public sealed class BatchInference(ChampionInMemory champion, TitanicDb db, TimeProvider clock)
{
    private const int ChunkRows = 1_000;

    /// <param name="through">Passengers of later days wait for their own run.</param>
    /// <returns>How many were predicted, and by which version (null when there was nobody to predict).</returns>
    /// <exception cref="NoChampionException">There is somebody to predict and nothing in service.</exception>
    public async Task<(int Predicted, int? ModelVersion)> PredictUnpredicted(DateOnly through, long? runId, CancellationToken cancellation)
    {
        var predicted = 0;
        int? version = null;
        while (await NextChunk(through, cancellation) is { Count: > 0 } chunk)
        {
            var model = await champion.Reload(cancellation) ?? throw new NoChampionException();
            var learned = await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == model.TrainingDatasetId, cancellation);
            db.Predictions.AddRange(chunk.Select(waiting => Predict(model, waiting, learned, runId)));
            await db.SaveChangesAsync(cancellation);
            db.ChangeTracker.Clear();
            (predicted, version) = (predicted + chunk.Count, model.Version);
        }
        return (predicted, version);
    }

    /// <summary>
    /// The newest commit that may be learned: no passenger of the stream in it, or before it, still waits for a prediction.
    /// Null while there is none.
    /// </summary>
    public async Task<long?> NewestLearnableCommit(CancellationToken cancellation)
    {
        var firstWaiting = await Unpredicted(DateOnly.MaxValue.AddDays(-1)).MinAsync(waiting => (long?)waiting.FirstCommitId, cancellation);
        return await db.Commits.Where(c => firstWaiting == null || c.CommitId < firstWaiting).MaxAsync(c => (long?)c.CommitId, cancellation);
    }

    private Task<List<Waiting>> NextChunk(DateOnly through, CancellationToken cancellation) =>
        Unpredicted(through).OrderBy(waiting => waiting.Passenger.PassengerId).Take(ChunkRows).ToListAsync(cancellation);

    private IQueryable<Waiting> Unpredicted(DateOnly through)
    {
        var end = FeatureReader.StartOf(through.AddDays(1));
        return
            from passenger in db.Passengers.AsNoTracking()
            where passenger.SupersededBy == null && PassengerSources.Streams.Contains(passenger.Source) && passenger.EventTime < end
                && !db.Predictions.Any(answer => answer.PassengerId == passenger.PassengerId)
            join first in db.Passengers on passenger.PassengerId equals first.PassengerId
            where !db.Passengers.Any(earlier => earlier.PassengerId == first.PassengerId && earlier.CommitId < first.CommitId)
            select new Waiting { Passenger = passenger, FirstCommitId = first.CommitId };
    }

    private Prediction Predict(ServedModel model, Waiting waiting, TrainingDataset learned, long? runId)
    {
        var passenger = waiting.Passenger;
        var answer = model.Answer(BinnedPoint.FromCode(passenger.TitanicBinnedV1));
        return new Prediction
        {
            CreatedAt = clock.GetUtcNow(),
            Source = PredictionSources.Batch,
            PassengerId = passenger.PassengerId,
            LogicalDate = DateOnly.FromDateTime(passenger.EventTime.UtcDateTime),
            Pclass = passenger.Pclass,
            Sex = passenger.Sex,
            AgeInYears = passenger.AgeInYears,
            FareInPounds = passenger.FareInPounds,
            PointCode = passenger.TitanicBinnedV1,
            ModelName = Registry.ModelRegistry.ModelName,
            ModelVersion = model.Version,
            Survived = answer.Survived,
            Probability = answer.Probability,
            Survivors = answer.Survivors,
            Neighbors = answer.Neighbors,
            IsLive = waiting.FirstCommitId > learned.AsOfCommitId || !learned.Sources.Contains(passenger.Source),
            RunId = runId,
        };
    }

    /// <summary>A passenger's current version, and the commit that brought the first one: an outcome may have come with it.</summary>
    private sealed class Waiting
    {
        public required PassengerVersion Passenger { get; init; }
        public required long FirstCommitId { get; init; }
    }
}
