using System.Buffers;
using System.Globalization;
using Sylvan.Data.Csv;

namespace Titanic.Web.Passengers;

/// <summary>Turns one record into a passenger, or into all the reasons why it is none.</summary>
internal sealed class PassengerRowReader(PassengerHeader header)
{
    public const double MaximumAgeInYears = 120;
    public const double MaximumFareInPounds = 10_000;
    public const int MaximumNameLength = 200;
    public const int MaximumTicketLength = 50;

    /// <summary>C0, DEL and C1, without the line feed: a line break inside quotes is allowed and read as a blank.</summary>
    public static readonly SearchValues<char> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(letter => char.IsControl(letter) && letter != '\n')]);

    private readonly SeenIds _seenIds = new();
    private readonly List<string> _reasons = [];

    public PassengerRow Read(CsvDataReader record, long line)
    {
        _reasons.Clear();
        var text = record.GetRawRecordSpan();
        var control = text.IndexOfAny(ControlCharacters);
        if (control >= 0)
            _reasons.Add(Sentence($"The row holds the control character U+{(int)text[control]:X4}, which is not allowed."));

        // With broken quotes or a missing cell nobody knows which text belongs to which column, so the cells are not judged.
        var passenger = CellsAreCertain(record, line) ? ReadCells(record) : null;
        return passenger is not null && _reasons.Count == 0
            ? new AcceptedRow(line, passenger)
            : new RejectedRow(line, [.. _reasons], Excerpt.OfRecord(text));
    }

    private bool CellsAreCertain(CsvDataReader record, long line)
    {
        switch (CsvQuoting.Of(record.GetRawRecordSpan()))
        {
            case Quoting.NeverClosed:
                throw new PassengerFileException(Sentence($"Line {line}: a quote is opened in this record and never closed, so the rest ")
                    + "of the file cannot be told apart. Hint: inside a quoted cell a quote is written twice.", line);
            case Quoting.TextAfterClosingQuote:
                _reasons.Add("Text follows a closing quote; inside a quoted cell a quote is written twice.");
                return false;
            case Quoting.QuoteInsideUnquotedCell:
                _reasons.Add("A quote stands inside an unquoted cell; quote the whole cell and write the inner quote twice.");
                return false;
        }
        if (record.RowFieldCount == header.ColumnCount)
            return true;
        _reasons.Add(Sentence($"The row has {record.RowFieldCount} cells; the header has {header.ColumnCount} columns."));
        return false;
    }

    private Passenger? ReadCells(CsvDataReader record)
    {
        var id = ReadId(record.GetFieldSpan(header.PassengerId));
        var survived = ReadDigit(record.GetFieldSpan(header.Survived), '0', '1', "Survived", "0 or 1");
        var pclass = ReadDigit(record.GetFieldSpan(header.Pclass), '1', '3', "Pclass", "1, 2 or 3");
        var name = record.GetFieldSpan(header.Name);
        if (name.IsWhiteSpace())
            _reasons.Add("Name is empty; it must be given.");
        RequireLength(name, MaximumNameLength, "Name");
        var sex = ReadSex(record.GetFieldSpan(header.Sex));
        var age = ReadDecimal(record.GetFieldSpan(header.Age), MaximumAgeInYears, "Age");
        var fare = ReadDecimal(record.GetFieldSpan(header.Fare), MaximumFareInPounds, "Fare");
        if (header.Ticket >= 0)
            RequireLength(record.GetFieldSpan(header.Ticket), MaximumTicketLength, "Ticket");
        if (header.Cabin >= 0)
            RequireLength(record.GetFieldSpan(header.Cabin), MaximumTicketLength, "Cabin");
        if (_reasons.Count > 0)
            return null;

        var key = id.ToString(CultureInfo.InvariantCulture);
        return new Passenger(key, name.ToString().Replace('\n', ' '), pclass, sex, age, fare, survived == 1);
    }

    private long ReadId(ReadOnlySpan<char> cell)
    {
        if (!PlainNumber.TryReadInteger(cell, out var id) || id < 1)
            _reasons.Add($"PassengerId is {Shown(cell)}; it must be a whole number from 1 to 9223372036854775807.");
        else if (!_seenIds.Add(id))
            _reasons.Add(Sentence($"PassengerId {id} stands further up in this file already; it must be unique, and the first row stays."));
        return id;
    }

    private int ReadDigit(ReadOnlySpan<char> cell, char least, char most, string column, string allowed)
    {
        if (cell.Length == 1 && cell[0] >= least && cell[0] <= most)
            return cell[0] - '0';
        _reasons.Add($"{column} is {Shown(cell)}; it must be {allowed}.");
        return 0;
    }

    private Sex ReadSex(ReadOnlySpan<char> cell)
    {
        if (SexWord.Find(cell.Trim()) is { } sex)
            return sex;
        _reasons.Add($"Sex is {Shown(cell)}; it must be male or female.");
        return default; // a row with reasons is rejected
    }

    private double? ReadDecimal(ReadOnlySpan<char> cell, double most, string column)
    {
        if (cell.IsEmpty)
            return null;
        if (PlainNumber.TryReadDecimal(cell, out var value) && value <= most)
            return value;
        _reasons.Add(Sentence($"{column} is {Shown(cell)}; it must be empty or a plain decimal number from 0 to {most}, like 29 or 0.75."));
        return null;
    }

    private void RequireLength(ReadOnlySpan<char> cell, int most, string column)
    {
        if (cell.Length <= most)
            return;
        // Counted like PostgreSQL counts, in code points: the second half of a surrogate pair is no character of its own.
        var length = cell.Length;
        foreach (var letter in cell)
            length -= char.IsLowSurrogate(letter) ? 1 : 0;
        if (length > most)
            _reasons.Add(Sentence($"{column} has {length} characters; at most {most} are allowed."));
    }

    private static string Shown(ReadOnlySpan<char> cell) => cell.IsEmpty ? "empty" : $"\"{Excerpt.OfCell(cell)}\"";

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
