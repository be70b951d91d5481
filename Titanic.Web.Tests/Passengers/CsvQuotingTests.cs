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
    public void Judges_a_record_by_RFC_4180(string record, string expected) =>
        Assert.Equal(expected, CsvQuoting.Of(record).ToString());

    [Theory]
    [InlineData("2,0,3,\"A\"B,male,,\n", "Text follows a closing quote")]
    [InlineData("2,0,3,A \"B\" C,male,,\n", "A quote stands inside an unquoted cell")]
    public async Task A_bad_quote_costs_its_row_only(string row, string reason)
    {
        var list = await ListReading.Of(ListReading.Header + "1,0,3,A,male,,\n" + row + "3,0,3,C,male,,\n");

        Assert.Equal([2, 4], list.Accepted.Select(accepted => accepted.Line));
        var rejected = Assert.Single(list.Rejected);
        Assert.Equal(3, rejected.Line);
        Assert.StartsWith(reason, Assert.Single(rejected.Problems.Select(problem => problem.Sentence)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2,0,3,\"B,male,,\n3,0,3,C,male,,\n")]
    [InlineData("2,0,3,A,male,,\"")]
    public async Task A_quote_that_is_never_closed_refuses_the_file(string rest)
    {
        var refusal = await ListReading.Refusal(ListReading.Header + "1,0,3,A,male,,\n" + rest);

        Assert.Equal(3, refusal.Line);
        Assert.Contains("never closed", refusal.Message, StringComparison.Ordinal);
    }
}
