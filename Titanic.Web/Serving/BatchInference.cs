using Npgsql;
using NpgsqlTypes;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Serving;

/// <summary>
/// Batch inference: predicts every passenger of the stream who has no prediction yet, of any earlier day. The model predicts each distinct
/// input once, and PostgreSQL joins the predictions to the passengers. For a finite view there are at most as many inputs as points.
/// </summary>
public sealed class BatchInference(ChampionCache champion, NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>The maximum number of passengers that one transaction predicts, with one model version.</summary>
    private const int ChunkRows = 100_000;

    /// <summary>Stores a prediction of the champion for each passenger without one.</summary>
    /// <param name="through">The last day to predict. Passengers of later days are left to the run of their own day.</param>
    /// <param name="runId">The pipeline run, stored with each prediction; null outside a run.</param>
    /// <param name="cancellation">Cancels the inference; the predictions of complete chunks stay.</param>
    /// <param name="progress">Counts the predicted passengers.</param>
    /// <returns>The number of predicted passengers and the version that predicted last; null where no passenger was predicted.</returns>
    /// <exception cref="NoChampionException">There are passengers to predict, and no champion can serve.</exception>
    public async Task<(int Predicted, int? ModelVersion)> PredictUnpredicted(DateOnly through, long? runId, CancellationToken cancellation, StepProgress? progress = null)
    {
        var predicted = 0;
        int? version = null;
        int collected;
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        do
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            collected = await Execute(
                connection, CollectUnpredicted, cancellation,
                ("streams", PassengerSources.Streams.ToArray()), ("end", EndOf(through)), ("chunk", ChunkRows));
            if (collected > 0)
            {
                var model = await champion.Reload(cancellation) ?? throw new NoChampionException(champion.Alarm);
                await PredictChunk(connection, model, runId, cancellation);
                (predicted, version) = (predicted + collected, model.Version);
            }
            await transaction.CommitAsync(cancellation);
            progress?.Add(collected);
            if (collected > 0)
                PredictionTelemetry.Count(PredictionSources.Batch, version!.Value, collected);
        }
        while (collected == ChunkRows);
        return (predicted, version);
    }

    /// <summary>
    /// The newest commit that training may read: every passenger of the stream in it, and in all earlier commits, has a prediction.
    /// Training on a later commit would make the predictions of its passengers in-sample. Null while there is no such commit.
    /// </summary>
    public async Task<long?> NewestTrainableCommit(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(FindNewestTrainableCommit);
        AddUnpredictedParameters(command);
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    /// <summary>Adds the parameters of <see cref="Unpredicted"/> for passengers of any day.</summary>
    internal static void AddUnpredictedParameters(NpgsqlCommand command) =>
        Add(command, ("streams", PassengerSources.Streams.ToArray()), ("end", EndOf(DateOnly.MaxValue.AddDays(-1))));

    private async Task PredictChunk(NpgsqlConnection connection, LoadedModel model, long? runId, CancellationToken cancellation)
    {
        await Execute(connection, NumberInputs(model.View), cancellation);
        var predictions = await BatchPrediction.PredictAll(model, await ReadInputs(connection, model.View, cancellation), cancellation);
        await BatchPrediction.Copy(connection, predictions, cancellation);
        await Execute(
            connection, StorePredictions, cancellation,
            ("now", clock.GetUtcNow()), ("source", PredictionSources.Batch), ("name", ModelRegistry.ModelName), ("version", model.Version),
            ("run", (object?)runId ?? DBNull.Value));
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

    private static async Task<int> Execute(
        NpgsqlConnection connection, string sql, CancellationToken cancellation, params (string Name, object Value)[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 }; // a chunk can take longer than a usual command on a busy machine
        Add(command, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static void Add(NpgsqlCommand command, params (string Name, object Value)[] values)
    {
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
    }

    /// <summary>
    /// The passengers of the stream without a prediction, <c>p</c>, with an event time before <c>@end</c>. <c>@streams</c> are
    /// <see cref="PassengerSources.Streams"/>.
    /// </summary>
    internal const string Unpredicted =
        """
        from passengers p
        where p.superseded_by is null and p.source = any (@streams) and p.event_time < @end
          and not exists (select from predictions x where x.passenger_id = p.passenger_id)
        """;

    /// <summary>
    /// The commit of a passenger's first row version. It may contain the outcome, so training may not read it before the prediction.
    /// </summary>
    internal const string FirstCommit = "(select min(earlier.commit_id) from passengers earlier where earlier.passenger_id = p.passenger_id)";

    private const string FindNewestTrainableCommit =
        $"""
        select max(commit_id) from commits
        where commit_id < coalesce((select min({FirstCommit}) {Unpredicted}), 9223372036854775807)
        """;

    private const string CollectUnpredicted =
        $"""
        create temp table unpredicted (passenger_id bigint, commit_id bigint, first_commit_id bigint) on commit drop;
        insert into unpredicted select p.passenger_id, p.commit_id, {FirstCommit} {Unpredicted} order by p.passenger_id limit @chunk
        """;

    /// <summary>Numbers the distinct inputs 1, 2, 3 …: passengers with equal values share a number, and missing values are equal.</summary>
    private static string NumberInputs(ITrainingView view) =>
        $"""
        create temp table numbered on commit drop as
        select u.*, dense_rank() over (order by {view.SqlColumns}) as input from unpredicted u join passengers p using (passenger_id, commit_id)
        """;

    private static string SelectInputs(ITrainingView view) =>
        $"""
        select distinct n.input, {view.SqlColumns} from numbered n join passengers p using (passenger_id, commit_id) order by n.input
        """;

    private static readonly string StorePredictions =
        $"""
        insert into predictions (
            created_at, source, passenger_id, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, model_version,
            survived, probability, survivors, neighbors, is_live, run_id)
        select @now, @source, n.passenger_id, (p.event_time at time zone 'UTC')::date, p.pclass, p.sex, p.age, p.fare, b.point_code, b.encoded, @name, @version,
               b.survived, b.probability, b.survivors, b.neighbors, {LiveStatus.ConditionWith("n.first_commit_id")}, @run::bigint
        from numbered n
        join passengers p using (passenger_id, commit_id)
        join batch_predictions b using (input)
        join {LiveStatus.LearnedByVersion} m on m.name = @name and m.version = @version
        order by n.passenger_id
        """;
}

/// <summary>The prediction of a model for one distinct input of a batch; a row of the temporary table <c>batch_predictions</c>.</summary>
/// <param name="Point">The encoded input, in the order of the view's features.</param>
/// <param name="Code">The index of <paramref name="Point"/> among the points of a finite view; null for any other view.</param>
/// <param name="Prediction">The predicted class with its probability and votes.</param>
internal readonly record struct BatchPrediction(double[] Point, short? Code, ClassPrediction Prediction)
{
    private const string CreateTable =
        """
        create temp table batch_predictions (
            input bigint, point_code smallint, encoded double precision[], survived boolean, probability double precision, survivors integer, neighbors integer)
        on commit drop
        """;

    private const string CopyIn =
        "copy batch_predictions (input, point_code, encoded, survived, probability, survivors, neighbors) from stdin (format binary)";

    /// <summary>
    /// Predicts all inputs, in their order. Uses all cores, because a view without a decision table needs a search per input.
    /// </summary>
    public static async Task<BatchPrediction[]> PredictAll(LoadedModel model, List<double[]> inputs, CancellationToken cancellation)
    {
        var predictions = new BatchPrediction[inputs.Count];
        await Task.Run(
            () => Parallel.For(0, inputs.Count, new ParallelOptions { CancellationToken = cancellation }, input =>
                predictions[input] = new BatchPrediction(inputs[input], model.View.CodeOf(inputs[input]), model.Predict(inputs[input]))),
            cancellation);
        return predictions;
    }

    /// <summary>Creates the temporary table <c>batch_predictions</c> and fills it; inputs are numbered 1, 2, 3 …</summary>
    public static async Task Copy(NpgsqlConnection connection, BatchPrediction[] predictions, CancellationToken cancellation)
    {
        await using (var create = new NpgsqlCommand(CreateTable, connection))
            await create.ExecuteNonQueryAsync(cancellation);
        await using var copy = await connection.BeginBinaryImportAsync(CopyIn, cancellation);
        for (var input = 0; input < predictions.Length; input++)
        {
            await copy.StartRowAsync(cancellation);
            copy.Write(input + 1L, NpgsqlDbType.Bigint);
            predictions[input].WriteTo(copy);
        }
        await copy.CompleteAsync(cancellation);
    }

    private void WriteTo(NpgsqlBinaryImporter copy)
    {
        if (Code is { } code)
        {
            copy.Write(code, NpgsqlDbType.Smallint);
            copy.WriteNull();
        }
        else
        {
            copy.WriteNull();
            copy.Write(Point, NpgsqlDbType.Array | NpgsqlDbType.Double);
        }
        copy.Write(Prediction.Survived, NpgsqlDbType.Boolean);
        copy.Write(Prediction.Probability, NpgsqlDbType.Double);
        copy.Write(Prediction.Survivors, NpgsqlDbType.Integer);
        copy.Write(Prediction.Neighbors, NpgsqlDbType.Integer);
    }
}
