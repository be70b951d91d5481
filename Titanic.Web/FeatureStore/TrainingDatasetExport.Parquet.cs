using Parquet;
using Parquet.Schema;

namespace Titanic.Web.FeatureStore;

public sealed partial class TrainingDatasetExport
{
    private const int RowsPerGroup = 20_000;

    /// <summary>Features by their types; outcome and side are booleans. The key-value metadata tell the dataset.</summary>
    /// <exception cref="InvalidDataException">After the last row: these are not the rows that the dataset's digest was taken of.</exception>
    public async Task WriteParquet(TrainingDataset dataset, Stream output, CancellationToken cancellation)
    {
        var features = TrainingDatasetDefinition.Of(dataset).View.Schema.Features;
        DataField[] columns =
        [
            new DataField<string>(Source, nullable: false),
            new DataField<string>(SourceKey, nullable: false),
            .. features.Select(feature => (DataField)(feature.Type == ViewFeature.Integer ? new DataField<int>(feature.Name) : new DataField<double>(feature.Name))),
            new DataField<bool>(FeatureViewSchema.Label),
            new DataField<bool>(HeldOut),
            new DataField<int>(Fold),
        ];
        using var bytes = new GroupBuffer();
        await using (var file = await ParquetWriter.CreateAsync(new ParquetSchema(columns), bytes, cancellationToken: cancellation))
        {
            file.CustomMetadata = new Dictionary<string, string> { ["view"] = $"{dataset.ViewName} v{dataset.ViewVersion}", ["sha256"] = dataset.Sha256 };
            await foreach (var rows in datasets.VerifiedRows(dataset, cancellation).Chunk(RowsPerGroup).WithCancellation(cancellation))
            {
                await WriteGroup(file, columns, rows, cancellation);
                await bytes.SendTo(output, cancellation);
            }
        }
        // Without what stands here no reader takes the file: one that fails the check stays unreadable.
        await bytes.SendTo(output, cancellation);
    }

    private static async Task WriteGroup(ParquetWriter file, DataField[] columns, TrainingRow[] rows, CancellationToken cancellation)
    {
        using var group = file.CreateRowGroup();
        await group.WriteAsync(columns[0], [.. rows.Select(row => row.Source)]);
        await group.WriteAsync(columns[1], [.. rows.Select(row => row.SourceKey)]);
        for (var feature = 0; feature < columns.Length - 5; feature++)
        {
            var column = columns[feature + 2];
            var values = rows.Select(row => row.Features[feature]);
            if (column is DataField<int>)
                await group.WriteAsync<int>(column, values.Select(value => (int)value).ToArray(), cancellationToken: cancellation);
            else
                await group.WriteAsync<double>(column, values.ToArray(), cancellationToken: cancellation);
        }
        await group.WriteAsync<bool>(columns[^3], rows.Select(row => row.Survived).ToArray(), cancellationToken: cancellation);
        await group.WriteAsync<bool>(columns[^2], rows.Select(row => row.IsHeldOut).ToArray(), cancellationToken: cancellation);
        await group.WriteAsync<int>(columns[^1], rows.Select(row => row.Fold).ToArray(), cancellationToken: cancellation);
    }
}
