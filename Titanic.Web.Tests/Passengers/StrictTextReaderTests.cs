using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class StrictTextReaderTests
{
    private const string Row = "1,1,1,Åsa,female,29,211.3375\n";

    [Fact]
    public async Task Reads_UTF8_characters_of_one_to_four_bytes()
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + "1,1,1,aåあ😀,female,29,5\n");

        Assert.Equal("aåあ😀", Assert.Single(list.Accepted).Passenger.Name);
    }

    [Fact]
    public async Task Removes_a_byte_order_mark()
    {
        var list = await PassengerListResult.Of([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(PassengerListResult.Header + Row)]);

        Assert.Equal("Åsa", Assert.Single(list.Accepted).Passenger.Name);
    }

    [Fact]
    public async Task Rejects_an_invalid_byte_with_its_position()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(PassengerListResult.Header + Row), .. Encoding.Latin1.GetBytes("2,0,3,José,male,,\n")];

        var exception = await PassengerListResult.ReadError(bytes);

        var position = Array.IndexOf(bytes, (byte)0xE9) + 1;
        Assert.Equal(3, exception.Line);
        Assert.StartsWith($"Line 3: byte {position} of the file (0xE9) is not valid UTF-8", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Latin-1", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x80 })] // overlong NUL
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // an encoded surrogate
    [InlineData(new byte[] { 0xF5, 0x80, 0x80, 0x80 })] // beyond U+10FFFF
    [InlineData(new byte[] { 0x80 })] // continuation without a start
    public async Task Rejects_invalid_UTF8_sequences(byte[] sequence)
    {
        var exception = await PassengerListResult.ReadError([.. Encoding.UTF8.GetBytes(PassengerListResult.Header + "1,1,1,"), .. sequence, .. ",male,,\n"u8]);

        Assert.Equal(2, exception.Line);
    }

    [Fact]
    public async Task Rejects_a_character_truncated_by_the_end_of_the_file()
    {
        var exception = await PassengerListResult.ReadError([.. Encoding.UTF8.GetBytes(PassengerListResult.Header + "1,1,1,A,male,,"), 0xC3]);

        Assert.Equal(2, exception.Line);
    }

    [Fact]
    public async Task Returns_the_position_of_an_invalid_byte_after_the_first_block_of_a_file_with_CRLF()
    {
        var good = string.Concat(Enumerable.Range(1, 5000).Select(id => $"{id},1,1,Åsa,female,29,211.3375\r\n"));
        var before = Encoding.UTF8.GetBytes(PassengerListResult.Header.Replace("\n", "\r\n", StringComparison.Ordinal) + good);

        var exception = await PassengerListResult.ReadError([.. before, 0xFF]);

        Assert.Equal(5002, exception.Line);
        Assert.Contains($"byte {before.Length + 1} ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_UTF16_with_a_byte_order_mark(bool bigEndian)
    {
        var encoding = new UnicodeEncoding(bigEndian, byteOrderMark: true);
        var row = Row.Replace("Åsa", "aåあ😀", StringComparison.Ordinal);

        var list = await PassengerListResult.Of(new SingleByteStream([.. encoding.GetPreamble(), .. encoding.GetBytes(PassengerListResult.Header + row)]));

        Assert.Equal("aåあ😀", Assert.Single(list.Accepted).Passenger.Name);
    }

    [Theory]
    [InlineData(0xD83D, "byte 97 of the file (0x3D)")] // a high surrogate alone
    [InlineData(0xDE00, "byte 97 of the file (0x00)")] // a low surrogate alone
    public async Task Rejects_unpaired_surrogates(int unit, string place)
    {
        byte[] bytes = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(PassengerListResult.Header + "1"), (byte)unit, (byte)(unit >> 8), (byte)',', 0];

        var exception = await PassengerListResult.ReadError(bytes);

        Assert.StartsWith($"Line 2: {place} is not valid UTF-16; the file must be UTF-16.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_half_a_UTF16_unit_at_the_end() => Assert.Contains(
        "is not valid UTF-16", (await PassengerListResult.ReadError([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(PassengerListResult.Header + Row), 0x41])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData((byte)0x80, '€')]
    [InlineData((byte)0x9F, 'Ÿ')]
    [InlineData((byte)0xFC, 'ü')]
    public async Task Reads_Windows_1252_on_request(byte code, char expected) => Assert.Equal(expected.ToString(), (await ReadWindows1252(code)).Accepted[0].Passenger.Name);

    [Theory]
    [InlineData((byte)0x81)]
    [InlineData((byte)0x8D)]
    [InlineData((byte)0x9D)]
    public async Task Rejects_bytes_that_Windows_1252_does_not_define(byte code) => Assert.Contains(
        "is not valid Windows-1252", (await Assert.ThrowsAsync<PassengerFileException>(() => ReadWindows1252(code))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Rejects_a_byte_order_mark_that_contradicts_the_request()
    {
        await using var file = new MemoryStream([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(PassengerListResult.Header + Row)]);

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => PassengerCsv.OpenAsync(
            file, new PassengersOptions(), TestContext.Current.CancellationToken, new CsvReadOptions { Encoding = TextEncoding.Windows1252 }));

        Assert.StartsWith(
            "Line 1: the file has the byte order mark of UTF-8; it cannot be Windows-1252.", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<PassengerListResult> ReadWindows1252(byte code)
    {
        await using var file = new MemoryStream([.. Encoding.ASCII.GetBytes("Pclass,Sex,Name\n1,male,"), code, (byte)'\n']);
        return await PassengerListResult.Of(file, read: new CsvReadOptions { Encoding = TextEncoding.Windows1252 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rejects_UTF16_without_a_byte_order_mark(bool bigEndian)
    {
        var encoding = new UnicodeEncoding(bigEndian, byteOrderMark: false);

        var exception = await PassengerListResult.ReadError([.. encoding.GetPreamble(), .. encoding.GetBytes(PassengerListResult.Header + Row)]);

        Assert.Contains("UTF-16", exception.Message, StringComparison.Ordinal);
        Assert.Contains("no byte order mark", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Reads_every_line_break(string lineBreak)
    {
        var text = (PassengerListResult.Header + Row + "-,1,1,B,male,,\n" + "3,0,3,C,male,,\n").Replace("\n", lineBreak, StringComparison.Ordinal);

        var list = await PassengerListResult.Of(text);

        Assert.Equal([2, 4], list.Accepted.Select(row => row.Line));
        Assert.Equal(3, Assert.Single(list.Rejected).Line);
    }

    [Fact]
    public async Task Reads_mixed_line_breaks_and_a_last_line_without_one()
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + "1,1,1,A,male,,\r2,1,1,B,male,,\r\n3,1,1,C,male,,\n4,1,1,D,male,,");

        Assert.Equal([2, 3, 4, 5], list.Accepted.Select(row => row.Line));
    }

    [Fact]
    public async Task Returns_the_same_rows_if_each_read_returns_one_byte()
    {
        var text = (PassengerListResult.Header + Row + "2,0,3,\"あ\n😀\",male,1,2\n").Replace("\n", "\r\n", StringComparison.Ordinal);

        var list = await PassengerListResult.Of(new SingleByteStream(Encoding.UTF8.GetBytes(text)));

        Assert.Equal(["Åsa", "あ 😀"], list.Accepted.Select(row => row.Passenger.Name));
        Assert.Equal([2, 3], list.Accepted.Select(row => row.Line));
    }

    private sealed class SingleByteStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
