using System.Globalization;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>
/// Small files in the shapes that people have: exports of Kaggle, seaborn, OpenML, R, TensorFlow, pandas and Excel, and ambiguous files. The
/// rows are made up. Each case has the passengers that are read, or the message with which the file or its first row is rejected.
/// </summary>
public sealed class FileCasesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("kaggle_test.csv", 3, 0, "800101 Probe, Mr. Ken 3 male 31.5 7.75 ?")]
    [InlineData("seaborn.csv", 3, 0, "row-* - 3 male 21 7.5 0")]
    [InlineData("seaborn_index.csv", 2, 0, "row-* - 3 male 21 7.5 0")]
    [InlineData("excel_de_utf8.csv", 2, 0, "800301 Büro, Herr Jörg 3 male 21 7.5 0")]
    [InlineData("excel_sep_line.csv", 2, 0, "800301 Büro, Herr Jörg 3 male 21 7.5 0")]
    [InlineData("excel_blank_rows.csv", 2, 0, "800401 Void, Mr. A 3 male 21 7.5 0")]
    [InlineData("header_spaces.csv", 2, 0, "800801 Wide, Mr. A 3 male 21 7.5 0")]
    [InlineData("cs109.csv", 2, 0, "row-* Mr. Ned Oak 3 male 21 7.5 0")]
    [InlineData("minimal.csv", 3, 0, "row-* - 1 female ? ? ?")]
    [InlineData("tab.tsv", 1, 1, "800901 Tabb, Mr. A 3 male 21 7.5 0")]
    [InlineData("utf16le.csv", 2, 0, "800301 Büro, Herr Jörg 3 male 21 7.5 0")]
    [InlineData("utf16be.csv", 2, 0, "800301 Büro, Herr Jörg 3 male 21 7.5 0")]
    [InlineData("crlf_quotes.csv", 2, 1, "801001 Line \"Tom\" Two 3 male 21 7.5 0")]
    [InlineData("trailing_cells.csv", 1, 1, "row-* - 3 male 21 ? ?")]
    [InlineData("text_ids.csv", 2, 3, "P-001 - 3 male ? ? ?")]
    [InlineData("gzip.csv.gz", 2, 0, "801101 Pack, Mr. A 3 male 21 7.5 0")]
    [InlineData("one_file.zip", 2, 0, "801101 Pack, Mr. A 3 male 21 7.5 0")]
    [InlineData("mixed_decimals.csv", 1, 1, "row-* - 3 male ? 7.25 ?")]
    [InlineData("thousands.csv", 1, 1, "row-* - 3 male ? 7.25 ?")]
    public async Task Reads_the_rows(string file, int accepted, int rejected, string first)
    {
        var rows = await Read(file);

        Assert.Equal((accepted, rejected), (rows.OfType<AcceptedRow>().Count(), rows.OfType<RejectedRow>().Count()));
        Assert.Equal(first, Describe(rows.OfType<AcceptedRow>().First().Passenger));
    }

    [Theory]
    [InlineData("openml.csv", 2, 0, "row-* Case, Miss. Ena 1 female 28 200.5 1")]
    [InlineData("pandas_bool.csv", 2, 0, "800601 True, Mr. A 3 male 21 7.5 0")]
    [InlineData("pandas_nan.csv", 2, 0, "800701 Gap, Mr. A 3 male ? 7.5 0")]
    [InlineData("pandas_records_float.json", 1, 0, "802003 Row, Mr. A 3 male 21 7.5 0")]
    [InlineData("python_nan.json", 1, 0, "802004 Row, Mr. B 3 male ? 7.5 0")]
    [InlineData("r_cardata.csv", 2, 0, "row-* - 1 female 28 ? 1")]
    [InlineData("r_row_names.csv", 2, 0, "row-* Fir, Miss. Ada 1 female 28 ? 1")]
    [InlineData("vanderbilt_txt.csv", 2, 0, "row-* Ash, Miss Eva 1 female 28 ? 1")]
    [InlineData("tensorflow.csv", 2, 0, "row-* - 3 male 21 7.5 0")]
    [InlineData("semicolon_point.csv", 2, 0, "343 Beech, Mr. Eli 2 male 28 13 0")]
    public Task Reads_the_values_of_other_programs(string file, int accepted, int rejected, string first) => Reads_the_rows(file, accepted, rejected, first);

    [Theory]
    [InlineData("unknown_names.csv", "Line 1: the header \"Klasse,Geschlecht,Alter\" has no column for class and sex; columns are found by name: Pclass (or class, ")]
    [InlineData("duplicate_columns.csv", "Line 1: the column sex occurs twice, as columns 2 and 3")]
    [InlineData("two_classes.csv", "Line 1: the columns class and passengerClass can both be Pclass")]
    [InlineData("pipe.csv", "Line 1: the columns are separated by \"|\"; they must be separated by \",\", \";\" or TAB")]
    [InlineData("no_header.csv", "Line 1: there is no header")]
    [InlineData("header_only.csv", "The file has a header and no passenger")]
    [InlineData("latin1_undeclared.csv", "Line 2: byte 27 of the file (0xE9) is not valid UTF-8")]
    [InlineData("windows1252.csv", "Line 2: byte 61 of the file (0xFC) is not valid UTF-8")]
    [InlineData("damaged.zip", "The compressed file is damaged or incomplete")]
    [InlineData("encrypted.zip", "The zip file is encrypted; it must have no password")]
    [InlineData("truncated.csv.gz", "The compressed file is damaged or incomplete")]
    [InlineData("two_files.zip", "The zip file contains 2 files; it must contain one CSV file")]
    [InlineData("workbook.xlsx", "The file is an Excel workbook (.xlsx); it must be a CSV file")]
    public async Task Rejects_the_file(string file, string message)
    {
        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => Read(file));

        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Hint:", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("comma_decimal_in_comma_file.csv", 2, "The fare is \"7,25\"; it must be a plain number")]
    [InlineData("mixed_decimals.csv", 3, "The fare is \"70.5\"; its decimal separator must be a comma, as in earlier rows.")]
    [InlineData("thousands.csv", 2, "The fare is \"1.000,50\"; it must be a plain number")]
    [InlineData("tab.tsv", 3, "The age is \"37,5\"; its decimal separator must be a point, as in earlier rows.")]
    [InlineData("crlf_quotes.csv", 4, "The passenger id is \"bad id/\"; it must be a whole number between 1 and 9,223,372,036,854,775,807, or a text")]
    [InlineData("trailing_cells.csv", 3, "The row has 5 cells; the header has 3 columns.")]
    [InlineData("text_ids.csv", 4, "The passenger id P-001 already occurs earlier in this file")]
    [InlineData("no_good_row.csv", 2, "The class is \"4\"; it must be ")]
    public async Task Rejects_the_row(string file, long line, string message)
    {
        var row = (await Read(file)).OfType<RejectedRow>().First();

        Assert.Equal(line, row.Line);
        Assert.StartsWith(message, row.Problems[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("windows1252.csv", "windows-1252", null, null, "800301 Büro, Herr Jörg 3 male 21 7.5 0")]
    [InlineData("latin1_undeclared.csv", "windows-1252", null, null, "row-* José 3 male ? ? ?")]
    [InlineData("unknown_names.csv", null, null, "pclass:Klasse, sex:geschlecht", "row-* - 3 male ? ? ?")]
    [InlineData("unknown_names.csv", null, "comma", "sex:Geschlecht,age:Alter,pclass:Klasse", "row-* - 3 male 21 ? ?")]
    public async Task Reads_with_what_is_specified(string file, string? encoding, string? delimiter, string? columns, string first)
    {
        var (read, problem) = CsvReadOptions.Parse(encoding, delimiter, columns);

        Assert.Null(problem);
        Assert.Equal(first, Describe((await Read(file, read)).OfType<AcceptedRow>().First().Passenger));
    }

    [Theory]
    [InlineData("two_classes.csv", null, null, "pclass:passengerClass", "row-* - 1 male ? ? ?")]
    [InlineData("r_cardata.csv", null, null, "name:rownames,age:", "row-* Elm, Miss. Ada 1 female ? ? 1")]
    public Task Reads_values_of_other_programs_with_what_is_specified(string file, string? encoding, string? delimiter, string? columns, string first) =>
        Reads_with_what_is_specified(file, encoding, delimiter, columns, first);

    [Theory]
    [InlineData("kaggle_test.csv", "Read as comma-separated UTF-8; columns: id ← PassengerId, class ← Pclass, name ← Name, sex ← Sex, age ← Age, fare ← Fare.")]
    [InlineData("utf16le.csv", "Read as semicolon-separated UTF-16 with decimal comma; columns: id ← PassengerId, survived ← Survived, class ← Pclass, name ← Name, sex ← Sex, age ← Age, fare ← Fare.")]
    [InlineData("minimal.csv", "Read as comma-separated UTF-8; columns: class ← class, sex ← sex; ids from the content of the rows.")]
    [InlineData("text_ids.csv", "Read as comma-separated UTF-8; columns: id ← id, class ← ticketClass, sex ← gender.")]
    [InlineData("one_file.zip", "Read as comma-separated UTF-8 (zip); columns: id ← PassengerId, survived ← Survived, class ← Pclass, name ← Name, sex ← Sex, age ← Age, fare ← Fare.")]
    public async Task Describes_how_the_file_was_read(string file, string expected)
    {
        await using var dataset = Open(file, CsvReadOptions.Detect);
        var reader = await dataset.ReadPassengersAsync(DateTimeOffset.UnixEpoch, Cancellation);
        await reader.RowsAsync(Cancellation).LastAsync(Cancellation);

        Assert.Equal(expected, reader.Input!.ToString());
        Assert.Equal(64, dataset.Sha256.Length);
    }

    [Theory]
    [InlineData("seaborn.csv")]
    [InlineData("minimal.csv")]
    public async Task Keys_of_rows_without_an_id_do_not_depend_on_the_order(string file)
    {
        var lines = await File.ReadAllLinesAsync(PathOf(file), Cancellation);
        var reordered = await PassengerListResult.Of(string.Join('\n', [lines[0], .. lines[1..].Reverse()]));
        var keys = (await Read(file)).Cast<AcceptedRow>().Select(row => row.Passenger.SourceKey).ToList();

        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.Equal(keys.Order(), reordered.Accepted.Select(row => row.Passenger.SourceKey).Order());
        Assert.All(keys, key => Assert.Matches("^row-[0-9a-f]{16}$", key));
    }

    [Theory]
    [InlineData("latin-1", null, null, "The encoding is \"latin-1\"; it must be utf-8, utf-16 or windows-1252.")]
    [InlineData(null, "|", null, "The delimiter is \"|\"; it must be comma, semicolon or tab.")]
    [InlineData(null, null, "class:Klasse", "The parameter columns is \"class:Klasse\"; it must be field:column")]
    [InlineData(null, null, "age:a,age:b", "The parameter columns is \"age:a,age:b\"; it must be field:column")]
    public void Rejects_options_that_are_not_valid(string? encoding, string? delimiter, string? columns, string message) =>
        Assert.StartsWith(message, CsvReadOptions.Parse(encoding, delimiter, columns).Problem, StringComparison.Ordinal);

    [Fact]
    public void Reads_names_of_columns_with_commas_and_colons() => Assert.Equal(
        new Dictionary<string, string?> { ["pclass"] = "a, b: c", ["sex"] = "d", ["age"] = null },
        CsvReadOptions.Parse(null, null, "pclass:a, b: c, sex:d,age:").Options!.Columns);

    [Theory]
    [InlineData("gzip.csv.gz")]
    [InlineData("one_file.zip")]
    public async Task Limits_the_decompressed_size(string file)
    {
        var options = new PassengersOptions { MaximumFileSizeInBytes = new FileInfo(PathOf(file)).Length };
        var text = new string(' ', 100_000);
        await using var bomb = new MemoryStream();
        if (file.EndsWith(".gz", StringComparison.Ordinal))
        {
            await using var gzip = new System.IO.Compression.GZipStream(bomb, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true);
            await gzip.WriteAsync(System.Text.Encoding.UTF8.GetBytes("Pclass,Sex\n" + text), Cancellation);
        }
        else
        {
            await using var zip = new System.IO.Compression.ZipArchive(bomb, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true);
            await using var entry = await zip.CreateEntry("a.csv").OpenAsync(Cancellation);
            await entry.WriteAsync(System.Text.Encoding.UTF8.GetBytes("Pclass,Sex\n" + text), Cancellation);
        }
        bomb.Position = 0;
        options.MaximumFileSizeInBytes = bomb.Length + 10_000;
        await using var dataset = Source(options).OpenUpload(bomb, "the upload");

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => dataset.ReadPassengersAsync(DateTimeOffset.UnixEpoch, Cancellation));

        Assert.StartsWith("The decompressed file is larger than", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<List<PassengerRow>> Read(string file, CsvReadOptions? read = null)
    {
        await using var dataset = Open(file, read ?? CsvReadOptions.Detect);
        var reader = await dataset.ReadPassengersAsync(DateTimeOffset.UnixEpoch, Cancellation);
        return await reader.RowsAsync(Cancellation).ToListAsync(Cancellation);
    }

    private static Dataset Open(string file, CsvReadOptions read) => Source(new PassengersOptions()).OpenUpload(
        new ChunkedStream(File.ReadAllBytes(PathOf(file)), seed: 1912, maximumChunk: 7), "the upload",
        file.EndsWith(".json", StringComparison.Ordinal) ? DatasetFormat.Json : DatasetFormat.Csv, read);

    private static DatasetSource Source(PassengersOptions options) => new(new BundledDataset(), null!, Options.Create(options));

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Passengers", "Cases", file);

    private static string Describe(Passenger passenger)
    {
        var survived = passenger.Survived switch
        {
            null => "?",
            true => "1",
            false => "0",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(passenger.SourceKey.StartsWith("row-", StringComparison.Ordinal) ? "row-*" : passenger.SourceKey)} {passenger.Name ?? "-"} {passenger.Pclass} {SexConverter.Format(passenger.Sex)} {passenger.AgeInYears?.ToString(CultureInfo.InvariantCulture) ?? "?"} {passenger.FareInPounds?.ToString(CultureInfo.InvariantCulture) ?? "?"} {survived}");
    }
}
