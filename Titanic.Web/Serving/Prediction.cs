using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>
/// A prediction of one model version: a row of the table <c>predictions</c> with the input, its encoding and the predicted class. Response
/// bodies are made of it: <see cref="PredictionResponse"/>, <see cref="Protocols.MlflowPrediction"/>,
/// <see cref="Protocols.InferenceResponse"/>.
/// </summary>
public sealed class Prediction
{
    /// <summary>0 for a prediction that was not stored; see <see cref="PredictionLogMode.Off"/>.</summary>
    public long PredictionId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>One of <see cref="PredictionSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>The predicted passenger of the feature group; null for a request of the page or the API.</summary>
    public long? PassengerId { get; init; }

    /// <summary>The day (UTC) of the passenger's event time, or of the request.</summary>
    public DateOnly LogicalDate { get; init; }

    public short Pclass { get; init; }
    public Sex Sex { get; init; }
    public double? AgeInYears { get; init; }
    public double? FareInPounds { get; init; }

    /// <summary>The encoded input for a finite view: its index among the view's points. Null for any other view.</summary>
    public short? PointCode { get; init; }

    /// <summary>
    /// The encoded input for any other view, in the order of the view's features; null where <see cref="PointCode"/> is set.
    /// </summary>
    public double[]? Encoded { get; init; }

    public required string ModelName { get; init; }
    public int ModelVersion { get; init; }

    /// <summary>The predicted class.</summary>
    public bool Survived { get; init; }

    /// <summary>The predicted probability of survival, 0 to 1: (survivors + 1) / (neighbors + 2), Laplace's rule of succession.</summary>
    public double Probability { get; init; }

    /// <summary>The number of voting neighbors that survived.</summary>
    public int Survivors { get; init; }

    /// <summary>The number of voting neighbors.</summary>
    public int Neighbors { get; init; }

    /// <summary>
    /// True for a live prediction, false for an in-sample one (the model was trained on the passenger); null without a passenger.
    /// </summary>
    public bool? IsLive { get; init; }
    public long? RunId { get; init; }

    /// <summary>The encoded input, from <see cref="PointCode"/> or <see cref="Encoded"/>.</summary>
    /// <param name="view">The view of the version that predicted.</param>
    /// <exception cref="InvalidDataException">The stored values are not a point of the view, because the row was changed.</exception>
    public double[] PointIn(ITrainingView view)
    {
        if (PointCode is not { } code)
            return Encoded is { } values && values.Length == view.Schema.Features.Count
                ? values
                : throw new InvalidDataException(
                    $"The stored encoding of prediction {PredictionId} has {Encoded?.Length ?? 0} values; "
                    + $"{view.Schema} has {view.Schema.Features.Count} features.");
        return view.AllPoints is { } all && code >= 0 && code < all.Count
            ? all[code]
            : throw new InvalidDataException(
                $"The stored point {code} of prediction {PredictionId} is not a point of {view.Schema}.");
    }
}

/// <summary>The sources of predictions, as stored in <see cref="Prediction.Source"/>.</summary>
public static class PredictionSources
{
    public const string Page = "ui";
    public const string Api = "api";
    public const string Batch = "batch";

    public static IReadOnlyList<string> All { get; } = [Batch, Page, Api];
}

/// <summary>Finds stored predictions.</summary>
public sealed class PredictionReader(TitanicDb db)
{
    /// <summary>The prediction with this id; null where there is none.</summary>
    public async Task<PredictionWithView?> Find(long id, CancellationToken cancellation)
    {
        var found = await (
            from prediction in db.Predictions.AsNoTracking()
            where prediction.PredictionId == id
            join version in db.ModelVersions on new { Name = prediction.ModelName, Version = prediction.ModelVersion } equals new { version.Name, version.Version }
            join dataset in db.TrainingDatasets on version.TrainingDatasetId equals dataset.TrainingDatasetId into ofThisStore
            from dataset in ofThisStore.DefaultIfEmpty()
            select new { Prediction = prediction, ViewName = (string?)dataset.ViewName, ViewVersion = (int?)dataset.ViewVersion, version.Origin })
            .SingleOrDefaultAsync(cancellation);
        return found is null
            ? null
            : new PredictionWithView(
                found.Prediction,
                TrainingViews.Get(found.ViewName ?? found.Origin!.Dataset.View, found.ViewVersion ?? found.Origin!.Dataset.ViewVersion));
    }
}

/// <summary>A stored prediction with the feature view of its model version, which decodes <see cref="Prediction.PointCode"/>.</summary>
public sealed record PredictionWithView(Prediction Prediction, ITrainingView View);

internal sealed class PredictionTable : IEntityTypeConfiguration<Prediction>
{
    public void Configure(EntityTypeBuilder<Prediction> predictions)
    {
        predictions.ToTable("predictions", table => table.HasCheckConstraint("ck_predictions_encoded", "num_nonnulls(point_code, encoded) = 1"));
        predictions.HasKey(p => p.PredictionId);
        predictions.Property(p => p.PredictionId).UseIdentityAlwaysColumn();
        predictions.Property(p => p.AgeInYears).HasColumnName("age");
        predictions.Property(p => p.FareInPounds).HasColumnName("fare");
        predictions.Property(p => p.Sex).HasConversion(sex => SexConverter.Format(sex), text => SexConverter.Parse(text));
        // A passenger has at most one prediction of batch inference, also when two processes run it at the same time.
        predictions.HasIndex(p => p.PassengerId).IsUnique().HasFilter("passenger_id is not null");
        predictions.HasIndex(p => new { p.LogicalDate, p.PredictionId });
        // One for each source, so that a row is in one of them. An index by source and id would hide from the planner that the ids of a period
        // are stored together, and one for the page and the API would be read to its end for a source with few predictions.
        foreach (var source in PredictionSources.All)
        {
            var name = $"ix_predictions_{source}_prediction_id";
            predictions.HasIndex(p => p.PredictionId, name).HasDatabaseName(name).HasFilter($"source = '{source}'");
        }
        // Filtered, so that online predictions, which have no run and no passenger, do not pay for these indexes.
        predictions.HasIndex(p => p.RunId).HasFilter("run_id is not null");
        predictions.HasIndex(p => new { p.ModelName, p.ModelVersion }).HasFilter("passenger_id is not null");
        // A statement-level trigger, not a foreign key, requires the version to exist: see the migration AnswerLog.
    }
}
