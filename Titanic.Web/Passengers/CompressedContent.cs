using System.IO.Compression;

namespace Titanic.Web.Passengers;

/// <summary>
/// Decompresses a gzip file or a zip file that contains one file. The first bytes decide; every other file is returned as it is. The
/// decompressed size has the same limit as the file. A zip file is copied to a temporary file, because its directory is at its end.
/// </summary>
internal sealed class CompressedContent : IAsyncDisposable
{
    private readonly IAsyncDisposable? _archive;

    private CompressedContent(Stream text, string? compression = null, IAsyncDisposable? archive = null) =>
        (Text, Compression, _archive) = (text, compression, archive);

    /// <summary>The content, decompressed.</summary>
    public Stream Text { get; }

    /// <summary>"gzip" or "zip"; null for a file that is not compressed.</summary>
    public string? Compression { get; }

    /// <param name="content">The bytes of the file; stays open.</param>
    /// <param name="maximumBytes">Maximum size after decompression.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <exception cref="PassengerFileException">The file is a workbook, an archive of several files, or damaged.</exception>
    public static async Task<CompressedContent> OpenAsync(Stream content, long maximumBytes, CancellationToken cancellation)
    {
        var start = new byte[4];
        var length = await content.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        var whole = new PrefixedStream(start.AsMemory(0, length), content);
        return start switch
        {
            [0x1F, 0x8B, ..] => new(new DecompressedStream(new GZipStream(whole, CompressionMode.Decompress), content, maximumBytes, crc32: null), "gzip"),
            [(byte)'P', (byte)'K', 3, 4] => await OpenZipAsync(whole, maximumBytes, cancellation),
            [0xD0, 0xCF, 0x11, 0xE0] => throw Workbook(".xls"),
            _ => new(whole),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Text.DisposeAsync();
        if (_archive is not null)
            await _archive.DisposeAsync();
    }

    private static async Task<CompressedContent> OpenZipAsync(Stream content, long maximumBytes, CancellationToken cancellation)
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), $"titanic-{Guid.NewGuid():N}.zip"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            await content.CopyToAsync(file, cancellation);
            var entry = SingleEntry(new ZipArchive(file, ZipArchiveMode.Read));
            return new(new DecompressedStream(await entry.OpenAsync(cancellation), content, maximumBytes, entry.Crc32), "zip", file);
        }
        catch (InvalidDataException exception)
        {
            await file.DisposeAsync();
            throw Damaged(exception);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static ZipArchiveEntry SingleEntry(ZipArchive archive)
    {
        if (archive.GetEntry("[Content_Types].xml") is not null)
            throw Workbook(".xlsx");
        // The archive program of macOS adds a file of attributes for each file.
        var files = archive.Entries.Where(entry => !entry.FullName.EndsWith('/') && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)).ToList();
        if (files.Count != 1)
            throw new PassengerFileException($"The zip file contains {Quantity.Of(files.Count, "file")}; it must contain one CSV file. Hint: extract the file, or compress it alone.");
        return files[0].IsEncrypted
            ? throw new PassengerFileException("The zip file is encrypted; it must have no password. Hint: extract the file, or compress it without a password.")
            : files[0];
    }

    private static PassengerFileException Workbook(string extension) =>
        new($"The file is an Excel workbook ({extension}); it must be a CSV file. Hint: save the sheet as \"CSV UTF-8\".");

    private static PassengerFileException Damaged(Exception exception) =>
        new("The compressed file is damaged or incomplete. Hint: compress the file again, or send it uncompressed.", innerException: exception);

    /// <summary>Reads bytes that were already taken from a stream, and then the stream.</summary>
    private sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : ReadOnlyStream
    {
        private ReadOnlyMemory<byte> _prefix = prefix;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_prefix.IsEmpty)
                return rest.ReadAsync(buffer, cancellationToken);
            var taken = Math.Min(buffer.Length, _prefix.Length);
            _prefix[..taken].CopyTo(buffer);
            _prefix = _prefix[taken..];
            return ValueTask.FromResult(taken);
        }
    }

    /// <summary>Limits the decompressed size, reports damage, and reads the file to its end, because its digest needs all bytes.</summary>
    /// <param name="crc32">The checksum of the text; null if <paramref name="text"/> verifies its own, as gzip does and zip does not.</param>
    private sealed class DecompressedStream(Stream text, Stream file, long maximumBytes, uint? crc32) : ReadOnlyStream
    {
        private long _bytesRead;
        private Crc32 _crc32 = new();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var read = await text.ReadAsync(buffer, cancellationToken);
                _bytesRead += read;
                if (crc32 is not null)
                    _crc32.Add(buffer.Span[..read]);
                if (_bytesRead > maximumBytes)
                    throw LimitedHashingStream.TooLarge("The decompressed file", maximumBytes);
                if (read == 0 && buffer.Length > 0 && crc32 is { } expected && _crc32.Value != expected)
                    throw new InvalidDataException("The checksum of the zip file differs.");
                if (read == 0 && buffer.Length > 0)
                    await file.CopyToAsync(Null, cancellationToken);
                return read;
            }
            catch (InvalidDataException exception)
            {
                throw Damaged(exception);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                text.Dispose();
            base.Dispose(disposing);
        }
    }
}
