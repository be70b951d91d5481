using Npgsql;
using NpgsqlTypes;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Serving;

/// <summary>
/// Predicts every passenger of the stream who has no prediction yet, however long ago they came. The model is asked once for each
/// different input, and PostgreSQL joins its answers to the passengers: for a finite view that is the decision table.
/// </summary>
public sealed class BatchInference(ChampionInMemory champion, NpgsqlDataSource postgres, TimeProvider clock)
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

    /// <summary>Everybody of the stream without a prediction.</summary>
    private const string Unpredicted =
        """
        from passengers p
        where p.superseded_by is null and p.source = any (@streams) and p.event_time < @end
          and not exists (select from predictions a where a.passenger_id = p.passenger_id)
        """;

    /// <summary>The commit that brought a passenger's first version: an outcome may have come with it.</summary>
    private const string FirstCommit = "(select min(earlier.commit_id) from passengers earlier where earlier.passenger_id = p.passenger_id)";

    private const string FindNewestLearnableCommit =
        $"""
        select max(commit_id) from commits
        where commit_id < coalesce((select min({FirstCommit}) {Unpredicted}), 9223372036854775807)
        """;

    private const string CollectWaiting =
        $"""
        create temp table waiting (passenger_id bigint, commit_id bigint, first_commit_id bigint) on commit drop;
        insert into waiting select p.passenger_id, p.commit_id, {FirstCommit} {Unpredicted} order by p.passenger_id limit @chunk
        """;

    /// <summary>Passengers with equal values share a number, 1, 2, 3 …; a missing value is equal to another.</summary>
    private static string NumberInputs(ITrainingView view) =>
        $"""
        create temp table numbered on commit drop as
        select w.*, dense_rank() over (order by {view.Columns}) as input from waiting w join passengers p using (passenger_id, commit_id)
        """;

    private static string SelectInputs(ITrainingView view) =>
        $"""
        select distinct n.input, {view.Columns} from numbered n join passengers p using (passenger_id, commit_id) order by n.input
        """;

    /// <summary>
    /// Whether the model cannot have learned the passenger. Rows that came with an archive are not of this store, but two stores may have the
    /// same passengers: those that sailed before the rows' cut-off, of a source that they come from, are taken for learned.
    /// </summary>
    private const string IsLive =
        """
        case when d.training_dataset_id is null
             then p.event_time >= @known_before::timestamptz or p.source <> all (@sources::text[])
             else n.first_commit_id > d.as_of_commit_id or p.source <> all (d.sources) end
        """;

    private const string StorePredictions =
        $"""
        insert into predictions (
            created_at, source, passenger_id, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, model_version,
            survived, probability, survivors, neighbors, is_live, run_id)
        select @now, @source, n.passenger_id, (p.event_time at time zone 'UTC')::date, p.pclass, p.sex, p.age, p.fare, a.point_code, a.encoded, @name, @version,
               a.survived, a.probability, a.survivors, a.neighbors, {IsLive}, @run::bigint
        from numbered n
        join passengers p using (passenger_id, commit_id)
        join answers a using (input)
        left join training_datasets d on d.training_dataset_id = @dataset::bigint
        order by n.passenger_id
        """;
}

/// <summary>What a model says to one of the different inputs of a batch.</summary>
internal readonly record struct BatchAnswer(double[] Point, short? Code, ClassPrediction Said)
{
    private const string CreateTable =
        """
        create temp table answers (
            input bigint, point_code smallint, encoded double precision[], survived boolean, probability double precision, survivors integer, neighbors integer)
        on commit drop
        """;

    private const string CopyIn = "copy answers (input, point_code, encoded, survived, probability, survivors, neighbors) from stdin (format binary)";

    /// <summary>On all cores: a search takes longer than a look-up, and there may be as many inputs as passengers.</summary>
    public static async Task<BatchAnswer[]> ToAll(ServedModel model, List<double[]> inputs, CancellationToken cancellation)
    {
        var answers = new BatchAnswer[inputs.Count];
        await Task.Run(
            () => Parallel.For(0, inputs.Count, new ParallelOptions { CancellationToken = cancellation }, input =>
                answers[input] = new BatchAnswer(inputs[input], model.View.CodeOf(inputs[input]), model.Answer(inputs[input]))),
            cancellation);
        return answers;
    }

    /// <summary>Puts them into the temporary table <c>answers</c>, numbered 1, 2, 3 …</summary>
    public static async Task Copy(NpgsqlConnection connection, BatchAnswer[] answers, CancellationToken cancellation)
    {
        await using (var create = new NpgsqlCommand(CreateTable, connection))
            await create.ExecuteNonQueryAsync(cancellation);
        await using var copy = await connection.BeginBinaryImportAsync(CopyIn, cancellation);
        for (var input = 0; input < answers.Length; input++)
        {
            await copy.StartRowAsync(cancellation);
            copy.Write(input + 1L, NpgsqlDbType.Bigint);
            answers[input].WriteTo(copy);
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
        copy.Write(Said.Survived, NpgsqlDbType.Boolean);
        copy.Write(Said.Probability, NpgsqlDbType.Double);
        copy.Write(Said.Survivors, NpgsqlDbType.Integer);
        copy.Write(Said.Neighbors, NpgsqlDbType.Integer);
    }
}
