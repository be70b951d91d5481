using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Training;

namespace Titanic.Web.Serving;

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
