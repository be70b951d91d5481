using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>Reads the rows of the drift detectors: training rows of the reference, live predictions, and outcomes in the order of arrival.</summary>
public sealed class DriftRows(TitanicDb db, ModelRegistry registry)
{
    /// <summary>The newest commit, and the newest prediction of batch inference; 0 where there is none.</summary>
    public async Task<(long CommitId, long PredictionId)> Newest(CancellationToken cancellation) => (
        await db.Commits.MaxAsync(commit => (long?)commit.CommitId, cancellation) ?? 0,
        await db.Predictions.Where(p => p.PassengerId != null).MaxAsync(p => (long?)p.PredictionId, cancellation) ?? 0);

    /// <summary>The training rows of a version by feature and category; empty for an imported version, whose rows are not in this store.</summary>
    public async Task<IReadOnlyDictionary<string, long[]>> ReadReference(ModelVersion version, CancellationToken cancellation)
    {
        if (version.TrainingDatasetId is not { } id)
            return new Dictionary<string, long[]>();
        var dataset = await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == id, cancellation);
        var model = Load(version);
        var counts = MonitoredFeature.All.ToDictionary(feature => feature.Name, feature => new long[feature.Categories.Count]);
        await using var command = CreateCommand(
            $"""
            select p.pclass, p.sex, p.age, p.fare, o.survived, count(*)
            {TrainingDatasets.LabeledPassengers}
            group by 1, 2, 3, 4, 5
            """);
        TrainingDatasets.AddParameters(command.Parameters, TrainingDatasetDefinition.Of(dataset));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = ReadRow(reader, model) with { Survived = reader.GetBoolean(4) };
            foreach (var feature in MonitoredFeature.All)
                counts[feature.Name][feature.CategoryOf(row)] += reader.GetInt64(5);
        }
        return counts;
    }

    /// <summary>The rows of one look.</summary>
    public async Task<DriftWindow> Read(DriftRange range, CancellationToken cancellation)
    {
        var version = await registry.Find(range.Period.ModelVersion, cancellation);
        var model = Load(version!);
        var predicted = new List<MonitoredRow>();
        await using (var command = CreateCommand(
            """
            select p.pclass, p.sex, p.age, p.fare from predictions p
            join passengers x on x.passenger_id = p.passenger_id and x.commit_id <= @as_of and (x.superseded_by is null or x.superseded_by > @as_of)
            where p.passenger_id is not null and p.is_live and p.prediction_id > @after_prediction and p.prediction_id <= @last_prediction
            order by p.prediction_id
            """, range))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                predicted.Add(ReadRow(reader, model));
        }

        var labeled = new List<LabeledRow>();
        await using (var command = CreateCommand(
            $"""
            with arrived as (
                select p.*, o.survived as outcome, o.commit_id as outcome_commit, o.known_at
                from predictions p {FirstOutcome}
                where p.passenger_id is not null and p.is_live and p.prediction_id > @after_prediction and p.prediction_id <= @last_prediction
                union all
                select p.*, o.survived, o.commit_id, o.known_at
                from (select distinct passenger_id from outcomes where commit_id > @after_commit and commit_id <= @as_of) new
                join predictions p on p.passenger_id = new.passenger_id {FirstOutcome}
                where p.is_live and p.prediction_id > @uncounted_prediction and p.prediction_id <= @after_prediction and o.commit_id > @after_commit
            )
            select pclass, sex, age, fare, outcome, survived = outcome, (known_at at time zone 'UTC')::date - logical_date from arrived order by outcome_commit, prediction_id
            """, range))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                labeled.Add(new(ReadRow(reader, model) with { Survived = reader.GetBoolean(4) }, reader.GetBoolean(5), reader.GetInt32(6)));
        }
        return new(predicted, labeled, range.AsOfCommitId, range.LastPredictionId);
    }

    /// <summary>
    /// The first version of an outcome: a correction does not count again. Passengers and outcomes that are deleted as of the look do not count.
    /// </summary>
    private const string FirstOutcome =
        """
        join passengers x on x.passenger_id = p.passenger_id and x.commit_id <= @as_of and (x.superseded_by is null or x.superseded_by > @as_of)
        join outcomes y on y.passenger_id = p.passenger_id and y.commit_id <= @as_of and (y.superseded_by is null or y.superseded_by > @as_of)
        join lateral (
            select f.survived, f.commit_id, f.known_at from outcomes f
            where f.passenger_id = p.passenger_id and f.commit_id <= @as_of
            order by f.commit_id limit 1) o on true
        """;

    private static ITrainedModel Load(ModelVersion version)
    {
        version.RequireRegisteredBytes();
        return LearnerCatalog.Load(version.Algorithm, version.Artifact);
    }

    /// <summary>The row with the prediction of the reference model, not of the version that predicted it: versions differ without drift.</summary>
    private static MonitoredRow ReadRow(NpgsqlDataReader row, ITrainedModel model)
    {
        var (pclass, sex) = (row.GetInt16(0), SexConverter.Parse(row.GetString(1)));
        double? age = row.IsDBNull(2) ? null : row.GetDouble(2), fare = row.IsDBNull(3) ? null : row.GetDouble(3);
        var probability = model.Predict(model.Trainer.View.Encode(pclass, sex, age, fare)).Probability;
        return new(BinnedEncoder.Encode(pclass, sex, age, fare), fare is null, probability, Survived: false);
    }

    private NpgsqlCommand CreateCommand(string sql) => new(sql, (NpgsqlConnection)db.Database.GetDbConnection());

    private NpgsqlCommand CreateCommand(string sql, DriftRange range)
    {
        var command = CreateCommand(sql);
        command.Parameters.AddWithValue("uncounted_prediction", range.Period.LastUncountedPredictionId);
        command.Parameters.AddWithValue("after_prediction", range.AfterPredictionId);
        command.Parameters.AddWithValue("last_prediction", range.LastPredictionId);
        command.Parameters.AddWithValue("after_commit", range.AfterCommitId);
        command.Parameters.AddWithValue("as_of", range.AsOfCommitId);
        return command;
    }
}

/// <summary>The rows of a look: those that arrived since the previous look, up to a commit and a prediction.</summary>
public sealed record DriftRange(DriftPeriod Period, DriftLook? Previous, long AsOfCommitId, long LastPredictionId)
{
    public long AfterPredictionId => Previous?.LastPredictionId ?? Period.LastPredictionId;
    public long AfterCommitId => Previous?.AsOfCommitId ?? Period.AsOfCommitId;
}

/// <param name="Predicted">New live predictions, in the order of prediction.</param>
/// <param name="Labeled">Live predictions whose first outcome is new, in the order of arrival.</param>
public sealed record DriftWindow(IReadOnlyList<MonitoredRow> Predicted, IReadOnlyList<LabeledRow> Labeled, long AsOfCommitId, long LastPredictionId);

/// <param name="IsCorrect">Whether the prediction that was served is correct.</param>
/// <param name="DelayDays">Days from the passenger's logical date to the day on which the outcome became known.</param>
public sealed record LabeledRow(MonitoredRow Row, bool IsCorrect, int DelayDays);
