using System.Diagnostics;
using Titanic.Web.Lifecycle.Archives;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>
/// Verifies mutated archives and records every result that is neither a rejection with a message nor the original archive.
/// </summary>
internal sealed class ArchiveFuzzer
{
    private readonly Dictionary<string, byte[]> _files = SampleArchive.CreateFiles();

    /// <summary>Unexpected results, one message each.</summary>
    public List<string> UnexpectedResults { get; } = [];

    /// <summary>Number of rejected archives.</summary>
    public int Rejected { get; private set; }

    /// <summary>Number of valid archives: mutations without effect on model, rows and prediction.</summary>
    public int Accepted { get; private set; }

    /// <summary>The longest verification.</summary>
    public TimeSpan MaximumDuration { get; private set; }

    /// <summary>The most memory that one verification allocated.</summary>
    public long MaximumMemoryInBytes { get; private set; }

    /// <summary>Mutates the whole archive: a valid archive must equal the original, bit for bit.</summary>
    public void MutateArchives(ulong seed, int archives)
    {
        var (mutator, original) = (new ArchiveMutator(seed), SampleArchive.Pack(_files));
        for (var archive = 0; archive < archives; archive++)
        {
            var (bytes, how) = mutator.Mutate(original);
            Verify(bytes, how, _ => bytes.AsSpan().SequenceEqual(original));
        }
    }

    /// <summary>
    /// Mutates one file and packs it with matching checksums: a valid archive must have the original model and rows. The fold of a row is
    /// not part of a dataset's SHA-256, so a mutated fold that is accepted counts as unexpected.
    /// </summary>
    public void MutateFiles(ulong seed, int archives)
    {
        var mutants = new ArchiveMutator(seed);
        string[] names = [ArchiveLayout.Version, ArchiveLayout.Metrics, ArchiveLayout.Model, ArchiveLayout.Rows];
        for (var archive = 0; archive < archives; archive++)
        {
            var name = names[mutants.NextBelow(names.Length)];
            var (bytes, how) = mutants.Mutate(_files[name]);
            Verify(SampleArchive.Pack(new Dictionary<string, byte[]>(_files) { [name] = bytes }), $"{name}: {how}", result =>
                result.Version!.Artifact.AsSpan().SequenceEqual(_files[ArchiveLayout.Model]) && result.Version.Rows.AsSpan().SequenceEqual(_files[ArchiveLayout.Rows]));
        }
    }

    private void Verify(byte[] bytes, string mutation, Func<ArchiveVerificationResult, bool> isUnchanged)
    {
        var (start, memory) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        try
        {
            var result = ArchiveVerification.Check(new MemoryStream(bytes, writable: false));
            if (result.IsValid)
                Accepted++;
            else
                Rejected++;
            if (result.IsValid ? !isUnchanged(result) : result.FirstFailure!.Sentence is not { Length: > 20 and < 2000 })
                UnexpectedResults.Add($"{mutation}: {(result.IsValid ? "valid, but not the original" : result.FirstFailure!.Sentence)}");
        }
        catch (Exception unexpected)
        {
            UnexpectedResults.Add($"{mutation}: {unexpected}");
        }
        MaximumDuration = TimeSpan.FromTicks(Math.Max(MaximumDuration.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        MaximumMemoryInBytes = Math.Max(MaximumMemoryInBytes, GC.GetAllocatedBytesForCurrentThread() - memory);
    }
}
