namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>Thousands of damaged archives, the same in every run; <c>Titanic.Benchmarks -- archives</c> tries them by the hundred thousand.</summary>
public sealed class MutatedArchivesTests
{
    private const long MostMemoryInBytes = 16 * 1024 * 1024;

    [Fact]
    public void A_damaged_archive_is_refused_with_a_sentence()
    {
        var trials = new ArchiveTrials();

        trials.Damage(seed: 1912, archives: 5000);

        AssertNoSurprise(trials);
        Assert.InRange(trials.Accepted, 0, 50); // by chance a byte is set to what it was
    }

    [Fact]
    public void A_damaged_file_with_checksums_that_fit_is_refused_or_says_the_same_of_the_same_model()
    {
        var trials = new ArchiveTrials();

        trials.Forge(seed: 1912, archives: 1000);

        AssertNoSurprise(trials);
        Assert.True(trials.Refused > 900, $"{trials.Accepted} of 1000 hold");
    }

    /// <summary>One bit of every seventh byte; the benchmark tries them all.</summary>
    [Fact]
    public void No_single_byte_can_be_another()
    {
        var sound = SampleArchive.Make();
        for (var at = 0; at < sound.Length; at += 7)
        {
            var bytes = (byte[])sound.Clone();
            bytes[at] ^= (byte)(1 << at % 8);

            Assert.False(TrainedArchive.Check(bytes).Holds, $"The archive holds with another byte at {at}");
        }
    }

    private static void AssertNoSurprise(ArchiveTrials trials)
    {
        Assert.Empty(trials.Surprises);
        Assert.InRange(trials.MostMemoryInBytes, 1, MostMemoryInBytes);
        Assert.InRange(trials.Slowest, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }
}
