using System.Text;
using Parquet;
using Parquet.Schema;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Exports a stored training dataset as a file with the columns source, source key, features, label, held out and fold, and for a dataset by
/// person the person key, in canonical order. The same rows have the same bytes in every database. Rows are streamed; the digest is verified after the last row. If a
/// method throws, the caller must abort the download, because the bytes written before are not verified.
/// </summary>
public sealed class TrainingDatasetExport(TrainingDatasets datasets)
{
    private const string Source = TrainingSnapshot.Source, SourceKey = TrainingSnapshot.SourceKey, HeldOut = TrainingSnapshot.HeldOut, Fold = TrainingSnapshot.Fold,
        PersonKey = TrainingSnapshot.PersonKey;

    /// <summary>Writes the format of <see cref="TrainingSnapshot"/>.</summary>
    /// <exception cref="InvalidDataException">Thrown after the last row: the digest of the rows differs from the stored digest.</exception>
    public async Task WriteCsv(TrainingDataset dataset, Stream output, CancellationToken cancellation)
    {
        await using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        await text.WriteLineAsync(TrainingSnapshot.Header(TrainingDatasetDefinition.Of(dataset).View.Schema, dataset.IsByPerson));
        var line = new StringBuilder();
        await foreach (var row in datasets.VerifiedRows(dataset, cancellation))
            await text.WriteLineAsync(TrainingSnapshot.AppendRow(line.Clear(), row), cancellation);
    }

    private const int RowsPerGroup = 20_000;

    /// <summary>
    /// Writes an Apache Parquet file. Features are INT32 or DOUBLE, label and held out are BOOLEAN, the fold is INT32, the person key is INT64. The key-value
    /// metadata has the view and the SHA-256 of the dataset.
    /// </summary>
    /// <exception cref="InvalidDataException">Thrown after the last row: the digest of the rows differs from the stored digest.</exception>
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
            .. dataset.IsByPerson ? (DataField[])[new DataField<long>(PersonKey)] : [],
        ];
        using var bytes = new RowGroupBuffer();
        await using (var file = await ParquetWriter.CreateAsync(new ParquetSchema(columns), bytes, cancellationToken: cancellation))
        {
            file.CustomMetadata = new Dictionary<string, string> { ["view"] = $"{dataset.ViewName} v{dataset.ViewVersion}", ["sha256"] = dataset.Sha256 };
            await foreach (var rows in datasets.VerifiedRows(dataset, cancellation).Chunk(RowsPerGroup).WithCancellation(cancellation))
            {
                await WriteGroup(file, columns, features.Count, rows, cancellation);
                await bytes.FlushTo(output, cancellation);
            }
        }
        // The footer. A file that fails the verification has no footer, so no reader can open it.
        await bytes.FlushTo(output, cancellation);
    }

    private static async Task WriteGroup(ParquetWriter file, DataField[] columns, int features, TrainingRow[] rows, CancellationToken cancellation)
    {
        using var group = file.CreateRowGroup();
        await group.WriteAsync(columns[0], [.. rows.Select(row => row.Source)]);
        await group.WriteAsync(columns[1], [.. rows.Select(row => row.SourceKey)]);
        for (var feature = 0; feature < features; feature++)
        {
            var column = columns[feature + 2];
            var values = rows.Select(row => row.Features[feature]);
            if (column is DataField<int>)
                await group.WriteAsync<int>(column, values.Select(value => (int)value).ToArray(), cancellationToken: cancellation);
            else
                await group.WriteAsync<double>(column, values.ToArray(), cancellationToken: cancellation);
        }
        await group.WriteAsync<bool>(columns[features + 2], rows.Select(row => row.Survived).ToArray(), cancellationToken: cancellation);
        await group.WriteAsync<bool>(columns[features + 3], rows.Select(row => row.IsHeldOut).ToArray(), cancellationToken: cancellation);
        await group.WriteAsync<int>(columns[features + 4], rows.Select(row => row.Fold).ToArray(), cancellationToken: cancellation);
        if (columns.Length > features + 5)
            await group.WriteAsync<long>(columns[features + 5], rows.Select(row => row.PersonKey!.Value).ToArray(), cancellationToken: cancellation);
    }
}

/// <summary>
/// Buffers one row group of the Parquet writer, which flushes synchronously; an HTTP response allows asynchronous writes only. At most
/// one row group is in memory.
/// </summary>
internal sealed class RowGroupBuffer : Stream
{
    private readonly MemoryStream _bytes = new();

    public override bool CanRead => false;
    public override bool CanSeek => false; // so that the writer counts the position itself
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes the buffered bytes to <paramref name="output"/> and clears the buffer.</summary>
    public async Task FlushTo(Stream output, CancellationToken cancellation)
    {
        await output.WriteAsync(_bytes.GetBuffer().AsMemory(0, (int)_bytes.Length), cancellation);
        _bytes.SetLength(0);
    }

    public override void Write(byte[] buffer, int offset, int count) => _bytes.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => _bytes.Write(buffer);

    public override void Flush()
    {
        // The bytes are written to the output after the row group is complete.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _bytes.Dispose();
        base.Dispose(disposing);
    }
}
