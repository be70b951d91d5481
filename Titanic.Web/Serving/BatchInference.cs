using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>
/// Predicts every passenger of the stream who has no prediction yet, however long ago they came. The model is asked once for each
/// different input, and PostgreSQL joins its answers to the passengers: for a finite view that is the decision table.
/// </summary>
public sealed partial class BatchInference(ChampionInMemory champion, NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>So many are answered in one transaction, by one version.</summary>
    private const int ChunkRows = 100_000;

    /// <param name="through">Passengers of later days wait for their own run.</param>
    /// <returns>How many were predicted, and by which version (null when there was nobody to predict).</returns>
    /// <exception cref="NoChampionException">There is somebody to predict and nothing in service.</exception>
    public async Task<(int Predicted, int? ModelVersion)> PredictUnpredicted(DateOnly through, long? runId, CancellationToken cancellation)
    {
        var predicted = 0;
        int? version = null;
        int waiting;
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        do
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            waiting = await Execute(connection, CollectWaiting, cancellation, ("streams", PassengerSources.Streams.ToArray()), ("end", EndOf(through)), ("chunk", ChunkRows));
            if (waiting > 0)
            {
                var model = await champion.Reload(cancellation) ?? throw new NoChampionException(champion.Alarm);
                await Answer(connection, model, runId, cancellation);
                (predicted, version) = (predicted + waiting, model.Version);
            }
            await transaction.CommitAsync(cancellation);
        }
        while (waiting == ChunkRows);
        return (predicted, version);
    }

    /// <summary>
    /// The newest commit that may be learned: no passenger of the stream in it, or before it, still waits for a prediction.
    /// Null while there is none.
    /// </summary>
    public async Task<long?> NewestLearnableCommit(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(FindNewestLearnableCommit);
        Add(command, ("streams", PassengerSources.Streams.ToArray()), ("end", EndOf(DateOnly.MaxValue.AddDays(-1))));
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    private async Task Answer(NpgsqlConnection connection, ServedModel model, long? runId, CancellationToken cancellation)
    {
        await Execute(connection, NumberInputs(model.View), cancellation);
        var answers = await BatchAnswer.ToAll(model, await ReadInputs(connection, model.View, cancellation), cancellation);
        await BatchAnswer.Copy(connection, answers, cancellation);
        await Execute(
            connection, StorePredictions, cancellation,
            ("now", clock.GetUtcNow()), ("source", PredictionSources.Batch), ("name", ModelRegistry.ModelName), ("version", model.Version),
            ("dataset", (object?)model.TrainingDatasetId ?? DBNull.Value), ("known_before", (object?)model.Origin?.Dataset.KnownBefore.ToUniversalTime() ?? DBNull.Value),
            ("sources", (object?)model.Origin?.Dataset.Sources.ToArray() ?? DBNull.Value), ("run", (object?)runId ?? DBNull.Value));
    }

    private static async Task<List<double[]>> ReadInputs(NpgsqlConnection connection, ITrainingView view, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(SelectInputs(view), connection);
        var inputs = new List<double[]>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            inputs.Add(view.ReadPoint(reader, 1));
        return inputs;
    }

    private static DateTimeOffset EndOf(DateOnly day) => FeatureReader.StartOf(day.AddDays(1));

    private static async Task<int> Execute(NpgsqlConnection connection, string sql, CancellationToken cancellation, params (string Name, object Value)[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        Add(command, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static void Add(NpgsqlCommand command, params (string Name, object Value)[] values)
    {
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
    }
}
