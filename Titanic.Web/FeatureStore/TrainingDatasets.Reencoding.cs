using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

public sealed partial class TrainingDatasets
{
    /// <summary>
    /// Encodes the raw values of a dataset's rows once more, since a view may read codes that were stored with the rows when they came: raw
    /// values that were rewritten afterwards no longer lead to what the model learned.
    /// </summary>
    /// <returns>How many rows are encoded otherwise than their values say, and the first of them ("titanic3 17"), in canonical order.</returns>
    public async Task<(int Rows, string? First)> FindEncodingMismatches(TrainingDatasetDefinition definition, CancellationToken cancellation)
    {
        await using var command = Query(
            $"""
            select p.source || ' ' || p.source_key, p.pclass, p.sex, p.age, p.fare, {definition.View.Columns}
            {LabelledPassengers}
            order by p.source, p.source_key
            """, definition);
        var (rows, first) = (0, (string?)null);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var encoded = definition.View.Encode(
                reader.GetInt16(1), SexConverter.Read(reader.GetString(2)),
                reader.IsDBNull(3) ? null : reader.GetDouble(3), reader.IsDBNull(4) ? null : reader.GetDouble(4));
            if (encoded.AsSpan().SequenceEqual(definition.View.ReadPoint(reader, 5)))
                continue;
            rows++;
            first ??= reader.GetString(0);
        }
        return (rows, first);
    }
}
