using System.Globalization;
using Sylvan.Data.Csv;

namespace Titanic.Web.Passengers;

/// <summary>A column of a CSV file, or a member of a JSON object.</summary>
/// <param name="Field">The name of the value in JSON, such as "pclass"; null for a column that is known and not read.</param>
/// <param name="Name">The name of the column in messages, such as "Pclass".</param>
/// <param name="Synonyms">Other names in well-known files. The comparison ignores case, blanks and punctuation.</param>
internal sealed record CsvColumn(string? Field, string Name, params string[] Synonyms)
{
    public bool IsRequired { get; init; }

    private readonly string _simpleName = Simplify(Name);
    private readonly string[] _simpleSynonyms = [.. Synonyms.Select(Simplify)];

    /// <summary>The value in a message: "class".</summary>
    public string ValueName => PassengerRule.ValueNameOf(Name);

    public bool HasName(string name) => _simpleName == Simplify(name);

    public bool HasSynonym(string name) => Simplify(name) is var simple && Array.Exists(_simpleSynonyms, synonym => synonym == simple);

    /// <summary>The names by which the column is found: "Pclass (or class, passengerClass, ticketClass)".</summary>
    public string FormatNames() => Synonyms.Length == 0 ? Name : $"{Name} (or {string.Join(", ", Synonyms)})";

    /// <summary>"passengerid" of "Passenger Id" and "passenger_id".</summary>
    private static string Simplify(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}

/// <summary>The columns of one kind of CSV file.</summary>
/// <param name="Columns">All columns, in the order used in messages.</param>
/// <param name="RowName">The noun for a row in messages: "passenger" or "outcome".</param>
/// <param name="AcceptsOptions">Whether the sender can specify encoding and columns, for hints. Default: true.</param>
internal sealed record CsvLayout(CsvColumn[] Columns, string RowName, bool AcceptsOptions = true)
{
    public IEnumerable<CsvColumn> Required => Columns.Where(column => column.IsRequired);

    /// <summary>Whether a column of this name is part of the layout.</summary>
    public bool Knows(string name) => Array.Exists(Columns, column => column.HasName(name) || column.HasSynonym(name));
}

/// <summary>
/// The positions of the columns in one file. A column is the one that the sender specified, else the one with its name, else the only one
/// with a synonym. Names are compared without case, blanks and punctuation, in any order.
/// </summary>
internal sealed class CsvHeader
{
    public const int NotFound = -1;

    private readonly CsvLayout _layout;
    private readonly CsvDialect _dialect;
    private readonly CsvReadOptions _read;
    private readonly string[] _names;
    private readonly int[] _positions;

    /// <exception cref="PassengerFileException">The header does not match the layout.</exception>
    public CsvHeader(CsvDataReader record, CsvLayout layout, CsvDialect dialect, CsvReadOptions read, int maximumColumns)
    {
        (_layout, _dialect, _read) = (layout, dialect, read);
        var line = record.GetRawRecordSpan();
        if (line.TrimStart().StartsWith("<"))
            throw InvalidHeader("this is HTML or XML, not CSV", "the URL may be that of a download page; use the URL of the raw file");

        _names = new string[record.RowFieldCount];
        for (var column = 0; column < _names.Length; column++)
            _names[column] = record.GetFieldSpan(column).ToString().Trim();
        NamedCount = Array.FindLastIndex(_names, name => name.Length > 0) + 1;
        if (NamedCount > maximumColumns)
        {
            throw InvalidHeader(
                $"the header has {Quantity.Of(NamedCount, "column")}; it must have at most {Format.Count(maximumColumns)}", "remove unused columns");
        }
        RequireKnownColumns(line);
        RequireValidText(line);
        RequireUniqueColumns();
        _positions = FindColumns();
        RequireAllColumns();
        IgnoredColumns = [.. _names.Take(NamedCount).Where((name, position) => !IsRead(position, name)).Select(name => Excerpt.Truncate(name))];
    }

    public int ColumnCount => _names.Length;

    /// <summary>The number of columns up to the last one with a name. Cells after them must be empty.</summary>
    public int NamedCount { get; }

    /// <summary>The names as written, without surrounding blanks; an unnamed column is an empty string.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Names of the columns that are not part of the layout, escaped; an unnamed column is an empty string.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; }

    /// <summary>The name of the column in the file for each field that is read.</summary>
    public IReadOnlyDictionary<string, string> Mapping => _layout.Columns
        .Select((column, i) => (column.Field, Position: _positions[i])).Where(found => found is { Field: not null, Position: not NotFound })
        .ToDictionary(found => found.Field!, found => _names[found.Position]);

    /// <summary>The 0-based index of the column, or <see cref="NotFound"/>.</summary>
    /// <param name="name">The name in the layout.</param>
    public int Find(string name) => _positions[Array.FindIndex(_layout.Columns, column => column.Name == name)];

    private bool IsRead(int position, string name) =>
        _positions.Contains(position) || Array.Exists(_layout.Columns, column => column.Field is null && column.HasName(name));

    private int[] FindColumns()
    {
        var specified = _layout.Columns.Select(FindSpecified).ToArray();
        var shared = specified.OfType<int>().Where(position => position >= 0).GroupBy(position => position)
            .FirstOrDefault(fields => fields.Count() > 1);
        if (shared is not null)
            throw InvalidHeader($"the column {Excerpt.Truncate(_names[shared.Key])} is specified for two fields", "specify each column once");
        return [.. _layout.Columns.Select((column, i) => specified[i] ?? FindByName(column, specified))];
    }

    /// <returns>Null if the sender did not specify a column for the field.</returns>
    private int? FindSpecified(CsvColumn column)
    {
        if (column.Field is null || !_read.Columns.TryGetValue(column.Field, out var name))
            return null;
        if (name is null)
            return NotFound;
        var position = Array.FindIndex(_names, other => other.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (position >= 0)
            return position;
        throw InvalidHeader(
            $"there is no column \"{Excerpt.Truncate(name)}\", which is specified for {column.Field}; "
                + $"there are {Excerpt.TruncateRecord(string.Join(", ", _names))}",
            "specify the name as it is written in the header");
    }

    private int FindByName(CsvColumn column, int?[] specified)
    {
        int[] free = [.. Enumerable.Range(0, _names.Length).Where(position => !specified.Contains(position))];
        int[] found = [.. free.Where(position => _names[position].Equals(column.Name, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0)
            found = [.. free.Where(position => column.HasName(_names[position]))];
        if (found.Length == 0)
            found = [.. free.Where(position => column.HasSynonym(_names[position]))];
        return found.Length switch
        {
            0 => NotFound,
            1 => found[0],
            _ => throw InvalidHeader(
                $"the columns {string.Join(" and ", found.Select(position => Excerpt.Truncate(_names[position])))} can both be {column.Name}",
                _layout.AcceptsOptions
                    ? $"specify the column, such as columns={column.Field}:{Excerpt.Truncate(_names[found[0]])}"
                    : "remove or rename one of them"),
        };
    }

    private void RequireKnownColumns(ReadOnlySpan<char> line)
    {
        if (CsvDialect.CountKnownNames(line.TrimEnd('\n'), '|', _layout, _read) >= 2)
            throw InvalidHeader("the columns are separated by \"|\"; they must be separated by \",\", \";\" or TAB", "save the file again with commas");
        if (_read.Columns.Count > 0 || Array.Exists(_names, _layout.Knows))
            return;
        if (!Array.Exists(_names, name => PlainNumber.TryParseDecimal(name, out _)))
            throw MissingColumns([.. _layout.Required]);
        throw InvalidHeader($"there is no header; the file begins with \"{Excerpt.TruncateRecord(line)}\"", "write the column names in the first line");
    }

    private void RequireAllColumns()
    {
        var missing = _layout.Columns.Where((column, i) => column.IsRequired && _positions[i] == NotFound).ToArray();
        if (missing.Length > 0)
            throw MissingColumns(missing);
    }

    private PassengerFileException MissingColumns(CsvColumn[] missing)
    {
        var header = Excerpt.TruncateRecord(string.Join(_dialect.Delimiter, _names.Take(NamedCount)));
        var columns = missing.Length == 1 ? "column" : "columns";
        return Invalid(
            $"the header \"{header}\" has no column for {string.Join(" and ", missing.Select(column => column.ValueName))}; "
                + $"columns are found by name: {string.Join(", ", missing.Select(column => column.FormatNames()))}",
            _layout.AcceptsOptions
                ? $"rename the {columns}, or specify columns as {string.Join(',', missing.Select(column => $"{column.Field}:NAME"))}"
                : $"rename the {columns}");
    }

    private void RequireValidText(ReadOnlySpan<char> line)
    {
        var control = RowValidator.IndexOfControlCharacter(line, _dialect.Delimiter);
        if (control >= 0)
            throw InvalidHeader($"the header has the control character U+{(int)line[control]:X4}; it must be plain text", "remove it");
        if (CsvQuoting.Check(line, _dialect.Delimiter) != Quoting.Correct)
            throw InvalidHeader("a quote in the header is not closed or is inside a name", "quote whole names only");
    }

    private void RequireUniqueColumns()
    {
        for (var column = 0; column < _names.Length; column++)
        {
            // Unnamed columns (pandas writes its index as one) are ignored and may occur more than once.
            var first = Array.FindIndex(_names, name => name.Equals(_names[column], StringComparison.OrdinalIgnoreCase));
            if (_names[column].Length > 0 && first != column)
            {
                throw InvalidHeader($"the column {Excerpt.Truncate(_names[column])} occurs twice, as columns {first + 1} and {column + 1}",
                    "remove or rename one of them");
            }
        }
    }

    private PassengerFileException InvalidHeader(FormattableString problem, string hint) =>
        InvalidHeader(problem.ToString(CultureInfo.InvariantCulture), hint);

    private PassengerFileException InvalidHeader(string problem, string hint) =>
        Invalid($"{problem}. Required columns: {string.Join(", ", _layout.Required.Select(column => column.Name))}", hint);

    private PassengerFileException Invalid(string problem, string hint) => new(
        string.Create(CultureInfo.InvariantCulture, $"Line {_dialect.HeaderLine}: {problem}. Hint: {hint}."), _dialect.HeaderLine);
}
