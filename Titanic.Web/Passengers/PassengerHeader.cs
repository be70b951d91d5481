using System.Globalization;
using Sylvan.Data.Csv;

namespace Titanic.Web.Passengers;

/// <summary>
/// Where the columns stand in one file. They are found by name, trimmed, in any case and any order; the header is always line 1.
/// </summary>
internal sealed class PassengerHeader
{
    public static readonly string[] Required = ["PassengerId", "Survived", "Pclass", "Name", "Sex", "Age", "Fare"];

    /// <summary>The rest of Kaggle's layout: known, so not worth a warning, but the model does not use it.</summary>
    private static readonly string[] Optional = ["SibSp", "Parch", "Ticket", "Cabin", "Embarked"];

    private const int Absent = -1;

    private readonly string[] _names;

    /// <exception cref="PassengerFileException">The columns are not those of a passenger list.</exception>
    public PassengerHeader(CsvDataReader record, int maximumColumns)
    {
        var line = record.GetRawRecordSpan();
        if (line.TrimStart().StartsWith("<"))
            throw Refused("this is HTML or XML, not CSV", "a download page may stand in place of the file; use the raw file's address");
        if (record.RowFieldCount > maximumColumns)
            throw Refused($"the header has {record.RowFieldCount} columns; at most {maximumColumns} are allowed", "remove unused columns");

        _names = new string[record.RowFieldCount];
        for (var column = 0; column < _names.Length; column++)
            _names[column] = record.GetFieldSpan(column).ToString().Trim();
        RequireAllColumns(line);
        RequireCleanText(line);
        RequireEachColumnOnce();

        PassengerId = Find("PassengerId");
        Survived = Find("Survived");
        Pclass = Find("Pclass");
        Name = Find("Name");
        Sex = Find("Sex");
        Age = Find("Age");
        Fare = Find("Fare");
        Ticket = Find("Ticket");
        Cabin = Find("Cabin");
        IgnoredColumns = [.. _names.Where(name => !IsKnown(name)).Select(name => Excerpt.OfCell(name))];
    }

    public int PassengerId { get; }
    public int Survived { get; }
    public int Pclass { get; }
    public int Name { get; }
    public int Sex { get; }
    public int Age { get; }
    public int Fare { get; }

    /// <summary>Negative when the file has no such column.</summary>
    public int Ticket { get; }

    /// <summary>Negative when the file has no such column.</summary>
    public int Cabin { get; }

    public int ColumnCount => _names.Length;

    /// <summary>Columns that this layout does not know, escaped; a column without a name is an empty text.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; }

    private int Find(string name) => Array.FindIndex(_names, seen => seen.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static bool IsKnown(string name) =>
        Required.Contains(name, StringComparer.OrdinalIgnoreCase) || Optional.Contains(name, StringComparer.OrdinalIgnoreCase);

    private void RequireAllColumns(ReadOnlySpan<char> line)
    {
        var missing = Required.Where(name => Find(name) == Absent).ToArray();
        if (missing.Length == 0)
            return;
        foreach (var (separator, called) in (ReadOnlySpan<(char, string)>)[(';', "\";\""), ('\t', "TAB"), ('|', "\"|\"")])
        {
            if (NamesWhenSplitBy(separator, line) >= 2)
                throw Refused($"the columns are separated by {called}; only \",\" is allowed", "save the file again with commas");
        }
        if (missing.Length == Required.Length)
        {
            throw Refused($"there is no header; the file begins with \"{Excerpt.OfRecord(line)}\"",
                "put the names of the columns into the first line");
        }
        throw Refused(missing.Length == 1 ? $"the column {missing[0]} is missing" : $"the columns {string.Join(", ", missing)} are missing",
            "names are found in any order and any case, but must be spelled like this");
    }

    private static int NamesWhenSplitBy(char separator, ReadOnlySpan<char> line) =>
        line.ToString().Split(separator, StringSplitOptions.TrimEntries)
            .Count(name => Required.Contains(name.Trim('"'), StringComparer.OrdinalIgnoreCase));

    private static void RequireCleanText(ReadOnlySpan<char> line)
    {
        var control = line.IndexOfAny(PassengerRowReader.ControlCharacters);
        if (control >= 0)
            throw Refused($"the header holds the control character U+{(int)line[control]:X4}, which is not allowed", "remove it");
        if (CsvQuoting.Of(line) != Quoting.Correct)
            throw Refused("a quote in the header is not closed or stands inside a name", "quote whole names or none");
    }

    private void RequireEachColumnOnce()
    {
        for (var column = 0; column < _names.Length; column++)
        {
            // A column without a name (pandas writes its index so) is just an unknown one, however often it comes.
            if (_names[column].Length > 0 && Find(_names[column]) is var first && first != column)
            {
                throw Refused($"the column {Excerpt.OfCell(_names[column])} stands there twice, as number {first + 1} and {column + 1}",
                    "remove or rename one of them");
            }
        }
    }

    private static PassengerFileException Refused(FormattableString seen, string hint) =>
        Refused(seen.ToString(CultureInfo.InvariantCulture), hint);

    private static PassengerFileException Refused(string seen, string hint) =>
        new($"Line 1: {seen}. Required columns: {string.Join(", ", Required)}. Hint: {hint}.", line: 1);
}
