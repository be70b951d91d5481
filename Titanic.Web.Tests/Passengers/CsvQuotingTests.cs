using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class CsvQuotingTests
{
    [Theory]
    [InlineData("a,b\n", "Correct")]
    [InlineData("\"a\",\"b,c\"\n", "Correct")]
    [InlineData("\"a \"\"b\"\"\",\"\"\"\"\n", "Correct")]
    [InlineData("\"\",\"\"", "Correct")]
    [InlineData("a,\"b\nc\"", "Correct")]
    [InlineData("a\"b,c\n", "QuoteInsideUnquotedCell")]
    [InlineData("a, \"b\"\n", "QuoteInsideUnquotedCell")]
    [InlineData("\"a\"b,c\n", "TextAfterClosingQuote")]
    [InlineData("\"a\" ,c\n", "TextAfterClosingQuote")]
    [InlineData("a,\"\"b\"\"\n", "TextAfterClosingQuote")]
    [InlineData("a,\"b\n", "NeverClosed")]
    [InlineData("a,\"", "NeverClosed")]
    [InlineData("a,\"b\"\"", "NeverClosed")]
    public void Checks_the_quotes_of_a_record_by_RFC_4180(string record, string expected) =>
        Assert.Equal(expected, CsvQuoting.Check(record).ToString());

    [Theory]
    [InlineData("2,0,3,\"A\"B,male,,\n", "Text follows a closing quote")]
    [InlineData("2,0,3,A \"B\" C,male,,\n", "An unquoted cell contains a quote")]
    public async Task Rejects_only_the_row_of_an_invalid_quote(string row, string reason)
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + "1,0,3,A,male,,\n" + row + "3,0,3,C,male,,\n");

        Assert.Equal([2, 4], list.Accepted.Select(accepted => accepted.Line));
        var rejected = Assert.Single(list.Rejected);
        Assert.Equal(3, rejected.Line);
        Assert.StartsWith(reason, Assert.Single(rejected.Problems.Select(problem => problem.Message)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2,0,3,\"B,male,,\n3,0,3,C,male,,\n")]
    [InlineData("2,0,3,A,male,,\"")]
    public async Task Rejects_the_file_if_a_quote_is_never_closed(string rest)
    {
        var exception = await PassengerListResult.ReadError(PassengerListResult.Header + "1,0,3,A,male,,\n" + rest);

        Assert.Equal(3, exception.Line);
        Assert.Contains("never closed", exception.Message, StringComparison.Ordinal);
    }
}
