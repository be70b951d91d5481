using NpgsqlTypes;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

public sealed partial class TrainingDatasets
{
    /// <summary>
    /// The same rows as those of the dataset, but only people of the historical list, found by an index of their own: nobody else is named
    /// anywhere. The newest outcome that had been stored and was known by then is looked up passenger by passenger.
    /// </summary>
    private const string HistoricalPassengers =
        $"""
        from training_datasets d
        join passengers p on p.source = '{PassengerSources.Titanic3}' and p.source = any (d.sources)
         and p.commit_id <= d.as_of_commit_id and (p.superseded_by is null or p.superseded_by > d.as_of_commit_id)
        cross join lateral (
            select o.survived from outcomes o
            where o.passenger_id = p.passenger_id and o.commit_id <= d.as_of_commit_id and o.known_at < d.known_before
            order by o.commit_id desc limit 1) o
        where d.training_dataset_id = @dataset and (p.pclass, p.sex) in (select * from unnest(@classes, @sexes))
        order by p.passenger_id
        """;

    /// <summary>The people of the historical list whom a dataset holds, of some classes and sexes, in the order of the list.</summary>
    /// <param name="view">The dataset's.</param>
    public async Task<IReadOnlyList<HistoricalRow>> HistoricalRows(
        long trainingDatasetId, ITrainingView view, IReadOnlyCollection<(int Pclass, Sex Sex)> kinds, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand($"select p.source_key, p.name, o.survived, p.pclass, p.sex, p.age, p.fare, {view.Columns} {HistoricalPassengers}");
        command.Parameters.AddWithValue("dataset", trainingDatasetId);
        command.Parameters.AddWithValue("classes", NpgsqlDbType.Array | NpgsqlDbType.Smallint, kinds.Select(kind => (short)kind.Pclass).ToArray());
        command.Parameters.AddWithValue("sexes", kinds.Select(kind => SexConverter.Format(kind.Sex)).ToArray());
        var people = new List<HistoricalRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            people.Add(new HistoricalRow(
                reader.GetString(0), reader.IsDBNull(1) ? "" : reader.GetString(1), reader.GetBoolean(2), reader.GetInt16(3), SexConverter.Read(reader.GetString(4)),
                reader.IsDBNull(5) ? null : reader.GetDouble(5), reader.IsDBNull(6) ? null : reader.GetDouble(6), view.ReadPoint(reader, 7)));
        }
        return people;
    }
}

/// <summary>A person of the historical list as a training dataset holds them.</summary>
/// <param name="Features">The encoded values in the order of the view's features.</param>
public sealed record HistoricalRow(
    string SourceKey, string Name, bool Survived, int Pclass, Sex Sex, double? AgeInYears, double? FareInPounds, double[] Features);
