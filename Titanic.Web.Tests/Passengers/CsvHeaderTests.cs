using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class CsvHeaderTests
{
    [Fact]
    public async Task Finds_columns_by_trimmed_name_in_any_case_and_order()
    {
        var list = await PassengerListResult.Of(" FARE ,sex,\"pClass\",age,NAME,survived, passengerid\n7.25,male,3,22,Braund,0,1\n");

        var expected = new Passenger("1", "Braund", 3, Sex.Male, 22, 7.25, false);
        Assert.Equal(expected, Assert.Single(list.Accepted).Passenger);
    }

    [Fact]
    public async Task Ignores_unknown_columns_and_reports_them()
    {
        var list = await PassengerListResult.Of(",Boat,PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked,Home\u200E\n"
            + "0,B5,1,1,1,A,female,,0,0,x,,y,S,z\n");

        Assert.Single(list.Accepted);
        Assert.Equal(["", "Boat", "Home\\u200E"], list.IgnoredColumns);
    }

    [Fact]
    public async Task Does_not_report_columns_of_the_layout()
    {
        var list = await PassengerListResult.Of("PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked\n"
            + "1,1,1,A,female,,0,0,x,,y,S\n");

        Assert.Empty(list.IgnoredColumns);
    }

    [Theory]
    [InlineData("Pclass")]
    [InlineData("Sex")]
    public async Task Rejects_a_file_without_a_required_column(string column)
    {
        string[] all = ["PassengerId", "Survived", "Pclass", "Name", "Sex", "Age", "Fare"];
        var names = all.Where(name => name != column);

        var exception = await PassengerListResult.ReadError(string.Join(',', names) + "\n1,1,1,1,1,1\n");

        Assert.Equal(1, exception.Line);
        Assert.Contains($"has no column for {PassengerRule.ValueNameOf(column)}; ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Hint:", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PassengerId;Survived;Name\n1;1;A\n", "PassengerId;Survived;Name")]
    [InlineData("foo,bar\n1,2\n", "foo,bar")]
    public async Task Lists_the_header_and_the_names_of_all_missing_columns(string file, string header)
    {
        var exception = await PassengerListResult.ReadError(file);

        Assert.Equal(
            $"Line 1: the header \"{header}\" has no column for class and sex; columns are found by name: "
                + "Pclass (or class, passengerClass, ticketClass), Sex (or gender). "
                + "Hint: rename the columns, or specify columns as pclass:NAME,sex:NAME.",
            exception.Message);
    }

    [Theory]
    [InlineData("PassengerId,Survived,Pclass,Name,Sex,Age,Fare, AGE\n", "columns 6 and 8")]
    [InlineData("PassengerId,Survived,Pclass,Name,Sex,Age,Fare,Boat,boat\n", "columns 8 and 9")]
    public async Task Rejects_a_duplicate_column(string header, string positions)
    {
        var exception = await PassengerListResult.ReadError(header + "1,1,1,A,male,1,1,2\n");

        Assert.Contains("twice", exception.Message, StringComparison.Ordinal);
        Assert.Contains(positions, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("|", "separated by \"|\"")]
    public async Task Rejects_other_separators_with_a_hint(string separator, string message)
    {
        var exception = await PassengerListResult.ReadError(PassengerListResult.Header.Replace(",", separator, StringComparison.Ordinal) + "1\n");

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Hint: save the file again with commas", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_file_without_a_header_and_shows_its_first_line()
    {
        var exception = await PassengerListResult.ReadError("1,0,3,\"Braund, Mr. Owen\",male,22,7.25\n");

        Assert.Contains(
            "there is no header; the file begins with \"1,0,3,\"Braund, Mr. Owen\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_HTML()
    {
        var exception = await PassengerListResult.ReadError("  <!DOCTYPE html>\n<html></html>\n");

        Assert.Contains("HTML", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_control_characters_and_invalid_quotes()
    {
        var control = await PassengerListResult.ReadError("PassengerId,Survived,Pclass,Name,Sex,Age,Fare,x\0y\n1,1,1,A,male,1,1,2\n");
        var quote = await PassengerListResult.ReadError("PassengerId,Survived,Pclass,Name,Sex,Age,Fare,x\"y\n1,1,1,A,male,1,1,2\n");

        Assert.Contains("U+0000", control.Message, StringComparison.Ordinal);
        Assert.Contains("quote", quote.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_more_columns_than_allowed()
    {
        var header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare," + string.Join(',', Enumerable.Range(8, 94).Select(n => $"c{n}"));

        var exception = await PassengerListResult.ReadError(header + "\n1\n");

        Assert.Contains("has 101 columns; it must have at most 100", exception.Message, StringComparison.Ordinal);
    }
}
