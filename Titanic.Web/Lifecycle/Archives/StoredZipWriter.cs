using System.Security.Cryptography;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>Writes stored files into an archive, one after another, and then closes it.</summary>
/// <param name="archive">Empty, and to be written anywhere: a header is filled in when its file is known.</param>
internal sealed class StoredZipWriter(Stream archive)
{
    private readonly List<StoredEntry> _entries = [];

    /// <returns>The file's SHA-256 in lower-case hexadecimal.</returns>
    /// <exception cref="ArchiveRefusedException">The archive becomes longer than one may be.</exception>
    public async Task<string> Add(string name, Func<Stream, Task> write)
    {
        var entry = new StoredEntry(name, 0, 0, (uint)archive.Length);
        archive.Position = entry.Start;
        await using var content = new MeasuredContent(archive);
        await write(content);
        entry = entry with { Crc32 = content.Crc32, Length = (uint)(archive.Length - entry.Start) };
        archive.Position = entry.Offset;
        await archive.WriteAsync(entry.Local());
        _entries.Add(entry);
        return content.Sha256();
    }

    /// <inheritdoc cref="Add(string, Func{Stream, Task})"/>
    public Task<string> Add(string name, ReadOnlyMemory<byte> bytes) => Add(name, content => content.WriteAsync(bytes).AsTask());

    public async Task Close()
    {
        archive.Position = archive.Length;
        foreach (var entry in _entries)
            await archive.WriteAsync(entry.Central());
        await archive.WriteAsync(StoredEntry.EndOf(_entries));
    }

    /// <summary>Passes on what is written, and counts and digests it.</summary>
    private sealed class MeasuredContent(Stream archive) : Stream
    {
        private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private Crc32 _crc32 = new();

        public uint Crc32 => _crc32.Value;
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public string Sha256() => Convert.ToHexStringLower(_sha256.GetCurrentHash());

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (archive.Position + buffer.Length > ArchiveLayout.MostBytes)
                throw ArchiveRefusedException.TooLarge(archive.Position + buffer.Length);
            _crc32.Add(buffer.Span);
            _sha256.AppendData(buffer.Span);
            await archive.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An archive is written asynchronously only.");

        public override void Flush()
        {
            // What is written is passed on at once.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _sha256.Dispose();
            base.Dispose(disposing);
        }
    }
}
