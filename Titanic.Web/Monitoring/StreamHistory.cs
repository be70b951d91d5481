using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>The newest passengers of the stream, what was said of them and what happened. Newest means by day, then by arrival (S7).</summary>
public sealed class StreamHistory(TitanicDb db)
{
    /// <summary>The last passenger of the newest day, predicted or not; null before the first.</summary>
    public Task<WatchedPassenger?> Newest(CancellationToken cancellation) => NewestFirst().FirstOrDefaultAsync(cancellation);

    public async Task<IReadOnlyList<WatchedPassenger>> NewestPredicted(int count, CancellationToken cancellation) =>
        await NewestFirst().Where(watched => watched.Prediction != null).Take(count).ToListAsync(cancellation);

    private IQueryable<WatchedPassenger> NewestFirst() =>
        from passenger in db.Passengers.AsNoTracking()
        where passenger.SupersededBy == null && PassengerSources.Streams.Contains(passenger.Source)
        from prediction in db.Predictions.Where(p => p.PassengerId == passenger.PassengerId).DefaultIfEmpty()
        from outcome in db.Outcomes.Where(o => o.PassengerId == passenger.PassengerId && o.SupersededBy == null).DefaultIfEmpty()
        orderby passenger.EventTime descending, passenger.PassengerId descending
        select new WatchedPassenger { Passenger = passenger, Prediction = prediction, Survived = (bool?)outcome.Survived };
}

/// <summary>A passenger of the stream.</summary>
public sealed record WatchedPassenger
{
    public required PassengerVersion Passenger { get; init; }

    /// <summary>What the champion of that day said; null while nobody was asked.</summary>
    public Prediction? Prediction { get; init; }

    /// <summary>What happened; null while it is not known.</summary>
    public bool? Survived { get; init; }

    public DateOnly Day => DateOnly.FromDateTime(Passenger.EventTime.UtcDateTime);

    /// <summary>Null while the prediction or the outcome is missing.</summary>
    public bool? IsRight => Prediction is { } prediction && Survived is { } survived ? prediction.Survived == survived : null;
}
