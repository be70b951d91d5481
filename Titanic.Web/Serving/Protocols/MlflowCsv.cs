using System.Globalization;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>Questions as CSV with a header, by the same strict rules as passenger lists.</summary>
internal static class MlflowCsv
{
    private static readonly CsvLayout _layout = new(
        [.. QuestionFields.Required.Select(QuestionFields.Name)], [.. QuestionFields.All.Except(QuestionFields.Required).Select(QuestionFields.Name)], "question");

    /// <exception cref="RefusedRequestException">It is no such CSV, or a question cannot be understood.</exception>
    public static async Task<IReadOnlyList<PassengerInput>> Questions(Stream body, PassengersOptions options, CancellationToken cancellation)
    {
        try
        {
            return await Read(await CsvFile.OpenAsync(body, _layout, options, cancellation), cancellation);
        }
        catch (PassengerFileException damaged)
        {
            throw new RefusedRequestException(damaged.Message);
        }
    }

    private static async Task<IReadOnlyList<PassengerInput>> Read(CsvFile file, CancellationToken cancellation)
    {
        var columns = QuestionFields.All.Select(field => (Field: field, Place: file.Header.Find(field.Name()))).Where(column => column.Place != CsvHeader.Absent).ToList();
        var lines = new List<long>();
        var rows = new QuestionRows((row, field) => string.Create(CultureInfo.InvariantCulture, $"Line {lines[row]}, {field.Name()}"));
        var validator = new RowValidator();
        await foreach (var line in file.LinesAsync(cancellation))
        {
            QuestionRows.RequireCount(rows.Add() + 1);
            lines.Add(line);
            validator.Begin(line, file.Record.GetRawRecordSpan());
            if (!file.CellsAreCertain(validator, line) || !validator.IsValid)
                throw new RefusedRequestException(string.Create(CultureInfo.InvariantCulture, $"Line {line}: {validator.Problems()[0].Sentence}"));
            foreach (var (field, place) in columns)
                rows.Put(lines.Count - 1, field, file.Record.GetFieldSpan(place));
        }
        return rows.Questions();
    }
}
