using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>The file <c>SHA256SUMS</c>, as <c>sha256sum -c</c> reads it: a line for every other file, in their order.</summary>
internal static class Checksums
{
    private const int DigestLength = 64;

    public static string Of(IEnumerable<(string Name, string Sha256)> files) => string.Concat(files.Select(file => $"{file.Sha256}  {file.Name}\n"));

    /// <exception cref="ArchiveRefusedException">A line is missing, too much, no line at all or tells another digest than the file's.</exception>
    public static void Require(byte[] text, IReadOnlyList<(string Name, string Sha256)> files)
    {
        var lines = Encoding.UTF8.GetString(text).Split('\n');
        for (var line = 0; line < files.Count; line++)
        {
            var (name, sha256) = files[line];
            if (line >= lines.Length || lines[line].Length == 0)
                throw new ArchiveRefusedException($"{ArchiveLayout.Sums} lists {line} files; it must list {files.Count}, and {name} is missing.");
            var listed = lines[line];
            if (listed.Length < DigestLength + 3 || listed.AsSpan(0, DigestLength).ContainsAnyExcept("0123456789abcdef") || !listed.AsSpan(DigestLength).StartsWith("  "))
                throw new ArchiveRefusedException($"Line {line + 1} of {ArchiveLayout.Sums} is \"{Excerpt.TruncateRecord(listed)}\"; it must be 64 hexadecimal digits, two blanks and a file's name.");
            if (listed[(DigestLength + 2)..] != name)
                throw new ArchiveRefusedException($"Line {line + 1} of {ArchiveLayout.Sums} is about \"{Excerpt.Truncate(listed.AsSpan(DigestLength + 2))}\"; it must be about {name}.");
            if (listed[..DigestLength] != sha256)
                throw new ArchiveRefusedException($"{name} has SHA-256 {sha256}; {ArchiveLayout.Sums} says {listed[..DigestLength]}.");
        }
        if (!text.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(Of(files))))
            throw new ArchiveRefusedException($"{ArchiveLayout.Sums} goes on after its {files.Count} lines with \"{Excerpt.TruncateRecord(string.Join('\n', lines.Skip(files.Count)))}\"; it must end there.");
    }
}
