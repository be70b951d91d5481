namespace Titanic.Web.Lifecycle.Archives;

/// <summary>A file without a name for as long as it is open: what is sent or received is whole and checked before anybody relies on it, without being held in memory.</summary>
internal static class SpooledFile
{
    private const int BufferSize = 64 * 1024;

    public static FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), options);
    }

    /// <exception cref="ArchiveRefusedException">There are more bytes than an archive may have.</exception>
    public static async Task<FileStream> Of(Stream body, CancellationToken cancellation)
    {
        var file = Create();
        try
        {
            var buffer = new byte[BufferSize];
            while (await body.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                if (file.Length + read > ArchiveLayout.MostBytes)
                    throw ArchiveRefusedException.TooLarge(file.Length + read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
