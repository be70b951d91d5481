using System.Globalization;
using System.Text;
using Parquet;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using static Titanic.Web.Tests.FeatureStore.TrainingDatasetHelpers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class TrainingDatasetExportTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    public static TheoryData<string> Views => [.. TrainingViews.All.Select(view => view.Schema.Name)];

    [Fact]
    public async Task Writes_a_CSV_file_with_a_header_and_one_line_per_row()
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, new Passenger("9", "Anna", 2, Sex.Female, 5, 30, true), new Passenger("10", "Bert", 3, Sex.Male, null, null, false));

        Assert.Equal(
            "source,source_key,pclass,sex,age_group,fare_band,survived,held_out,fold,person_key\ntitanic3,10,3,0,0,1,0,0,0,829719888408140209\ntitanic3,9,2,1,1,2,1,0,2,-4418309710976042166\n",
            Encoding.UTF8.GetString(await Csv(await Workflow.Create(Definition(1, share: 0)))));
        Assert.Equal(
            "source,source_key,pclass,sex,age,log_fare,survived,held_out,fold,person_key\ntitanic3,10,3,0,28,2.737880811,0,0,0,829719888408140209\ntitanic3,9,2,1,5,3.433987204,1,0,2,-4418309710976042166\n",
            Encoding.UTF8.GetString(await Csv(await Workflow.Create(Definition(1, share: 0, view: TrainingViews.Numeric)))));
    }

    /// <summary>Keys of other programs can be any text. Spreadsheets must not evaluate them, and readers must be able to restore them.</summary>
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@A1", "'@A1")]
    [InlineData("\t1", "'\t1")]
    [InlineData("\r1", "\"'\r1\"")]
    [InlineData("a=1", "a=1")]
    [InlineData("one, two", "\"one, two\"")]
    [InlineData("the \"first\"", "\"the \"\"first\"\"\"")]
    [InlineData("=a,\"b\"\nc", "\"'=a,\"\"b\"\"\nc\"")]
    public async Task Escapes_keys_against_formula_injection(string key, string cell)
    {
        var passenger = new Passenger(key, null, 1, Sex.Male, null, null, true);
        await Workflow.Ingest(PassengerSources.Api, Day, passenger);

        var csv = Encoding.UTF8.GetString(await Csv(await Workflow.Create(Definition(1, share: 0))));

        var person = PersonKey.Of(PassengerSources.Api, passenger);
        Assert.EndsWith($"\napi,{cell},1,0,0,1,1,0,{PersonSplit.FoldOf(person)},{person}\n", csv);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Writes_a_Parquet_file_with_the_rows(string view)
    {
        await Workflow.ImportAndTrain();
        var definition = Definition(1, view: TrainingViews.Get(view, 1));
        var rows = await Workflow.Rows(definition);
        var dataset = await Workflow.Create(definition);

        var file = await Parquet(dataset);
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file), cancellationToken: Cancellation);

        Assert.Equal(["source", "source_key", .. definition.View.Schema.FeatureNames, "survived", "held_out", "fold", "person_key"], reader.Schema.DataFields.Select(field => field.Name));
        Assert.Equal((dataset.Sha256, $"{view} v1"), (reader.CustomMetadata["sha256"], reader.CustomMetadata["view"]));
        Assert.Equal(rows.Select(Line), (await LinesOf(reader)));
    }

    /// <summary>Two formats and two writers must have the same rows.</summary>
    [Theory]
    [MemberData(nameof(Views))]
    public async Task CSV_and_Parquet_have_the_same_rows(string view)
    {
        await Workflow.ImportAndTrain();
        var dataset = await Workflow.Create(Definition(1, view: TrainingViews.Get(view, 1)));

        await using var parquet = await ParquetReader.CreateAsync(new MemoryStream(await Parquet(dataset)), cancellationToken: Cancellation);
        var csv = Encoding.UTF8.GetString(await Csv(dataset)).TrimEnd('\n').Split('\n');

        Assert.Equal(1 + 1309, csv.Length);
        Assert.Equal(csv.Skip(1), await LinesOf(parquet));
    }

    /// <summary>More rows than one Parquet row group, in two databases, written to a stream that allows asynchronous writes only.</summary>
    [Fact]
    public async Task Writes_the_same_bytes_for_the_same_rows_in_every_database()
    {
        Passenger[] passengers = [.. Enumerable.Range(1, 20_500).Select(i => new Passenger($"{i}", $"Name {i}", 1 + i % 3, (Sex)(i % 2), i % 80, i % 500, i % 3 == 0))];
        await using var database = await Postgres.CreateDatabase();
        await using var other = new TestWorkflow(database);
        await other.Ingest(PassengerSources.Api, Day, passengers[7]);
        var first = await Store(Workflow, passengers, 1);
        var second = await Store(other, passengers.Reverse().ToArray(), 2);

        Assert.Equal(await Csv(first), await Csv(second, other));
        var file = await Parquet(first);
        Assert.Equal(file, await Parquet(second, other));
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file), cancellationToken: Cancellation);
        Assert.Equal([20_000, 500], Enumerable.Range(0, reader.RowGroupCount).Select(group => reader.OpenRowGroupReader(group).RowCount));
    }

    [Fact]
    public async Task Throws_if_rows_were_changed_without_a_commit()
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, new Passenger("9", "Anna", 2, Sex.Female, 5, 30, true));
        var dataset = await Workflow.Create(Definition(1));
        await Workflow.Execute("update outcomes set survived = false");

        await Assert.ThrowsAsync<InvalidDataException>(() => Csv(dataset));
        await Assert.ThrowsAsync<InvalidDataException>(() => Parquet(dataset));
    }

    private static async Task<TrainingDataset> Store(TestWorkflow workflow, Passenger[] passengers, long commit)
    {
        await workflow.Ingest(PassengerSources.Upload, Day, passengers);
        return await workflow.Create(Definition(commit, sources: [PassengerSources.Upload]));
    }

    private Task<byte[]> Csv(TrainingDataset dataset, TestWorkflow? workflow = null) => Write(workflow ?? Workflow, (export, output) => export.WriteCsv(dataset, output, Cancellation));

    private Task<byte[]> Parquet(TrainingDataset dataset, TestWorkflow? workflow = null) => Write(workflow ?? Workflow, (export, output) => export.WriteParquet(dataset, output, Cancellation));

    private static Task<byte[]> Write(TestWorkflow workflow, Func<TrainingDatasetExport, Stream, Task> write) => workflow.InScope<TrainingDatasetExport, byte[]>(async export =>
    {
        using var body = new AsyncOnlyStream();
        await write(export, body);
        return body.Written;
    });

    private static string Line(TrainingRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{row.Source},{row.SourceKey},{string.Join(',', row.Features.Select(feature => feature.ToString(CultureInfo.InvariantCulture)))},{(row.Survived ? 1 : 0)},{(row.IsHeldOut ? 1 : 0)},{row.Fold},{row.PersonKey}");

    private static async Task<List<string>> LinesOf(ParquetReader reader)
    {
        var lines = new List<string>();
        for (var number = 0; number < reader.RowGroupCount; number++)
        {
            using var group = reader.OpenRowGroupReader(number);
            var columns = new List<string[]>();
            foreach (var field in reader.Schema.DataFields)
                columns.Add(await Values(group, field));
            lines.AddRange(Enumerable.Range(0, (int)group.RowCount).Select(row => string.Join(',', columns.Select(column => column[row]))));
        }
        return lines;
    }

    private static async Task<string[]> Values(ParquetRowGroupReader group, Parquet.Schema.DataField field)
    {
        var rows = (int)group.RowCount;
        if (field.ClrType == typeof(int))
            return await Read<int>(memory => group.ReadAsync<int>(field, memory, cancellationToken: Cancellation), number => number.ToString(CultureInfo.InvariantCulture));
        if (field.ClrType == typeof(long))
            return await Read<long>(memory => group.ReadAsync<long>(field, memory, cancellationToken: Cancellation), number => number.ToString(CultureInfo.InvariantCulture));
        if (field.ClrType == typeof(double))
            return await Read<double>(memory => group.ReadAsync<double>(field, memory, cancellationToken: Cancellation), number => number.ToString(CultureInfo.InvariantCulture));
        if (field.ClrType == typeof(bool))
            return await Read<bool>(memory => group.ReadAsync<bool>(field, memory, cancellationToken: Cancellation), yes => yes ? "1" : "0");
        return await Read<string?>(memory => group.ReadAsync(field, memory, cancellationToken: Cancellation), text => text!);

        async Task<string[]> Read<T>(Func<Memory<T>, ValueTask> read, Func<T, string> format)
        {
            var values = new T[rows];
            await read(values);
            return [.. values.Select(format)];
        }
    }
}
