using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>
/// Reads the newest passengers of the stream with their predictions and outcomes, ordered by day and then by arrival (S7).
/// </summary>
public sealed class StreamHistory(TitanicDb db)
{
    /// <summary>The last passenger of the newest day, predicted or not; null without passengers.</summary>
    public Task<StreamPassenger?> Newest(CancellationToken cancellation) => NewestFirst().FirstOrDefaultAsync(cancellation);

    /// <summary>The newest passengers that have a prediction, newest first.</summary>
    public async Task<IReadOnlyList<StreamPassenger>> NewestPredicted(int count, CancellationToken cancellation) =>
        await NewestFirst().Where(passenger => passenger.Prediction != null).Take(count).ToListAsync(cancellation);

    private IQueryable<StreamPassenger> NewestFirst() =>
        from passenger in db.Passengers.AsNoTracking()
        where passenger.SupersededBy == null && PassengerSources.Streams.Contains(passenger.Source)
        from prediction in db.Predictions.Where(p => p.PassengerId == passenger.PassengerId).DefaultIfEmpty()
        from outcome in db.Outcomes.Where(o => o.PassengerId == passenger.PassengerId && o.SupersededBy == null).DefaultIfEmpty()
        orderby passenger.EventTime descending, passenger.PassengerId descending
        select new StreamPassenger { Passenger = passenger, Prediction = prediction, Survived = (bool?)outcome.Survived };
}

/// <summary>A passenger of the stream with prediction and outcome.</summary>
public sealed record StreamPassenger
{
    public required PassengerVersion Passenger { get; init; }

    /// <summary>The prediction of the champion of that day; null while the passenger is not predicted.</summary>
    public Prediction? Prediction { get; init; }

    /// <summary>The outcome; null while it is unknown.</summary>
    public bool? Survived { get; init; }

    /// <summary>The logical date of the passenger, in UTC.</summary>
    public DateOnly Day => DateOnly.FromDateTime(Passenger.EventTime.UtcDateTime);

    /// <summary>Whether the prediction is correct; null while the prediction or the outcome is missing.</summary>
    public bool? IsCorrect => Prediction is { } prediction && Survived is { } survived ? prediction.Survived == survived : null;
}
