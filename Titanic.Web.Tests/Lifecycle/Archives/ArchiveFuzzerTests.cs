namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>
/// Verifies thousands of mutated archives with a fixed seed; <c>Titanic.Benchmarks -- archives</c> verifies hundreds of thousands.
/// </summary>
public sealed class ArchiveFuzzerTests
{
    private const long MaximumMemoryInBytes = 16 * 1024 * 1024;

    [Fact]
    public void Rejects_mutated_archives_with_a_message()
    {
        var trials = new ArchiveFuzzer();

        trials.MutateArchives(seed: 1912, archives: 5000);

        AssertNoUnexpectedResults(trials);
        Assert.InRange(trials.Accepted, 0, 50); // some mutations set a byte to its original value
    }

    [Fact]
    public void Rejects_mutated_files_with_matching_checksums_unless_model_and_rows_are_unchanged()
    {
        var trials = new ArchiveFuzzer();

        trials.MutateFiles(seed: 1912, archives: 1000);

        AssertNoUnexpectedResults(trials);
        Assert.True(trials.Rejected > 900, $"{trials.Accepted} of 1000 are valid");
    }

    /// <summary>One bit of every seventh byte; the benchmark changes all bytes.</summary>
    [Fact]
    public void Rejects_a_change_of_any_single_byte()
    {
        var archive = SampleArchive.Create();
        for (var at = 0; at < archive.Length; at += 7)
        {
            var bytes = (byte[])archive.Clone();
            bytes[at] ^= (byte)(1 << at % 8);

            Assert.False(TrainedArchive.Check(bytes).IsValid, $"The archive is valid with a changed byte at {at}");
        }
    }

    private static void AssertNoUnexpectedResults(ArchiveFuzzer fuzzer)
    {
        Assert.Empty(fuzzer.UnexpectedResults);
        Assert.InRange(fuzzer.MaximumMemoryInBytes, 1, MaximumMemoryInBytes);
        Assert.InRange(fuzzer.MaximumDuration, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }
}
