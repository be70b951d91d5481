using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>
/// Reads the live predictions of a version with their labels, for passengers of the stream whose outcome is known. The live status is evaluated
/// by <see cref="LiveStatus"/>, because a correction may have changed it since the prediction.
/// </summary>
public sealed class LivePredictions(NpgsqlDataSource postgres)
{
    /// <summary>
    /// The maximum number of predictions that are read, so that the cost stays bounded; the newest are the relevant ones.
    /// </summary>
    public const int MaximumRows = 1000;

    private static readonly string SelectNewest =
        $"""
        select a.pclass, a.sex, a.age, a.fare, {PersonSplit.FoldSql}, a.survived, a.probability, o.survived, a.logical_date
        from predictions a
        join passengers p on p.passenger_id = a.passenger_id and p.superseded_by is null
        join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
        join {LiveStatus.LearnedByVersion} m on m.name = a.model_name and m.version = a.model_version
        where a.model_name = @model and a.model_version = @version and {LiveStatus.Condition}
          and p.commit_id <= @as_of and o.commit_id <= @as_of and o.known_at < @known_before and p.event_time >= @event_time_from
        order by a.prediction_id desc limit @most
        """;

    /// <param name="version">The model version that predicted.</param>
    /// <param name="definition">Limits passengers and outcomes to its event times, commit and label cutoff, so that no later outcome is used.</param>
    /// <param name="cancellation">Cancels the query.</param>
    /// <returns>At most <see cref="MaximumRows"/> predictions, newest first.</returns>
    public async Task<IReadOnlyList<LivePrediction>> Of(int version, TrainingDatasetDefinition definition, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(SelectNewest);
        PersonSplit.AddFoldParameters(command.Parameters);
        command.Parameters.AddWithValue("model", ModelRegistry.ModelName);
        command.Parameters.AddWithValue("version", version);
        command.Parameters.AddWithValue("most", MaximumRows);
        command.Parameters.AddWithValue("as_of", definition.AsOfCommitId);
        command.Parameters.AddWithValue("known_before", definition.KnownBefore.ToUniversalTime());
        command.Parameters.AddWithValue("event_time_from", definition.FirstEventTime);
        var predictions = new List<LivePrediction>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            predictions.Add(new LivePrediction(
                reader.GetInt16(0), SexConverter.Parse(reader.GetString(1)),
                reader.IsDBNull(2) ? null : reader.GetDouble(2), reader.IsDBNull(3) ? null : reader.GetDouble(3),
                reader.GetInt32(4), reader.GetBoolean(5), reader.GetDouble(6), reader.GetBoolean(7),
                reader.GetFieldValue<DateOnly>(8)));
        }
        return predictions;
    }
}

/// <summary>A live prediction of the stream with its label: the input, the prediction and the outcome.</summary>
/// <param name="Fold">The cross-validation fold of the person; see <see cref="PersonSplit.FoldOf"/>.</param>
/// <param name="PredictedSurvived">The predicted class: true for survived.</param>
/// <param name="Probability">The predicted probability of survival, 0 to 1.</param>
/// <param name="Survived">The outcome.</param>
/// <param name="LogicalDate">The day (UTC) of the passenger's event time.</param>
public sealed record LivePrediction(
    int Pclass, Sex Sex, double? AgeInYears, double? FareInPounds, int Fold, bool PredictedSurvived, double Probability, bool Survived,
    DateOnly LogicalDate);
