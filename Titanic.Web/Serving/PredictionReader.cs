using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Serving;

/// <summary>Finds stored answers.</summary>
public sealed class PredictionReader(TitanicDb db)
{
    /// <summary>Null when there is no such prediction.</summary>
    public async Task<StoredPrediction?> Find(long id, CancellationToken cancellation)
    {
        var found = await (
            from prediction in db.Predictions.AsNoTracking()
            where prediction.PredictionId == id
            join version in db.ModelVersions on new { Name = prediction.ModelName, Version = prediction.ModelVersion } equals new { version.Name, version.Version }
            join dataset in db.TrainingDatasets on version.TrainingDatasetId equals dataset.TrainingDatasetId into ofThisStore
            from dataset in ofThisStore.DefaultIfEmpty()
            select new { Prediction = prediction, ViewName = (string?)dataset.ViewName, ViewVersion = (int?)dataset.ViewVersion, version.Origin }).SingleOrDefaultAsync(cancellation);
        return found is null ? null : new StoredPrediction(found.Prediction, TrainingViews.Of(found.ViewName ?? found.Origin!.Dataset.View, found.ViewVersion ?? found.Origin!.Dataset.ViewVersion));
    }
}

/// <summary>An answer, and the view through which the version that gave it saw the question.</summary>
public sealed record StoredPrediction(Prediction Prediction, ITrainingView View);
