using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>
/// Reads the newest passengers of the stream with their predictions and outcomes, ordered by day and then by arrival (S7): now, or as they
/// were stored at a point in time.
/// </summary>
public sealed class StreamHistory(TitanicDb db)
{
    /// <summary>The last passenger of the newest day, predicted or not; null without passengers.</summary>
    /// <param name="asOf">The point in time; null means now.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public Task<StreamPassenger?> Newest(AsOf? asOf, CancellationToken cancellation) => NewestFirst(asOf).FirstOrDefaultAsync(cancellation);

    /// <summary>The newest passengers that have a prediction, newest first.</summary>
    /// <param name="count">Maximum number of passengers.</param>
    /// <param name="asOf">The point in time; null means now.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<IReadOnlyList<StreamPassenger>> NewestPredicted(int count, AsOf? asOf, CancellationToken cancellation) =>
        await NewestFirst(asOf).Where(passenger => passenger.Prediction != null).Take(count).ToListAsync(cancellation);

    private IQueryable<StreamPassenger> NewestFirst(AsOf? asOf) => asOf is null ? CurrentNewestFirst() : NewestFirst(asOf.CommitId, asOf.KnownBefore);

    private IQueryable<StreamPassenger> CurrentNewestFirst() =>
        from passenger in db.Passengers.AsNoTracking()
        where passenger.SupersededBy == null && PassengerSources.Streams.Contains(passenger.Source)
        from prediction in db.Predictions.Where(p => p.PassengerId == passenger.PassengerId).DefaultIfEmpty()
        from outcome in db.Outcomes.Where(o => o.PassengerId == passenger.PassengerId && o.SupersededBy == null).DefaultIfEmpty()
        orderby passenger.EventTime descending, passenger.PassengerId descending
        select new StreamPassenger { Passenger = passenger, Prediction = prediction, IsLive = prediction.IsLive, Survived = (bool?)outcome.Survived };

    /// <param name="commit">The newest visible commit.</param>
    /// <param name="end">Predictions that were made at or after this instant are not visible.</param>
    private IQueryable<StreamPassenger> NewestFirst(long commit, DateTimeOffset end) =>
        from passenger in db.Passengers.AsNoTracking()
        where passenger.CommitId <= commit && (passenger.SupersededBy == null || passenger.SupersededBy > commit) && PassengerSources.Streams.Contains(passenger.Source)
        from prediction in db.Predictions.Where(p => p.PassengerId == passenger.PassengerId && p.CreatedAt < end).DefaultIfEmpty()
        from outcome in db.Outcomes
            .Where(o => o.PassengerId == passenger.PassengerId && o.CommitId <= commit && (o.SupersededBy == null || o.SupersededBy > commit)).DefaultIfEmpty()
        orderby passenger.EventTime descending, passenger.PassengerId descending
        select new StreamPassenger
        {
            Passenger = passenger,
            Prediction = prediction,
            IsLive = db.LiveStatusChanges.Where(change => change.PredictionId == prediction.PredictionId && change.ChangedAt >= end)
                .OrderBy(change => change.ChangedAt).ThenBy(change => change.LiveStatusChangeId).Select(change => (bool?)change.WasLive).FirstOrDefault() ?? prediction.IsLive,
            Survived = (bool?)outcome.Survived,
        };
}

/// <summary>A passenger of the stream with prediction and outcome.</summary>
public sealed record StreamPassenger
{
    public required PassengerVersion Passenger { get; init; }

    /// <summary>The prediction of the champion of that day; null while the passenger is not predicted.</summary>
    public Prediction? Prediction { get; init; }

    /// <summary>Whether the prediction is live; null without a prediction.</summary>
    public bool? IsLive { get; init; }

    /// <summary>The outcome; null while it is unknown.</summary>
    public bool? Survived { get; init; }

    /// <summary>The logical date of the passenger, in UTC.</summary>
    public DateOnly Day => DateOnly.FromDateTime(Passenger.EventTime.UtcDateTime);

    /// <summary>Whether the prediction is correct; null while the prediction or the outcome is missing.</summary>
    public bool? IsCorrect => Prediction is { } prediction && Survived is { } survived ? prediction.Survived == survived : null;
}
