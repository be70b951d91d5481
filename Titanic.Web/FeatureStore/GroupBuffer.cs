namespace Titanic.Web.FeatureStore;

/// <summary>
/// Where the Parquet writer writes one group of rows: it flushes synchronously, which an HTTP response refuses. What is here goes on
/// by <see cref="SendTo"/>, so no more than a group is ever in memory.
/// </summary>
internal sealed class GroupBuffer : Stream
{
    private readonly MemoryStream _bytes = new();

    public override bool CanRead => false;
    public override bool CanSeek => false; // so the writer counts for itself how far the file has come
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public async Task SendTo(Stream output, CancellationToken cancellation)
    {
        await output.WriteAsync(_bytes.GetBuffer().AsMemory(0, (int)_bytes.Length), cancellation);
        _bytes.SetLength(0);
    }

    public override void Write(byte[] buffer, int offset, int count) => _bytes.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => _bytes.Write(buffer);

    public override void Flush()
    {
        // There is nowhere to flush to before the group is complete.
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
