using System.Globalization;
using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class PassengerJsonTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, 500, TimeSpan.Zero);

    private const string Anna = """{"passengerId": 1, "name": "Anna", "pclass": 1, "sex": "female"}""";

    [Fact]
    public async Task Parses_an_object()
    {
        var rows = await Rows("""[{"PassengerId":"9007199254740993","name":"O'Neill, \"Bess\"\r\nW.","PCLASS":2,"sex":" FeMale ","age":0.75,"fare":0,"survived":true,"eventTime":"2026-11-23T18:00:00+01:00"}]""");

        var expected = new Passenger("9007199254740993", "O'Neill, \"Bess\" W.", 2, Sex.Female, 0.75, 0, true, new(2026, 11, 23, 17, 0, 0, TimeSpan.Zero));
        Assert.Equal(new AcceptedRow(1, expected), Assert.Single(rows));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(""", "age": null, "fare": null, "survived": null, "eventTime": null""", null)]
    [InlineData(""", "survived": 0""", false)]
    [InlineData(""", "survived": 1""", true)]
    [InlineData(""", "survived": false""", false)]
    public async Task Treats_missing_and_null_members_as_unknown(string more, bool? survived)
    {
        var row = Assert.IsType<AcceptedRow>(Assert.Single(await Rows($"[{Anna.TrimEnd('}')}{more}}}]")));

        Assert.Equal(new Passenger("1", "Anna", 1, Sex.Female, null, null, survived), row.Passenger);
    }

    [Fact]
    public async Task Returns_all_problems_of_an_invalid_element()
    {
        var rows = await Rows($$"""[{{Anna}}, {"passengerId": -1, "pclass": "4", "name": 5, "sex": "man", "age": "x", "fare": 1e400, "survived": 2, "eventTime": "yesterday"}]""");

        var rejected = Assert.IsType<RejectedRow>(rows[1]);
        Assert.Equal(
            [
                "The member name is a number; it must be a string.",
                "The passenger id is \"-1\"; it must be a whole number between 1 and 9,223,372,036,854,775,807, or a text with a letter of at most 100 characters, without slashes.",
                "The outcome is \"2\"; it must be 0 or 1.",
                "The class is \"4\"; it must be 1, 2 or 3.",
                "The sex is \"man\"; it must be male or female.",
                "The age is \"x\"; it must be a plain number between 0 and 120 years, such as 29 or 0.75, or omitted if unknown.",
                "The fare is \"1e400\"; it must be a plain number between 0 and 10,000 pounds, such as 29 or 0.75, or omitted if unknown.",
                "The event time is \"yesterday\"; it must be empty, a date such as 2026-11-23 (its start in UTC), or an instant with an offset, such as 2026-11-23T18:00:00Z or 2026-11-23T19:00:00+01:00.",
            ],
            rejected.Problems.Select(problem => problem.Message));
        Assert.Equal((2, 1), (rejected.Line, rows.OfType<AcceptedRow>().Count()));
    }

    /// <summary>Python's json.dumps writes NaN for a missing number; to_json of pandas writes whole numbers as 1.0.</summary>
    [Theory]
    [InlineData("""[{"PassengerId":702004,"Survived":0,"Pclass":3,"Name":"Rec, Mr. NaN \" NaN","Sex":"male","Age":NaN,"Fare":7.25}]""")]
    [InlineData("""[{"PassengerId":702004.0,"Survived":0.0,"Pclass":3.0,"Name":"Rec, Mr. NaN \" NaN","Sex":"male","Age": NaN ,"Fare":725e-2}]""")]
    [InlineData("""[{"PassengerId":"702004","Survived":"no","Pclass":"Third","Name":"Rec, Mr. NaN \" NaN","Sex":"male","Age":"NA","Fare":"7.25"}]""")]
    public async Task Reads_the_numbers_of_Python(string json)
    {
        var row = Assert.IsType<AcceptedRow>(Assert.Single(await Rows(json)));

        Assert.Equal(new Passenger("702004", "Rec, Mr. NaN \" NaN", 3, Sex.Male, null, 7.25, false), row.Passenger);
    }

    [Theory]
    [InlineData("[{\"age\": N}]")]
    [InlineData("[{\"age\": Na}]")]
    [InlineData("[{\"age\": NaNN}]")]
    [InlineData("[{\"age\": None}]")]
    [InlineData("[{\"age\": N\"a\": 1}]")]
    public async Task Rejects_other_literals_like_NaN(string json) => await Assert.ThrowsAsync<PassengerFileException>(() => Rows(json));

    [Theory]
    [InlineData("null", "The element is null; it must be an object.")]
    [InlineData("[1]", "The element is an array; it must be an object.")]
    [InlineData("\"x\"", "The element is a string; it must be an object.")]
    [InlineData("""{"passengerId": 1, "name": "A\u0000B", "pclass": 1, "sex": "male"}""", "The member name has the control character U+0000; it must be plain text.")]
    [InlineData("""{"passengerId": 1, "name": "A\ud800", "pclass": 1, "sex": "male"}""", "A string has an unpaired surrogate (\\uD800 to \\uDFFF); surrogates must be paired.")]
    [InlineData("""{"passengerId": 1, "passengerID": 2, "name": "A", "pclass": 1, "sex": "male"}""", "The member passengerId is given twice; it must be given once.")]
    [InlineData("""{"passengerId": true, "name": "A", "pclass": 1, "sex": "male"}""", "The member passengerId is true or false; it must be a string or a number.")]
    [InlineData("""{"passengerId": [1], "name": "A", "pclass": 1, "sex": "male"}""", "The member passengerId is an array; it must be a string or a number.")]
    [InlineData("""{"id": 1, "ID": 2, "pclass": 1, "sex": "male"}""", "The members id and ID can both be passengerId; send one of them.")]
    [InlineData("""{"gender": "male"}""", "The class is missing; it must be 1, 2 or 3.")]
    [InlineData("""{"pclass": null, "sex": "male"}""", "The class is missing; it must be 1, 2 or 3.")]
    [InlineData("""{"pclass": "", "sex": "male"}""", "The class is empty; it must be 1, 2 or 3.")]
    [InlineData("""{"pclass": 1, "sex": "male", "fare": 1e30}""", "The fare is \"1e30\"; it must be a plain number between 0 and 10,000 pounds, such as 29 or 0.75, or omitted if unknown.")]
    [InlineData("""{"passengerId": 1.5, "name": "A", "pclass": 1, "sex": "male"}""", "The passenger id is \"1.5\"; it must be a whole number between 1 and 9,223,372,036,854,775,807, or a text with a letter of at most 100 characters, without slashes.")]
    public async Task Rejects_an_element_that_breaks_a_rule(string element, string reason)
    {
        var row = Assert.IsType<RejectedRow>(Assert.Single(await Rows($"[{element}]")));

        Assert.Equal(reason, row.Problems[0].Message);
    }

    [Theory]
    [InlineData("2026-11-24T13:00+01:00", "2026-11-24T12:00:00Z")]
    [InlineData("2026-11-24", "2026-11-24T00:00:00Z")]
    [InlineData("1912-04-15", "1912-04-15T00:00:00Z")]
    public async Task Parses_an_event_time_as_instant_or_day(string text, string instant)
    {
        var row = Assert.IsType<AcceptedRow>(Assert.Single(await Rows($"[{Anna.TrimEnd('}')}, \"eventTime\": \"{text}\"}}]")));

        Assert.Equal(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture), row.Passenger.EventTime);
    }

    [Theory]
    [InlineData("2026-11-24T12:00:00.501Z", "event_time_is_of_the_past", "it must not be after now, 2026-11-24T12:00:00.500Z.")]
    [InlineData("2026-11-25", "event_time_is_of_the_past", "it must not be after now, 2026-11-24T12:00:00.500Z.")]
    [InlineData("2026-11-23T18:00", "event_time_is_instant", "or 2026-11-23T19:00:00+01:00.")] // no offset
    [InlineData("2026-02-30", "event_time_is_instant", "or 2026-11-23T19:00:00+01:00.")]
    [InlineData("23.11.2026", "event_time_is_instant", "or 2026-11-23T19:00:00+01:00.")]
    [InlineData("0001-01-01", "event_time_is_instant", "or 2026-11-23T19:00:00+01:00.")] // Npgsql writes it as -infinity
    [InlineData("0001-01-01T00:00Z", "event_time_is_instant", "or 2026-11-23T19:00:00+01:00.")]
    [InlineData("0001-01-01T00:00+14:00", "event_time_is_instant", "or 2026-11-23T19:00:00+01:00.")]
    public async Task Rejects_an_event_time_in_the_future_or_in_another_format(string text, string rule, string allowed)
    {
        var row = Assert.IsType<RejectedRow>(Assert.Single(await Rows($"[{Anna.TrimEnd('}')}, \"eventTime\": \"{text}\"}}]")));

        var problem = Assert.Single(row.Problems);
        Assert.Equal(rule, problem.Rule.Name);
        Assert.StartsWith($"The event time is \"{text[..Math.Min(24, text.Length)]}", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith(allowed, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id": 1, "full_name": "Anna", "class": 1, "gender": "female", "Cabin": "B5"}""", "")]
    [InlineData("""{"id": 7, "passengerId": 1, "name": "Anna", "pclass": 1, "class": "First", "sex": "female"}""", "class, id")]
    [InlineData("""{"passengerId": 1, "id": 7, "class": "First", "pclass": 1, "name": "Anna", "sex": "female"}""", "class, id")]
    [InlineData("""{"Passenger Id": 1, "id": 7, "name": "Anna", "pclass": 1, "sex": "female"}""", "id")]
    public async Task Finds_members_by_the_names_of_CSV_columns(string element, string ignored)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes($"[{element}]"));
        var json = new PassengerJson(body, _now, new PassengersOptions());
        var rows = await json.RowsAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        var expected = new Passenger("1", "Anna", 1, Sex.Female, null, null, null);
        Assert.Equal(expected, Assert.IsType<AcceptedRow>(Assert.Single(rows)).Passenger);
        Assert.Equal(ignored, string.Join(", ", json.IgnoredMembers));
    }

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("\"1.0\"", "1")]
    [InlineData("1", "1")]
    [InlineData("\"1.5\"", "1.5")]
    [InlineData("\" P 1 \"", "P 1")]
    public async Task Writes_a_declared_person_that_is_a_whole_number_without_a_fraction(string person, string expected)
    {
        var row = Assert.IsType<AcceptedRow>(Assert.Single(await Rows($"[{Anna.TrimEnd('}')}, \"person\": {person}}}]")));

        Assert.Equal(expected, row.Passenger.Person);
    }

    [Fact]
    public async Task Rejects_a_repeated_id_and_keeps_the_first_row()
    {
        var rows = await Rows($"[{Anna}, {Anna}]");

        Assert.IsType<AcceptedRow>(rows[0]);
        Assert.Equal(PassengerRules.IdIsUnique, Assert.Single(Assert.IsType<RejectedRow>(rows[1]).Problems).Rule);
    }

    [Fact]
    public async Task Returns_each_ignored_member_once()
    {
        var text = $"[{Anna.TrimEnd('}')}, \"deck\": \"B\", \"x\\u202Ey\": 1}}, {Anna.TrimEnd('}')}, \"deck\": \"C\"}}]";

        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var json = new PassengerJson(body, _now, new PassengersOptions());
        await foreach (var _ in json.RowsAsync(TestContext.Current.CancellationToken))
        {
            // The ignored members are complete after the last row.
        }

        Assert.Equal(["deck", "x\\u202Ey"], json.IgnoredMembers);
    }

    [Theory]
    [InlineData("", "The body is empty.")]
    [InlineData("[]", "The body contains no element.")]
    [InlineData("null", "The body contains no element.")]
    [InlineData("{}", "Line 1, byte 2: the body is not a JSON array of objects.")]
    [InlineData("[{\"passengerId\": 1}", "Line 1")]
    [InlineData("[{}, nonsense]", "Line 1, byte 7: the body is not a JSON array of objects.")]
    [InlineData("[{}]x", "Line 1")]
    [InlineData("[{},]", "Line 1, byte 5")]
    [InlineData("[{\"a\":[[[[[[[[[1]]]]]]]]]}]", "Line 1, byte 13: the body is not a JSON array of objects. Hint: send a complete array [{…}, {…}] in UTF-8, at most 8 levels deep")]
    [InlineData("PassengerId,Survived\n", "Line 1, byte 1")]
    public async Task Rejects_a_body_that_is_not_an_array_of_objects(string body, string message)
    {
        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => Rows(body));

        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Hint:", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accepts_UTF8_only()
    {
        await Assert.ThrowsAsync<PassengerFileException>(() => Rows(Encoding.Unicode.GetBytes($"[{Anna}]")));
        var latin = await Assert.ThrowsAsync<PassengerFileException>(() => Rows(Encoding.Latin1.GetBytes($"[{Anna}, {Anna.Replace("Anna", "Ann\u00E4", StringComparison.Ordinal)}]")));
        Assert.StartsWith("Element 2 contains bytes that are not valid UTF-8", latin.Message, StringComparison.Ordinal);
        Assert.IsType<AcceptedRow>(Assert.Single(await Rows([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes($"[{Anna}]")])));
    }

    [Theory]
    [InlineData(900, true)]
    [InlineData(2_000, false)]
    [InlineData(1_000_000, false)]
    public async Task Rejects_an_element_over_the_length_limit_before_buffering_it(int length, bool isAllowed)
    {
        var options = new PassengersOptions { MaximumRecordLengthInCharacters = 1_000 };
        var body = Encoding.UTF8.GetBytes($$"""[{{Anna}}, {"x": "{{new string('x', length)}}"}]""");

        if (isAllowed)
        {
            Assert.Equal(2, (await Rows(body, options)).Count);
            return;
        }
        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => Rows(body, options));
        Assert.StartsWith("Element 2 is longer than 1,000 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parses_elements_from_chunks_of_any_size()
    {
        var body = Encoding.UTF8.GetBytes("[" + string.Join(",\n", Enumerable.Range(1, 5_000).Select(id => $$"""{"passengerId": {{id}}, "name": "Ä{{id}}", "pclass": 3, "sex": "male"}""")) + "]");

        var rows = await Rows(new ChunkedStream(body, seed: 7));

        Assert.Equal(await Rows(body), rows);
        Assert.Equal(5_000, rows.OfType<AcceptedRow>().Count());
    }

    private static Task<List<PassengerRow>> Rows(string body) => Rows(Encoding.UTF8.GetBytes(body));

    private static async Task<List<PassengerRow>> Rows(byte[] body, PassengersOptions? options = null)
    {
        using var stream = new MemoryStream(body);
        return await Rows(stream, options);
    }

    private static async Task<List<PassengerRow>> Rows(Stream body, PassengersOptions? options = null) =>
        await new PassengerJson(body, _now, options ?? new PassengersOptions()).RowsAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
}
