using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class CsvFormulaTests
{
    [Theory]
    [InlineData("Allen", "Allen")]
    [InlineData("", "")]
    [InlineData("Allen, Miss", "\"Allen, Miss\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1,A2)", "\"'@SUM(A1,A2)\"")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"")]
    [InlineData("a=1", "a=1")]
    [InlineData("'=1", "''=1")]
    [InlineData("'", "''")]
    public void Escape_prevents_formulas_and_Unescape_restores_the_text(string text, string cell)
    {
        Assert.Equal(cell, CsvFormula.Escape(text));
        Assert.Equal(
            text, CsvFormula.Unescape(cell is ['"', .., '"'] ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell));
    }
}
