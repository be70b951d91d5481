using System.Diagnostics;
using Titanic.Web.Lifecycle.Archives;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>Checks damaged archives and notes whatever is neither a refusal with a sentence nor the archive that it was.</summary>
internal sealed class ArchiveTrials
{
    private readonly Dictionary<string, byte[]> _files = SampleArchive.Files();

    /// <summary>What should not have happened, a sentence each.</summary>
    public List<string> Surprises { get; } = [];
    public int Refused { get; private set; }

    /// <summary>Archives that hold: the same model, rows and answers.</summary>
    public int Accepted { get; private set; }
    public TimeSpan Slowest { get; private set; }
    public long MostMemoryInBytes { get; private set; }

    /// <summary>Damage to the archive itself: what holds must be the archive, byte for byte.</summary>
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
    /// Damage to one of its files, which is packed again with checksums that fit: what holds must be the same model of the same rows.
    /// No check finds another fold yet: it is no part of a dataset's SHA-256, so it is counted as a surprise.
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
                Surprises.Add($"{how}: {(result.Holds ? "it holds, and is another" : result.Failed!.Sentence)}");
        }
        catch (Exception surprise)
        {
            Surprises.Add($"{how}: {surprise}");
        }
        Slowest = TimeSpan.FromTicks(Math.Max(Slowest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        MostMemoryInBytes = Math.Max(MostMemoryInBytes, GC.GetAllocatedBytesForCurrentThread() - memory);
    }
}
