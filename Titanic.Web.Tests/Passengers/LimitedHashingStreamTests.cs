using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class LimitedHashingStreamTests
{
    private static readonly byte[] Abc = "abc"u8.ToArray();

    [Fact]
    public async Task Hashes_the_bytes_read()
    {
        await using var stream = new LimitedHashingStream(new MemoryStream(Abc), "three letters", 3);

        Assert.Throws<InvalidOperationException>(() => stream.Sha256);
        await stream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);

        // The one-block example of FIPS 180-4.
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", stream.Sha256);
    }

    [Fact]
    public async Task Rejects_the_first_byte_over_the_limit()
    {
        await using var stream = new LimitedHashingStream(new MemoryStream(Abc), "three letters", 2);

        var exception = await Assert.ThrowsAsync<PassengerFileException>(
            () => stream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));

        Assert.StartsWith("three letters is larger than 2 bytes", exception.Message, StringComparison.Ordinal);
    }
}
