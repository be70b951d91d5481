using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class PassengerCsvTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public async Task Rejects_an_empty_file(string text)
    {
        var exception = await PassengerListResult.ReadError(text);

        Assert.StartsWith("The file is empty.", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Hint:", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_blank_first_line()
    {
        var exception = await PassengerListResult.ReadError("\r\n" + PassengerListResult.Header + "1,1,1,A,male,,\n");

        Assert.Contains("Line 1 is blank", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PassengerId,Survived,Pclass,Name,Sex,Age,Fare")]
    [InlineData("PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n")]
    [InlineData("PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n\n\n")]
    public async Task Rejects_a_file_without_rows(string text)
    {
        var exception = await PassengerListResult.ReadError(text);

        Assert.Contains("a header and no passenger", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counts_physical_lines_including_quoted_line_breaks_and_blank_lines()
    {
        var list = await PassengerListResult.Of("PassengerId,Survived,Pclass,\"Na\nme\",Name,Sex,Age,Fare\n" // lines 1 and 2
            + "1,1,1,x,\"A\r\nB\rC\nD\",male,,\n" // 3..6
            + "\n" // 7
            + "2,1,1,x,E,male,,\n" // 8
            + "-,1,1,x,\"F\nG\",male,,\n" // 9 and 10
            + "4,1,1,x,H,male,,"); // 11

        Assert.Equal([3, 8, 11], list.Accepted.Select(row => row.Line));
        Assert.Equal(9, Assert.Single(list.Rejected).Line);
        Assert.Equal("A B C D", list.Accepted[0].Passenger.Name);
        Assert.Equal(["Na me"], list.IgnoredColumns.Select(name => name.Replace("\\n", " ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Does_not_treat_lines_as_comments()
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + "#1,1,1,A,male,,\n");

        Assert.StartsWith("The passenger id is \"#1\"", Assert.Single(Assert.Single(list.Rejected).Problems.Select(problem => problem.Message)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    [InlineData(5000, false)]
    [InlineData(200_000, false)]
    public async Task Rejects_a_file_with_a_record_over_the_length_limit(int length, bool isAllowed)
    {
        var options = new PassengersOptions { MaximumRecordLengthInCharacters = 1000 };
        const string start = "2,1,1,B,male,,,";
        var bytes = Encoding.UTF8.GetBytes("PassengerId,Survived,Pclass,Name,Sex,Age,Fare,Note\n1,1,1,A,male,,,\n"
            + start + new string('x', length - start.Length - 1) + "\n3,1,1,C,male,,,\n");

        if (isAllowed)
        {
            Assert.Equal(3, (await PassengerListResult.Of(bytes, options)).Accepted.Count);
            return;
        }
        var exception = await PassengerListResult.ReadError(bytes, options);
        Assert.Equal(3, exception.Line);
        Assert.Contains("longer than 1,000 characters", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_header_over_the_length_limit()
    {
        var exception = await PassengerListResult.ReadError(Encoding.UTF8.GetBytes(new string('x', 100_000)));

        Assert.Equal(1, exception.Line);
        Assert.Contains("longer than 65,536 characters", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stops_when_canceled()
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(PassengerListResult.Header + "1,1,1,A,male,,\n2,1,1,B,male,,\n"));
        using var cancellation = new CancellationTokenSource();
        var csv = await PassengerCsv.OpenAsync(file, new PassengersOptions(), cancellation.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in csv.RowsAsync(cancellation.Token))
                await cancellation.CancelAsync();
        });
    }
}
