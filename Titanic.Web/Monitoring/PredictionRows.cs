using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>Predictions with what happened, newest first, and how many there are.</summary>
public sealed class PredictionRows(TitanicDb db, NpgsqlDataSource postgres)
{
    /// <param name="before">Only predictions with a smaller id: where the page before ended.</param>
    public async Task<IReadOnlyList<PredictionWithOutcome>> Read(PredictionFilter filter, long? before, int rows, CancellationToken cancellation)
    {
        var found = new List<(long Id, bool? Survived)>(rows);
        await using (var command = postgres.CreateCommand(PredictionSql.Page(filter, before, rows)))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                found.Add((reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetBoolean(1)));
        }
        long[] ids = [.. found.Select(row => row.Id)];
        var predictions = await db.Predictions.AsNoTracking().Where(prediction => ids.Contains(prediction.PredictionId)).ToDictionaryAsync(prediction => prediction.PredictionId, cancellation);
        return [.. found.Select(row => new PredictionWithOutcome(predictions[row.Id], row.Survived))];
    }

    /// <summary>At most <see cref="PredictionSql.MostCounted"/>.</summary>
    public async Task<long> Count(PredictionFilter filter, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(PredictionSql.Count(filter));
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}

/// <param name="Survived">What happened; null while it is not known, and for questions about nobody in particular.</param>
public sealed record PredictionWithOutcome(Prediction Prediction, bool? Survived);
