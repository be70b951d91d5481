using System.Diagnostics;
using Titanic.Web.Lifecycle.Archives;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>
/// Verifies mutated archives and records every result that is neither a rejection with a message nor the original archive.
/// </summary>
internal sealed class ArchiveTrials
{
    private readonly Dictionary<string, byte[]> _files = SampleArchive.Files();

    /// <summary>Unexpected results, one message each.</summary>
    public List<string> Surprises { get; } = [];

    /// <summary>Number of rejected archives.</summary>
    public int Refused { get; private set; }

    /// <summary>Number of valid archives: mutations without effect on model, rows and prediction.</summary>
    public int Accepted { get; private set; }

    /// <summary>The longest verification.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The most memory that one verification allocated.</summary>
    public long MostMemoryInBytes { get; private set; }

    /// <summary>Mutates the whole archive: a valid archive must equal the original, byte for byte.</summary>
    public void Damage(ulong seed, int archives)
    {
        var (mutants, sound) = (new ArchiveMutants(seed), SampleArchive.Pack(_files));
        for (var archive = 0; archive < archives; archive++)
        {
            var (bytes, how) = mutants.Of(sound);
            Try(bytes, how, _ => bytes.AsSpan().SequenceEqual(sound));
        }
    }

    /// <summary>
    /// Mutates one file and packs it with matching checksums: a valid archive must have the original model and rows. The fold of a row is
    /// not part of a dataset's SHA-256, so a mutated fold that is accepted counts as unexpected.
    /// </summary>
    public void Forge(ulong seed, int archives)
    {
        var mutants = new ArchiveMutants(seed);
        string[] names = [ArchiveLayout.Version, ArchiveLayout.Metrics, ArchiveLayout.Model, ArchiveLayout.Rows];
        for (var archive = 0; archive < archives; archive++)
        {
            var name = names[mutants.Below(names.Length)];
            var (bytes, how) = mutants.Of(_files[name]);
            Try(SampleArchive.Pack(new Dictionary<string, byte[]>(_files) { [name] = bytes }), $"{name}: {how}", result =>
                result.Version!.Artifact.AsSpan().SequenceEqual(_files[ArchiveLayout.Model]) && result.Version.Rows.AsSpan().SequenceEqual(_files[ArchiveLayout.Rows]));
        }
    }

    private void Try(byte[] bytes, string how, Func<CheckedArchive, bool> isTheSame)
    {
        var (start, memory) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        try
        {
            var result = ArchiveVerification.Check(new MemoryStream(bytes, writable: false));
            if (result.Holds)
                Accepted++;
            else
                Refused++;
            if (result.Holds ? !isTheSame(result) : result.Failed!.Sentence is not { Length: > 20 and < 2000 })
                Surprises.Add($"{how}: {(result.Holds ? "valid, but not the original" : result.Failed!.Sentence)}");
        }
        catch (Exception unexpected)
        {
            Surprises.Add($"{how}: {unexpected}");
        }
        Slowest = TimeSpan.FromTicks(Math.Max(Slowest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        MostMemoryInBytes = Math.Max(MostMemoryInBytes, GC.GetAllocatedBytesForCurrentThread() - memory);
    }
}
