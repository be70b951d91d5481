using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class RowValidatorTests
{
    [Fact]
    public async Task Parses_a_row()
    {
        var passenger = await PassengerListResult.SinglePassenger("7,1,1,\"Allen, Miss. \"\"Bess\"\" W.\", FeMale ,0.9167,0\n");

        var expected = new Passenger("7", "Allen, Miss. \"Bess\" W.", 1, Sex.Female, 0.9167, 0, true);
        Assert.Equal(expected, passenger);
    }

    [Fact]
    public async Task Parses_empty_age_and_fare_as_null()
    {
        var passenger = await PassengerListResult.SinglePassenger("1,0,3,A,male,,\n");

        Assert.Null(passenger.AgeInYears);
        Assert.Null(passenger.FareInPounds);
    }

    // Defect S10 of the original: a missing fare, or a file without a fare above 300 pounds, stopped the backfill.
    [Fact]
    public async Task Accepts_files_without_fares_or_without_fares_above_300_pounds()
    {
        var none = await PassengerListResult.Of(PassengerListResult.Header + "1,0,3,A,male,22,\n2,1,1,B,female,30,\n");
        var cheap = await PassengerListResult.Of(PassengerListResult.Header + "1,0,3,A,male,22,7.25\n2,1,1,B,female,30,300\n3,1,1,C,female,31,\n");

        Assert.Equal([null, null], none.Accepted.Select(row => row.Passenger.FareInPounds));
        Assert.Equal([7.25, 300, null], cheap.Accepted.Select(row => row.Passenger.FareInPounds));
    }

    [Fact]
    public async Task Returns_all_problems_of_a_row()
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + "0,2,4,,alien,121,-1\n");

        var rejected = Assert.Single(list.Rejected);
        Assert.Equal(
            [
                "The passenger id is \"0\"; it must be a whole number between 1 and 9,223,372,036,854,775,807, or a text with a letter of at most 100 characters, without slashes.",
                "The outcome is \"2\"; it must be 0 or 1.",
                "The class is \"4\"; it must be 1, 2 or 3.",
                "The sex is \"alien\"; it must be male or female.",
                "The age is \"121\"; it must be a plain number between 0 and 120 years, such as 29 or 0.75, or empty if unknown.",
                "The fare is \"-1\"; it must be a plain number between 0 and 10,000 pounds, such as 29 or 0.75, or empty if unknown.",
            ], rejected.Problems.Select(problem => problem.Message));
        Assert.Equal("0,2,4,,alien,121,-1", rejected.Excerpt);
    }

    // Texts that .NET, spreadsheets and other languages accept as a number.
    [Theory]
    [InlineData("1e1")]
    [InlineData("1e400")]
    [InlineData("1,5")]
    [InlineData("1_000")]
    [InlineData("£7")]
    [InlineData("NaN1")]
    [InlineData("Infinity")]
    [InlineData("∞")]
    [InlineData("0x1F")]
    [InlineData("+5")]
    [InlineData("-5")]
    [InlineData("-0")]
    [InlineData("(5)")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1.2.3")]
    [InlineData("٣")]
    [InlineData("５")]
    [InlineData("unknown")]
    [InlineData("-")]
    [InlineData("10000.0001")]
    public async Task Rejects_other_number_formats_and_numbers_out_of_range(string number)
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + $"1,0,3,A,male,\"{number}\",\"{number}\"\n");

        Assert.Collection(Assert.Single(list.Rejected).Problems.Select(problem => problem.Message),
            reason => Assert.StartsWith($"The age is \"{number}\"; it must be a plain number", reason, StringComparison.Ordinal),
            reason => Assert.StartsWith($"The fare is \"{number}\"; it must be a plain number", reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("120", 120)]
    [InlineData("120.000", 120)]
    [InlineData("0029", 29)]
    [InlineData("0.1667", 0.1667)]
    [InlineData("80.5", 80.5)]
    public async Task Parses_plain_decimals(string number, double expected)
    {
        var passenger = await PassengerListResult.SinglePassenger($"1,0,3,A,male,{number},{number}\n");

        Assert.Equal((expected, expected), (passenger.AgeInYears, passenger.FareInPounds));
    }

    [Fact]
    public async Task Accepts_the_maximum_age_and_fare_and_rejects_greater_values()
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + "1,0,3,A,male,120,10000\n2,0,3,B,male,120.0001,10000.0\n3,0,3,C,male,119.9,10000.0001\n");

        Assert.Equal((120, 10_000), (list.Accepted.Single().Passenger.AgeInYears, list.Accepted.Single().Passenger.FareInPounds));
        Assert.Equal(["age_in_range", "fare_in_range"], list.Rejected.Select(row => Assert.Single(row.Problems).Rule.Name));
    }

    [Fact]
    public async Task Treats_a_decimal_comma_as_a_separator() =>
        Assert.Equal("The row has 8 cells; the header has 7 columns.", await PassengerListResult.SingleReason("1,0,3,A,male,22,7,25\n"));

    [Theory]
    [InlineData("1,0,3,A,male,22\n", "The row has 6 cells; the header has 7 columns.")]
    [InlineData("x\n", "The row has 1 cell; the header has 7 columns.")]
    public async Task Rejects_a_row_with_another_number_of_cells(string row, string reason) =>
        Assert.Equal(reason, await PassengerListResult.SingleReason(row));

    // Defect S11 of the original: every text except "male" became female.
    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("f")]
    [InlineData("man")]
    [InlineData("males")]
    [InlineData("unknown")]
    [InlineData("fémale")]
    public async Task Rejects_other_texts_for_sex(string sex) =>
        Assert.EndsWith(
            "it must be male or female.", await PassengerListResult.SingleReason($"1,0,3,A,{sex},22,7\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("4")]
    [InlineData("1.5")]
    [InlineData("1.")]
    [InlineData("-1")]
    [InlineData("1e0")]
    [InlineData("x")]
    public async Task Rejects_other_texts_for_Survived_and_Pclass(string cell)
    {
        Assert.StartsWith("The outcome is", await PassengerListResult.SingleReason($"1,{cell},3,A,male,22,7\n"), StringComparison.Ordinal);
        Assert.StartsWith("The class is", await PassengerListResult.SingleReason($"1,0,{cell},A,male,22,7\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("1e5")]
    [InlineData("Infinity")]
    [InlineData("--")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\u200Db")]
    [InlineData("9223372036854775808")]
    [InlineData("18446744073709551617")]
    public async Task Rejects_ids_that_are_neither_positive_64_bit_integers_nor_texts(string id) =>
        Assert.StartsWith(
            "The passenger id is", await PassengerListResult.SingleReason($"{id},0,3,A,male,22,7\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("0042", "42")]
    [InlineData("1 ", "1")]
    [InlineData(" P-001", "P-001")]
    [InlineData("0x1F", "0x1F")]
    [InlineData("42.0", "42")]
    [InlineData(" 42\u00A0", "42")]
    public async Task Normalizes_the_id(string id, string key) =>
        Assert.Equal(key, (await PassengerListResult.SinglePassenger($"{id},0,3,A,male,22,7\n")).SourceKey);

    [Fact]
    public async Task Accepts_text_ids_of_100_characters()
    {
        Assert.Equal(100, (await PassengerListResult.SinglePassenger($"{new string('a', 100)},0,3,A,male,22,7\n")).SourceKey.Length);
        Assert.StartsWith("The passenger id is", await PassengerListResult.SingleReason($"{new string('a', 101)},0,3,A,male,22,7\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_empty_optional_cells_as_unknown()
    {
        var passenger = await PassengerListResult.SinglePassenger(",,3, ,male,,\n");

        Assert.Equal((null, null), (passenger.Name, passenger.Survived));
        Assert.StartsWith("row-", passenger.SourceKey, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_repeated_id_and_keeps_the_first_row()
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header
            + "5,0,3,First,male,,\n6,0,3,Other,male,,\n05,1,1,Second,female,,\n5,9,1,Third,female,,\n");

        Assert.Equal(["First", "Other"], list.Accepted.Select(row => row.Passenger.Name));
        Assert.Equal([4, 5], list.Rejected.Select(row => row.Line));
        const string repeated = "The passenger id 5 already occurs earlier in this file; each id may occur once.";
        Assert.Equal([repeated], list.Rejected[0].Problems.Select(problem => problem.Message));
        Assert.Equal([repeated, "The outcome is \"9\"; it must be 0 or 1."], list.Rejected[1].Problems.Select(problem => problem.Message));
    }

    [Theory]
    [InlineData('\0')]
    [InlineData('\t')]
    [InlineData('\u001B')]
    [InlineData('\u007F')]
    [InlineData('\u0085')]
    public async Task Rejects_rows_with_control_characters(char control)
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + $"1,0,3,\"A{control}B\",male,x,\n2,0,3,C,male,,\n");

        Assert.Single(list.Accepted);
        var rejected = Assert.Single(list.Rejected);
        Assert.Equal($"The row has the control character U+{(int)control:X4}; it must be plain text.", rejected.Problems[0].Message);
        Assert.StartsWith("The age is", rejected.Problems[1].Message, StringComparison.Ordinal);
        Assert.DoesNotContain(control, rejected.Excerpt);
    }

    [Theory]
    [InlineData("Name", "A", 200)]
    [InlineData("Name", "😀", 200)]
    [InlineData("Ticket", "A", 50)]
    [InlineData("Cabin", "A", 50)]
    public async Task Limits_the_length_of_text_in_code_points(string column, string character, int maximum)
    {
        var list = await PassengerListResult.Of("PassengerId,Survived,Pclass,Name,Sex,Age,Fare,Ticket,Cabin\n" + Row(1, maximum) + Row(2, maximum + 1));

        Assert.Equal("1", Assert.Single(list.Accepted).Passenger.SourceKey);
        Assert.Equal([$"The {column.ToLowerInvariant()} has {maximum + 1} characters; it must have at most {maximum}."], Assert.Single(list.Rejected).Problems.Select(problem => problem.Message));

        string Row(int id, int length)
        {
            var text = string.Concat(Enumerable.Repeat(character, length));
            return column switch
            {
                "Name" => $"{id},0,3,{text},male,,,,\n",
                "Ticket" => $"{id},0,3,A,male,,,{text},\n",
                _ => $"{id},0,3,A,male,,,,{text}\n",
            };
        }
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("Robert'); DROP TABLE passengers;--")]
    [InlineData("  O'Brien  ")]
    public async Task Keeps_text_unchanged(string name) =>
        Assert.Equal(name, (await PassengerListResult.SinglePassenger($"1,0,3,{name},male,,\n")).Name);

    [Fact]
    public async Task Truncates_and_escapes_the_excerpt()
    {
        var list = await PassengerListResult.Of(PassengerListResult.Header + $"x,0,3,\"A\n\u202E{new string('y', 300)}\",male,,\n");

        var excerpt = Assert.Single(list.Rejected).Excerpt;
        Assert.StartsWith("x,0,3,\"A\\n\\u202Eyyy", excerpt, StringComparison.Ordinal);
        Assert.EndsWith("y…", excerpt, StringComparison.Ordinal);
        Assert.InRange(excerpt.Length, 80, 100);
    }

    [Fact]
    public async Task Truncates_a_long_cell_in_a_message()
    {
        var reason = await PassengerListResult.SingleReason($"1,0,3,A,{new string('z', 5000)},22,7\n");

        Assert.Equal($"The sex is \"{new string('z', 24)}…\"; it must be male or female.", reason);
    }
}
