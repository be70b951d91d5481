using System.Buffers;
using System.Globalization;
using Sylvan.Data.Csv;

namespace Titanic.Web.Passengers;

/// <summary>Turns one record into a passenger, or into all the reasons why it is none.</summary>
internal sealed class PassengerRowReader(PassengerHeader header)
{
    /// <summary>C0, DEL and C1, without the line feed: a line break inside quotes is allowed and read as a blank.</summary>
    public static readonly SearchValues<char> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(letter => char.IsControl(letter) && letter != '\n')]);

    private readonly SeenIds _seenIds = new();
    private readonly List<RowProblem> _problems = [];

    public PassengerRow Read(CsvDataReader record, long line)
    {
        _problems.Clear();
        var text = record.GetRawRecordSpan();
        var control = text.IndexOfAny(ControlCharacters);
        if (control >= 0)
            Add(PassengerRules.WellFormed, Sentence($"The row holds the control character U+{(int)text[control]:X4}, which is not allowed."));

        // With broken quotes or a missing cell nobody knows which text belongs to which column, so the cells are not judged.
        var passenger = CellsAreCertain(record, line) ? ReadCells(record) : null;
        return passenger is not null && _problems.Count == 0
            ? new AcceptedRow(line, passenger)
            : new RejectedRow(line, [.. _problems], Excerpt.OfRecord(text));
    }

    private bool CellsAreCertain(CsvDataReader record, long line)
    {
        switch (CsvQuoting.Of(record.GetRawRecordSpan()))
        {
            case Quoting.NeverClosed:
                throw new PassengerFileException(Sentence($"Line {line}: a quote is opened in this record and never closed, so the rest ")
                    + "of the file cannot be told apart. Hint: inside a quoted cell a quote is written twice.", line);
            case Quoting.TextAfterClosingQuote:
                Add(PassengerRules.WellFormed, "Text follows a closing quote; inside a quoted cell a quote is written twice.");
                return false;
            case Quoting.QuoteInsideUnquotedCell:
                Add(PassengerRules.WellFormed, "A quote stands inside an unquoted cell; quote the whole cell and write the inner quote twice.");
                return false;
        }
        if (record.RowFieldCount == header.ColumnCount)
            return true;
        Add(PassengerRules.WellFormed, Sentence($"The row has {record.RowFieldCount} cells; the header has {header.ColumnCount} columns."));
        return false;
    }

    private Passenger? ReadCells(CsvDataReader record)
    {
        var id = ReadId(record.GetFieldSpan(header.PassengerId));
        var survived = ReadDigit(record.GetFieldSpan(header.Survived), '0', '1', PassengerRules.SurvivedInSet);
        var pclass = ReadDigit(record.GetFieldSpan(header.Pclass), '1', '3', PassengerRules.PclassInSet);
        var name = record.GetFieldSpan(header.Name);
        if (name.IsWhiteSpace())
            Add(PassengerRules.NameIsGiven, "Name is empty; it must be given.");
        RequireLength(name, PassengerRules.MaximumNameLength, PassengerRules.NameLength);
        var sex = ReadSex(record.GetFieldSpan(header.Sex));
        var age = ReadDecimal(record.GetFieldSpan(header.Age), PassengerRules.MaximumAgeInYears, PassengerRules.AgeInRange);
        var fare = ReadDecimal(record.GetFieldSpan(header.Fare), PassengerRules.MaximumFareInPounds, PassengerRules.FareInRange);
        if (header.Ticket >= 0)
            RequireLength(record.GetFieldSpan(header.Ticket), PassengerRules.MaximumTicketLength, PassengerRules.TicketLength);
        if (header.Cabin >= 0)
            RequireLength(record.GetFieldSpan(header.Cabin), PassengerRules.MaximumTicketLength, PassengerRules.CabinLength);
        if (_problems.Count > 0)
            return null;

        var key = id.ToString(CultureInfo.InvariantCulture);
        return new Passenger(key, name.ToString().Replace('\n', ' '), pclass, sex, age, fare, survived == 1);
    }

    private long ReadId(ReadOnlySpan<char> cell)
    {
        if (!PlainNumber.TryReadInteger(cell, out var id) || id < 1)
            Add(PassengerRules.IdIsNumber, $"PassengerId is {Shown(cell)}; it must be a whole number from 1 to 9223372036854775807.");
        else if (!_seenIds.Add(id))
            Add(PassengerRules.IdIsUnique, Sentence($"PassengerId {id} stands further up in this file already; it must be unique, and the first row stays."));
        return id;
    }

    private int ReadDigit(ReadOnlySpan<char> cell, char least, char most, PassengerRule rule)
    {
        if (cell.Length == 1 && cell[0] >= least && cell[0] <= most)
            return cell[0] - '0';
        Add(rule, $"{rule.Column} is {Shown(cell)}; it must be {rule.Expects}.");
        return 0;
    }

    private Sex ReadSex(ReadOnlySpan<char> cell)
    {
        if (SexWord.Find(cell.Trim()) is { } sex)
            return sex;
        Add(PassengerRules.SexInSet, $"Sex is {Shown(cell)}; it must be male or female.");
        return default; // a row with reasons is rejected
    }

    private double? ReadDecimal(ReadOnlySpan<char> cell, double most, PassengerRule rule)
    {
        if (cell.IsEmpty)
            return null;
        if (PlainNumber.TryReadDecimal(cell, out var value) && value <= most)
            return value;
        Add(rule, $"{rule.Column} is {Shown(cell)}; it must be {rule.Expects}, like 29 or 0.75.");
        return null;
    }

    private void RequireLength(ReadOnlySpan<char> cell, int most, PassengerRule rule)
    {
        if (cell.Length <= most)
            return;
        // Counted like PostgreSQL counts, in code points: the second half of a surrogate pair is no character of its own.
        var length = cell.Length;
        foreach (var letter in cell)
            length -= char.IsLowSurrogate(letter) ? 1 : 0;
        if (length > most)
            Add(rule, Sentence($"{rule.Column} has {length} characters; at most {most} are allowed."));
    }

    private void Add(PassengerRule rule, string sentence) => _problems.Add(new RowProblem(rule, sentence));

    private static string Shown(ReadOnlySpan<char> cell) => cell.IsEmpty ? "empty" : $"\"{Excerpt.OfCell(cell)}\"";

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
