using System.Globalization;
using Npgsql;

namespace Titanic.Web.FeatureStore;

public sealed partial class TrainingDatasets
{
    /// <summary>How many passengers two datasets share, and how many only one of them holds. Counted by PostgreSQL; no row travels.</summary>
    public async Task<DatasetDifference> Difference(TrainingDataset first, TrainingDataset second, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            $"""
            with first as (select p.passenger_id, p.commit_id, o.survived {LabelledPassengers.Replace("@", "@first_", StringComparison.Ordinal)}),
            second as (select p.passenger_id, p.commit_id, o.survived {LabelledPassengers.Replace("@", "@second_", StringComparison.Ordinal)})
            select count(*) filter (where second.passenger_id is null), count(*) filter (where first.passenger_id is null),
                   count(*) filter (where first.passenger_id = second.passenger_id and (first.commit_id, first.survived) = (second.commit_id, second.survived)),
                   count(*) filter (where first.passenger_id = second.passenger_id and (first.commit_id, first.survived) <> (second.commit_id, second.survived))
            from first full join second on first.passenger_id = second.passenger_id
            """);
        Add(command, "first_", first);
        Add(command, "second_", second);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new DatasetDifference(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    private static void Add(NpgsqlCommand command, string prefix, TrainingDataset dataset)
    {
        command.Parameters.AddWithValue($"{prefix}as_of", dataset.AsOfCommitId);
        command.Parameters.AddWithValue($"{prefix}known_before", dataset.KnownBefore);
        command.Parameters.AddWithValue($"{prefix}sources", dataset.Sources);
    }
}

/// <summary>Passengers of two training datasets.</summary>
/// <param name="Changed">In both, but with another row version or another outcome.</param>
public sealed record DatasetDifference(long OnlyFirst, long OnlySecond, long Same, long Changed)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Same:#,##0} rows are the same in both, {OnlyFirst:#,##0} are only in the first, {OnlySecond:#,##0} only in the second, {Changed:#,##0} were corrected in between.");
}
