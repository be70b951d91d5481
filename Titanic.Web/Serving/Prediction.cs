using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>One answer of one model version: what was asked, how it was encoded, what was said.</summary>
public sealed class Prediction
{
    /// <summary>0 for an answer that was not stored; see <see cref="PredictionLogMode.Off"/>.</summary>
    public long PredictionId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>One of <see cref="PredictionSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>The passenger of the feature group that was predicted; null for a question from the page or the API.</summary>
    public long? PassengerId { get; init; }

    /// <summary>The day of the passenger, or of the question.</summary>
    public DateOnly LogicalDate { get; init; }

    public short Pclass { get; init; }
    public Sex Sex { get; init; }
    public double? AgeInYears { get; init; }
    public double? FareInPounds { get; init; }

    /// <summary>The encoded input of a model over a finite view: its place among the view's points. Null for any other view.</summary>
    public short? PointCode { get; init; }

    /// <summary>The encoded input of a model over any other view, in the order of the view's features; null where <see cref="PointCode"/> tells it.</summary>
    public double[]? Encoded { get; init; }

    public required string ModelName { get; init; }
    public int ModelVersion { get; init; }
    public bool Survived { get; init; }

    /// <summary>Of survival, 0..1: (survivors + 1) / (neighbours + 2).</summary>
    public double Probability { get; init; }
    public int Survivors { get; init; }
    public int Neighbors { get; init; }

    /// <summary>True when the model had not learned this passenger; null where no passenger is known.</summary>
    public bool? IsLive { get; init; }
    public long? RunId { get; init; }

    /// <summary>The encoded input, however it is kept.</summary>
    /// <param name="view">The view of the version that answered.</param>
    /// <exception cref="InvalidDataException">What is stored is no point of the view: the row was changed.</exception>
    public double[] PointIn(ITrainingView view)
    {
        if (PointCode is not { } code)
            return Encoded is { } values && values.Length == view.Schema.Features.Count
                ? values
                : throw new InvalidDataException($"The stored values of prediction {PredictionId} are no point of {view.Schema.EncoderId}.");
        return view.AllPoints is { } all && code >= 0 && code < all.Count
            ? all[code]
            : throw new InvalidDataException($"The stored point {code} of prediction {PredictionId} is none of {view.Schema.EncoderId}.");
    }
}

/// <summary>Who asked.</summary>
public static class PredictionSources
{
    public const string Page = "ui";
    public const string Api = "api";
    public const string Batch = "batch";
}

/// <summary>Finds stored predictions.</summary>
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

/// <summary>A prediction, and the view through which its model version encoded the input.</summary>
public sealed record StoredPrediction(Prediction Prediction, ITrainingView View);

internal sealed class PredictionTable : IEntityTypeConfiguration<Prediction>
{
    public void Configure(EntityTypeBuilder<Prediction> predictions)
    {
        predictions.ToTable("predictions", table => table.HasCheckConstraint("ck_predictions_encoded", "num_nonnulls(point_code, encoded) = 1"));
        predictions.HasKey(p => p.PredictionId);
        predictions.Property(p => p.PredictionId).UseIdentityAlwaysColumn();
        predictions.Property(p => p.AgeInYears).HasColumnName("age");
        predictions.Property(p => p.FareInPounds).HasColumnName("fare");
        predictions.Property(p => p.Sex).HasConversion(sex => SexConverter.Format(sex), word => SexConverter.Read(word));
        // Batch inference answers a passenger once, whoever runs it and however often.
        predictions.HasIndex(p => p.PassengerId).IsUnique().HasFilter("passenger_id is not null");
        predictions.HasIndex(p => new { p.LogicalDate, p.PredictionId });
        predictions.HasIndex(p => new { p.Source, p.PredictionId });
        // Only pipelines have runs, and only passengers of the stream are looked for by version: online answers need not pay for these.
        predictions.HasIndex(p => p.RunId).HasFilter("run_id is not null");
        predictions.HasIndex(p => new { p.ModelName, p.ModelVersion }).HasFilter("passenger_id is not null");
        // That the version exists is checked by statement, not by row: see the migration AnswerLog.
    }
}
